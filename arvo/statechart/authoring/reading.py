"""What the code of a function says without being called: which objects it writes down, and who gets them.

It reads bytecode, so it needs no source, and it reads only what cannot mean anything else: a display such as
`{"type": "com.bank.charge", ...}` whose keys and values are constants. What it cannot read it leaves out.
"""

from __future__ import annotations

import dis
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import CodeType, FunctionType, MethodType
from typing import Any, Final

_PUSHES = ("PUSH_NULL", "PRECALL")
_RETURNS = ("RETURN_VALUE", "RETURN_CONST")
_TEXT_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD", "LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF")


class _Unread(Enum):
    """A value that the code computes."""

    UNREAD = "unread"


UNREAD: Final = _Unread.UNREAD


@dataclass(frozen=True, slots=True)
class Written:
    """An object that a function writes down.

    Attributes:
        fields: Its values by key; `UNREAD` where a value is computed.
        taker: Name of the function or method whose first argument it is, or None.
        returned: Whether it is what the function returns.
    """

    fields: Mapping[str, Any]
    taker: str | None
    returned: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What the code of a function says.

    Attributes:
        readable: False if it has no code to be read: nothing is known of it.
        written: The objects that it writes down, in order.
        texts: Texts that it mentions: constants, of its own, of its closure and of its module.
        names: How often it loads an attribute, a global or a name of its closure.
        returns: In how many places it returns.
        called: What it calls last in its only place of return, resolved; `UNREAD` if that is nothing known.
        values: What else its names stand for: members of its module, and of its closure.
    """

    readable: bool
    written: tuple[Written, ...] = ()
    texts: frozenset[str] = frozenset()
    names: Mapping[str, int] = field(default_factory=dict)
    returns: int = 0
    called: Any = UNREAD
    values: tuple[Any, ...] = ()

    @property
    def returned(self) -> Mapping[str, Any] | None:
        """The object that it returns, if it writes down the same one wherever it returns."""
        found = [one.fields for one in self.written if one.returned]
        return found[0] if found and self.returns == len(found) and all(one == found[0] for one in found) else None


def read(function: Callable[..., Any]) -> Reading:
    """Read the code of a function, and of those inside it."""
    plain = function.__func__ if isinstance(function, MethodType) else function
    if type(plain) is not FunctionType or hasattr(plain, "__wrapped__"):
        return Reading(readable=False)
    known = _Known(plain)
    own = _Code(plain.__code__, known)
    parts = [own, *(_Code(code, known) for code in _inside(plain.__code__))]
    return Reading(
        readable=True,
        written=tuple(one for part in parts for one in part.written(own is part)),
        texts=frozenset(text for part in parts for text in part.texts()),
        names=sum((part.names() for part in parts), Counter()),
        returns=own.returns(),
        called=own.called(),
        values=tuple(value for part in parts for value in part.values()),
    )


def escapes(function: Callable[..., Any], parameter: str) -> bool:
    """Whether a function may hand a parameter on, instead of only calling it and what it has."""
    plain = function.__func__ if isinstance(function, MethodType) else function
    if type(plain) is not FunctionType:
        return True
    codes = [plain.__code__, *_inside(plain.__code__)]
    return any(_hands_on(code, parameter) for code in codes)


def _hands_on(code: CodeType, name: str) -> bool:
    """Whether a name is loaded where what is loaded is not at the head of a call or of an attribute."""
    instructions = list(dis.get_instructions(code))
    for index, one in enumerate(instructions):
        if isinstance(one.argval, tuple) and name in one.argval and "FAST" in one.opname:
            return True
        if one.argval != name or not one.opname.startswith("LOAD_") or one.opname in ("LOAD_CONST", "LOAD_ATTR"):
            continue
        if one.opname == "LOAD_CLOSURE" or (one.opname == "LOAD_FAST" and name in code.co_cellvars):
            continue  # for a function inside, which is looked at by itself
        head = _start(one)
        wider = (other for other in instructions[index + 1 :] if other.positions and _start(other) == head)
        if head is None or not any(_end(other) != _end(one) for other in wider):
            return True
    return False


class _Known:
    """What the names in a function stand for: those of its closure, and of its module."""

    def __init__(self, function: FunctionType) -> None:
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
        self._closure = {name: _content(cell) for name, cell in cells}
        self._globals = function.__globals__

    def value(self, one: dis.Instruction) -> Any:
        if one.opname == "LOAD_CONST":
            return one.argval
        if one.opname == "LOAD_DEREF":
            return self._closure.get(one.argval, UNREAD)
        return self._globals.get(one.argval, UNREAD) if one.opname == "LOAD_GLOBAL" else UNREAD


class _Code:
    """The instructions of one code object."""

    def __init__(self, code: CodeType, known: _Known) -> None:
        self._instructions = [one for one in dis.get_instructions(code) if one.opname != "EXTENDED_ARG"]
        self._known = known
        self._generates = bool(code.co_flags & (0x20 | 0x80 | 0x200))

    def written(self, outermost: bool) -> Iterator[Written]:
        for index, one in enumerate(self._instructions):
            if one.opname not in ("BUILD_CONST_KEY_MAP", "BUILD_MAP"):
                continue
            found = self._fields(index)
            if found is not None:
                fields, first = found
                yield Written(fields, self._taker(first), outermost and self._is_returned(index))

    def texts(self) -> Iterator[str]:
        for one in self._instructions:
            for value in one.argval if isinstance(one.argval, tuple) else (self._known.value(one),):
                if isinstance(value, str):
                    yield value

    def values(self) -> Iterator[Any]:
        for one in self._instructions:
            value = self._known.value(one) if one.opname != "LOAD_CONST" else UNREAD
            if value is not UNREAD and not isinstance(value, str):
                yield value

    def names(self) -> Counter[str]:
        return Counter(one.argval for one in self._instructions if one.opname in _TEXT_ATTRIBUTES)

    def returns(self) -> int:
        return sum(one.opname in _RETURNS for one in self._instructions)

    def called(self) -> Any:
        ends = [index for index, one in enumerate(self._instructions) if one.opname in _RETURNS]
        if len(ends) != 1 or self._generates:
            return UNREAD
        call = self._instructions[ends[0] - 1] if ends[0] else None
        if call is None or not call.opname.startswith("CALL"):
            return UNREAD
        # What begins where the call begins is its callee, and what is done to that before.
        head = [one for one in self._instructions if one is not call and _start(one) == _start(call)]
        known = [one for one in head if one.opname in ("LOAD_GLOBAL", "LOAD_DEREF")]
        others = [one for one in head if one.opname.startswith(("LOAD_ATTR", "LOAD_METHOD")) or _is_call_of(one, call)]
        return self._known.value(known[0]) if len(known) == 1 and not others else UNREAD

    def _is_returned(self, index: int) -> bool:
        following = self._instructions[index + 1 : index + 2]
        return not self._generates and bool(following) and following[0].opname == "RETURN_VALUE"

    def _taker(self, first: int) -> str | None:
        before = first - 1
        while before >= 0 and self._instructions[before].opname in _PUSHES:
            before -= 1
        one = self._instructions[before] if before >= 0 else None
        return str(one.argval) if one is not None and one.opname in _TEXT_ATTRIBUTES else None

    def _fields(self, index: int) -> tuple[dict[str, Any], int] | None:
        """Keys and values of the display that an instruction builds, and where it begins; None if unreadable."""
        one = self._instructions[index]
        count = int(one.arg or 0)
        if one.opname == "BUILD_MAP":
            spans = self._spans(index, 2 * count)
            if spans is None or not spans:
                return None
            keys = [self._value(span) for span in spans[::2]]
            values = [self._value(span) for span in spans[1::2]]
            return (_text_keys(keys, values), spans[0][0]) if all(isinstance(key, str) for key in keys) else None
        keys = list(self._instructions[index - 1].argval)
        if not all(isinstance(key, str) for key in keys):
            return None
        spans = self._spans(index - 1, count)
        if spans is not None:
            return _text_keys(keys, [self._value(span) for span in spans]), spans[0][0]
        first = self._first_in(index)
        if first is None:
            return None
        return _text_keys(keys, [self._alone(first, index), *[UNREAD] * (count - 1)]), first

    def _spans(self, end: int, count: int) -> list[tuple[int, int]] | None:
        """Where the instructions of the last `count` values before `end` begin and end; None if they branch."""
        spans: list[tuple[int, int]] = []
        while len(spans) < count:
            start, wanted = end, 1
            while wanted > 0:
                start -= 1
                if start < 0:
                    return None
                one = self._instructions[start]
                if one.opcode in dis.hasjrel or one.opcode in dis.hasjabs or one.is_jump_target:
                    return None
                wanted -= dis.stack_effect(one.opcode, one.arg if one.opcode >= dis.HAVE_ARGUMENT else None)
            if wanted < 0:
                return None
            spans.insert(0, (start, end))
            end = start
        return spans

    def _value(self, span: tuple[int, int]) -> Any:
        inside = self._instructions[slice(*span)]
        if len(inside) == 1:
            return self._constant(inside[0])
        if inside[-1].opname in ("BUILD_LIST", "BUILD_TUPLE") and len(inside) == (inside[-1].arg or 0) + 1:
            values = [self._constant(one) for one in inside[:-1]]
            return UNREAD if UNREAD in values else values
        return UNREAD

    def _first_in(self, index: int) -> int | None:
        """The first instruction of a display by its place in the source."""
        start, end = _start(self._instructions[index]), _end(self._instructions[index])
        if start is None or end is None:
            return None
        for position, one in enumerate(self._instructions[:index]):
            begins, ends = _start(one), _end(one)
            if begins is not None and ends is not None and begins > start and ends <= end:
                return position
        return None

    def _alone(self, first: int, index: int) -> Any:
        """The value of an instruction if nothing but the display is made of it."""
        start, end = _start(self._instructions[first]), _end(self._instructions[first])
        for one in self._instructions[first + 1 : index - 1]:
            begins, ends = _start(one), _end(one)
            if begins is None or ends is None or start is None or end is None:
                return UNREAD
            if begins <= start and ends >= end and (begins, ends) != _place(self._instructions[index]):
                return UNREAD
        return self._constant(self._instructions[first])

    def _constant(self, one: dis.Instruction) -> Any:
        """The value that an instruction loads, if it cannot be changed."""
        value = self._known.value(one)
        return value if value is None or isinstance(value, str | int | float) else UNREAD


def _is_call_of(one: dis.Instruction, call: dis.Instruction) -> bool:
    """Whether an instruction is a call of its own, inside another one."""
    return one.opname.startswith("CALL") and _end(one) != _end(call)


def _text_keys(keys: Sequence[Any], values: Sequence[Any]) -> dict[str, Any]:
    return {str(key): value for key, value in zip(keys, values, strict=True)}


def _inside(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _inside(constant)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return UNREAD


def _place(one: dis.Instruction) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    return _start(one), _end(one)


def _start(one: dis.Instruction) -> tuple[int, int] | None:
    place = one.positions
    if place is None or place.lineno is None or place.col_offset is None:
        return None
    return place.lineno, place.col_offset


def _end(one: dis.Instruction) -> tuple[int, int] | None:
    place = one.positions
    if place is None or place.end_lineno is None or place.end_col_offset is None:
        return None
    return place.end_lineno, place.end_col_offset
