"""Processing events from outside: whatever they hold, there is an answer or a violation, and soon."""

from __future__ import annotations

import base64
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arvo import ArvoDomain, ArvoEvent, ConfigViolation, ContractViolation, ExecutionViolation, ViolationError
from arvo.events.domain import resolve_event_domain
from arvo.events.event_id import parse_arvo_event_id
from arvo.surroundings import Surroundings, use
from tests.arvo.counting import add_handler, answer, count_orchestrator, start

SECONDS = 4.0
MEGABYTES = 100
ORCHESTRATOR = count_orchestrator()
HANDLER = add_handler()


def bomb(megabytes: int = 200) -> str:
    """Text that inflates to so many megabytes of blanks."""
    engine = zlib.compressobj(9)
    blanks = b" " * 1_000_000
    return base64.b64encode(b"".join(engine.compress(blanks) for _ in range(megabytes)) + engine.flush()).decode()


BOMB = bomb()
LONG_VERSION = f"{'1' * 1_000_000}.0.0"
INIT = start()
REQUEST = ORCHESTRATOR.step(INIT, None).events[0]


def changed(event: ArvoEvent, **fields: Any) -> ArvoEvent:
    return ArvoEvent.from_json({**event.to_json(), **fields})


def init_with(**data: Any) -> ArvoEvent:
    return changed(INIT, data={"parentSubject$$": None, "goal": 1, **data})


@pytest.fixture
def bounded() -> Iterator[None]:
    """Fail a test that takes long or much memory."""
    tracemalloc.start()
    started = time.process_time()
    yield
    seconds, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < SECONDS
    assert peak < MEGABYTES * 1_000_000


REFUSED_BY_THE_ORCHESTRATOR: dict[str, tuple[Callable[[], ArvoEvent], type[ViolationError]]] = {
    "a subject that is a bomb": (lambda: changed(INIT, subject=BOMB), ExecutionViolation),
    "a subject of megabytes": (lambda: changed(INIT, subject="A" * 3_000_000), ExecutionViolation),
    "a version of a megabyte": (lambda: changed(INIT, dataschema=f"#/test/count/{LONG_VERSION}"), ContractViolation),
    "a megabyte of digits": (lambda: init_with(goal="1" * 1_000_000), ContractViolation),
    "half a million numbers": (lambda: init_with(goal=[1] * 500_000), ContractViolation),
    "another kind of event": (lambda: changed(INIT, type=f"com.{'a' * 1_000_000}.b"), ConfigViolation),
}


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("case", REFUSED_BY_THE_ORCHESTRATOR)
async def test_an_orchestrator_refuses(case: str) -> None:
    make, violation = REFUSED_BY_THE_ORCHESTRATOR[case]
    record = None if case != "another kind of event" else ORCHESTRATOR.step(INIT, None).record
    with pytest.raises(violation):
        ORCHESTRATOR.step(make(), record)


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize(
    "event",
    [
        init_with(**{"parentSubject$$": BOMB}),
        init_with(goal=10**300),
        init_with(**{f"key{number}": number for number in range(100_000)}),
        changed(INIT, traceparent="x" * 100_000, tracestate="\u0000"),
        changed(INIT, id="\u202e" * 100_000),
    ],
    ids=["a parent that is a bomb", "a huge integer", "many keys", "no trace", "a long id"],
)
def test_an_orchestrator_takes_what_its_contract_allows(event: ArvoEvent) -> None:
    assert ORCHESTRATOR.step(event, None).error is None


REFUSED_BY_THE_HANDLER: dict[str, tuple[Callable[[], ArvoEvent], type[ViolationError]]] = {
    "a version of a megabyte": (lambda: changed(REQUEST, dataschema=f"#/test/add/{LONG_VERSION}"), ConfigViolation),
    "many keys, and none that is needed": (
        lambda: changed(REQUEST, data={f"key{number}": [] for number in range(30_000)}),
        ContractViolation,
    ),
    "another kind of event": (lambda: changed(REQUEST, type=f"com.{'a' * 1_000_000}.b"), ConfigViolation),
}


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("case", REFUSED_BY_THE_HANDLER)
async def test_a_handler_refuses(case: str) -> None:
    make, violation = REFUSED_BY_THE_HANDLER[case]
    event = make()
    with pytest.raises(violation):
        await HANDLER.execute(event)


@pytest.mark.usefixtures("bounded")
async def test_a_handler_does_not_read_the_subject() -> None:
    (produced,) = (await HANDLER.execute(changed(REQUEST, subject=BOMB))).events
    assert produced.subject == BOMB


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("symbol", [ArvoDomain.FROM_CURRENT_SUBJECT, ArvoDomain.ORCHESTRATION_CONTEXT])
def test_a_domain_is_not_looked_for_in_a_bomb(symbol: str) -> None:
    event = changed(REQUEST, subject=BOMB)
    domain = resolve_event_domain(
        symbol,
        self_contract=None,
        event_contract=None,
        triggering_event=event,
        current_subject=event.subject,
        parent_subject=BOMB,
    )
    assert domain is None


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("text", [BOMB, "A" * 4_000_000, base64.b64encode(zlib.compress(b"[" * 60_000)).decode(), ""])
def test_an_event_id_that_carries_nothing_readable_is_an_id(text: str) -> None:
    assert parse_arvo_event_id(text) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([INIT.type, "evt.number.add.success", "sys.com.number.add.error", "com.a.b"]),
        "data": st.dictionaries(st.sampled_from(["goal", "sum", "parentSubject$$", "x"]), json_values),
        "dataschema": st.sampled_from([INIT.dataschema, "#/test/add/1.0.0", "#/test/add/0.0.0", None, "x"]),
        "subject": st.sampled_from([INIT.subject, REQUEST.subject, "x"]),
        "redirectto": st.sampled_from([None, "com.a.b"]),
        "domain": st.sampled_from([None, "a.b", "domain.orchestration.context"]),
        "parentid": st.sampled_from([None, REQUEST.id]),
    },
)


@given(fields, st.booleans())
def test_any_event_is_consumed_or_violates_a_rule(patch: dict[str, Any], started: bool) -> None:
    record = ORCHESTRATOR.step(INIT, None).record if started else None
    event = changed(answer(REQUEST, 1) if started else INIT, **patch)
    with use(Surroundings(now=lambda: datetime(2026, 1, 1, tzinfo=UTC))):
        try:
            step = ORCHESTRATOR.step(event, record)
        except ViolationError:
            return
        assert step.error is None
        assert step == ORCHESTRATOR.step(event, record)
