"""Malformed definitions: each is refused with the path, the problem and the cure, all of them together."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel

from arvo import ConfigViolation, setup_arvo_machine
from arvo.statechart import (
    DefinitionError,
    DefinitionWarning,
    and_,
    assign,
    create_machine,
    enqueue_actions,
    initial_transition,
    raise_,
    state_in,
)
from tests.arvo.counting import CONTRACTS


class Bad(NamedTuple):
    config: Any
    path: str
    problem: str
    cure: str
    options: Mapping[str, Any] = MappingProxyType({})


NO_EVENT: Any = "T"


def two(a: Any = None, b: Any = None, **root: Any) -> dict[str, Any]:
    """A machine of two states, `a` and `b`."""
    return {"id": "m", "initial": "a", "states": {"a": a or {}, "b": b or {}}, **root}


def on(transition: Any) -> dict[str, Any]:
    return two({"on": {"E": transition}})


PARENT = {"initial": "c", "states": {"c": {}, "d": {}}}
PARALLEL = {"type": "parallel", "states": {"r": PARENT, "s": PARENT}}


class Order(BaseModel):
    total: int = 0


def shout(ctx: Any) -> None: ...


def slashed(context: Any, /) -> None: ...


CASES = {
    "no object at all": Bad([], "", "must be an object", "write {...}"),
    "unknown target": Bad(on("nope"), "states.a.on.E", "Child state 'nope' does not exist", "one of its states: a, b"),
    "unknown target, nearly right": Bad(
        two({"on": {"E": "shiped"}}, states={"a": {"on": {"E": "shiped"}}, "shipped": {}}),
        "states.a.on.E",
        "'shiped' does not exist",
        "write 'shipped'",
    ),
    "target in an object": Bad(on({"target": "nope"}), "states.a.on.E.target", "'nope' does not exist", "a, b"),
    "target in a list of transitions": Bad(
        on([{"target": "b"}, {"target": "nope"}]), "states.a.on.E[1].target", "'nope'", "a, b"
    ),
    "one of several targets": Bad(on({"target": ["b", "nope"]}), "states.a.on.E.target[1]", "'nope'", "a, b"),
    "target that lies elsewhere": Bad(
        two({"on": {"E": "d"}}, PARENT), "states.a.on.E", "'d' does not exist", "write '#m.b.d' to reach"
    ),
    "target by unknown id": Bad(on("#nope"), "states.a.on.E", "'#nope' does not exist", "\"id\": 'nope'"),
    "target by a misspelt id": Bad(
        two({"on": {"E": "#shiping"}}, {"id": "shipping"}), "states.a.on.E", "'#shiping'", "write '#shipping'"
    ),
    "target by a key with a dot": Bad(
        two(on={"E": ".v1.0"}, states={"a": {}, "v1.0": {}}), "on.E", "'v1' does not exist", r"write 'v1\\.0'"
    ),
    "target below a leaf": Bad(on("b.x"), "states.a.on.E", "'x' does not exist on 'm.b'", "its states: none"),
    "sibling target from the root": Bad(two(on={"E": "b"}), "on.E", "not a valid target from the root", '".b"'),
    "target of the wrong type": Bad(on({"target": 3}), "states.a.on.E.target", "3 is no target", "list of strings"),
    "targets that exclude each other": Bad(
        on({"target": ["a", "b"]}), "states.a.on.E.target", "cannot be active together", "different regions"
    ),
    "event type with dots": Bad(
        two({"on": {"order.paid": "nope"}}), 'states.a.on["order.paid"]', "'nope' does not exist", "a, b"
    ),
    "after with an unknown target": Bad(two({"after": {1000: "nope"}}), "states.a.after.1000", "'nope'", "a, b"),
    "duplicate id": Bad(two({"id": "x"}, {"id": "x"}), "states.b.id", "'x' is already that of states.a", "another"),
    "id of another state's path": Bad(two({"id": "m.b"}), "states.b", "already that of states.a", "another 'id'"),
    "id that is no text": Bad(two({"id": 3}), "states.a.id", "must be a non-empty string", "write a string"),
    "unknown action": Bad(two({"entry": "nope"}), "states.a.entry", "'nope' is not implemented", "actions={'nope'"),
    "unknown action, nearly right": Bad(
        two({"exit": ["shp"]}), "states.a.exit[0]", "'shp'", "write 'ship'", {"actions": {"ship": print}}
    ),
    "unknown action with params": Bad(
        on({"actions": {"type": "nope", "params": {}}}), "states.a.on.E.actions", "'nope'", "actions={'nope'"
    ),
    "unknown guard": Bad(on({"guard": "nope"}), "states.a.on.E.guard", "guard 'nope'", "guards={'nope'"),
    "unknown guard inside another": Bad(on({"guard": and_(["nope"])}), "states.a.on.E.guard", "'nope'", "guards="),
    "unknown delay": Bad(two({"after": {"nope": "b"}}), "states.a.after.nope", "delay 'nope'", "delays={'nope'"),
    "unknown delay of raise_": Bad(
        two({"entry": raise_({"type": "T"}, delay="nope")}), "states.a.entry", "delay 'nope'", "delays="
    ),
    "action that refers to itself": Bad(
        two({"entry": "x"}), "states.a.entry", "refers to itself", "of its own", {"actions": {"x": "y", "y": "x"}}
    ),
    "guard that refers to itself": Bad(
        on({"guard": "x"}), "states.a.on.E.guard", "refers to itself", "of its own", {"guards": {"x": and_(["x"])}}
    ),
    "misspelt key of a state": Bad(two({"entyr": []}), "states.a.entyr", "'entyr' means nothing", "write 'entry'"),
    "misspelt key of the machine": Bad(two(intial="a"), "intial", "means nothing", "write 'initial'"),
    "misspelt key of a transition": Bad(on({"gaurd": "x"}), "states.a.on.E.gaurd", "nothing", "write 'guard'"),
    "unknown key of an action": Bad(
        two({"entry": {"type": "x", "parms": {}}}),
        "states.a.entry.parms",
        "nothing",
        "write 'params'",
        {"actions": {"x": print}},
    ),
    "cond of XState 4": Bad(on({"cond": "x"}), "states.a.on.E.cond", "'cond' means nothing", "write 'guard'"),
    "internal of XState 4": Bad(on({"internal": False}), "states.a.on.E.internal", "nothing", "'reenter': True"),
    "data of XState 4": Bad(two({"type": "final", "data": 1}), "states.a.data", "nothing", "write 'output'"),
    "invoke": Bad(two({"invoke": {"src": "x"}}), "states.a.invoke", "actors are not part", "its contract"),
    "initial missing": Bad({"id": "m", "states": {"a": {}}}, "initial", "needs an initial", "children: 'a'"),
    "initial unknown": Bad(two(initial="c"), "initial", "'c' is no child", "children: 'a', 'b'"),
    "initial below a child": Bad(two(PARENT, initial="a.c"), "initial", "'a.c' is no child", "'a', 'b'"),
    "initial of the wrong type": Bad(two(initial=3), "initial", "3 is no child", "'a', 'b'"),
    "initial of a state without children": Bad(two({"initial": "x"}), "states.a.initial", "'x' is no child", "add"),
    "initial of a parallel state, unknown": Bad(two({**PARALLEL, "initial": "x"}), "states.a.initial", "'x'", "add"),
    "initial object without target": Bad(two(initial={"actions": []}), "initial.target", "needs an initial", "'a'"),
    "history as the root": Bad({"id": "m", "type": "history"}, "", "root cannot be a history", "compound or parallel"),
    "history with an unknown default": Bad(
        two({"initial": "c", "states": {"c": {}, "h": {"type": "history", "target": "x"}}}),
        "states.a.states.h.target",
        "'x' does not exist on 'm.a'",
        "its states: c, h",
    ),
    "history with a default outside": Bad(
        two({"initial": "c", "states": {"c": {}, "h": {"type": "history", "target": "#m.b"}}}),
        "states.a.states.h.target",
        "does not lie inside 'm.a'",
        "from 'a' downwards",
    ),
    "history that leads to itself": Bad(
        two({"initial": "h", "states": {"c": {}, "h": {"type": "history"}}}),
        "states.a.states.h",
        "leads back to itself",
        "a default 'target'",
    ),
    "unknown kind of history": Bad(
        two({"initial": "c", "states": {"c": {}, "h": {"type": "history", "history": "dep"}}}),
        "states.a.states.h.history",
        "'dep' is no kind",
        "'deep'",
    ),
    "final state with transitions": Bad(
        two({"type": "final", "on": {"E": "b"}}), "states.a.on", "type final", "drop 'type': 'final'"
    ),
    "final state with a timer": Bad(two({"type": "final", "after": {1: "b"}}), "states.a.after", "final", "never left"),
    "unknown type": Bad(two({"type": "paralel"}), "states.a.type", "'paralel' is no type", "'parallel'"),
    "final state of the machine with always": Bad(
        two({"type": "final", "always": "b"}), "states.a.always", "ends the machine", "never left"
    ),
    "final machine with transitions": Bad(
        {"id": "m", "type": "final", "on": {"E": {}}}, "on", "ends the machine", "left"
    ),
    "onDone of a final state": Bad(
        two({"type": "final", "onDone": "b"}), "states.a.onDone", "comes to an end", "final"
    ),
    "actor without a source": Bad(two({"invoke": {}}), "states.a.invoke", "actors are not part", "its contract"),
    "actor of the machine": Bad(two(invoke=[{"src": "x"}]), "invoke", "actors are not part", "its contract"),
    "options as a number": Bad(two(options=3), "options", "must be an object", "write {...}"),
    "misspelt option": Bad(two(options={"maxIteration": 3}), "options.maxIteration", "nothing", "'maxIterations'"),
    "no limit of microsteps": Bad(
        two(options={"maxIterations": float("inf")}), "options.maxIterations", "inf is no number", "an integer"
    ),
    "limit of no microsteps": Bad(two(), "max_microsteps", "0 is no number", "from 1", {"max_microsteps": 0}),
    "onDone of a state without children": Bad(two({"onDone": "b"}), "states.a.onDone", "atomic", "add 'states'"),
    "states as a list": Bad({"id": "m", "states": ["a"]}, "states", "'states' must be an object", "write {...}"),
    "state as text": Bad(two("soon"), "states.a", "state 'a' must be an object", "write {...}"),
    "on as a list": Bad(two({"on": ["E"]}), "states.a.on", "'on' must be an object", "write {...}"),
    "transition as a number": Bad(on(3), "states.a.on.E", "a transition must be an object", "write {...}"),
    "empty event type": Bad(two({"on": {"": "b"}}), 'states.a.on[""]', "no event type", "'always'"),
    "action as a number": Bad(two({"entry": 3}), "states.a.entry", "3 is no action", "a name"),
    "guard as a number": Bad(on({"guard": 3}), "states.a.on.E.guard", "3 is no guard", "a name"),
    "reenter as text": Bad(on({"reenter": "yes"}), "states.a.on.E.reenter", "no boolean", "True or False"),
    "tags as a number": Bad(two({"tags": 3}), "states.a.tags", "tags must be strings", '"tag"'),
    "delay in the past": Bad(two({"after": {-5: "b"}}), "states.a.after.-5", "in the past", "milliseconds from 0"),
    "text in a list of delayed transitions": Bad(
        two({"after": {5: ["b"]}}), "states.a.after.5[0]", "drops the target 'b'", "{\"target\": 'b'}"
    ),
    "callable with an unknown parameter": Bad(
        two({"entry": shout}), "states.a.entry", "shout asks for 'ctx'", "write 'context' instead"
    ),
    "callable with positional parameters only": Bad(
        two({"entry": slashed}), "states.a.entry", "asks for 'context'", "drop the '/'"
    ),
    "collector with an unknown parameter": Bad(
        two({"entry": enqueue_actions(lambda enqeue: None)}), "states.a.entry", "'enqeue'", "write 'enqueue'"
    ),
    "raise_ of text": Bad(two({"entry": raise_(NO_EVENT)}), "states.a.entry", "'T' is no event", "{\"type\": 'T'}"),
    "state_in of an unknown id": Bad(on({"guard": state_in("#x")}), "states.a.on.E.guard", "'#x'", "\"id\": 'x'"),
    "context of the wrong type": Bad(two(context=3), "context", "3 is no context", "a callable"),
    "context factory with an unknown parameter": Bad(
        two(context=lambda inputs: {}), "context", "asks for 'inputs'", "write 'input'"
    ),
    "assign to a field that the model lacks": Bad(
        two({"entry": assign({"totl": 1})}, context=Order()), "states.a.entry", "no field 'totl'", "write 'total'"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_says_where_what_and_how_to_cure_it(name: str) -> None:
    bad = CASES[name]
    with pytest.raises(DefinitionError) as caught:
        create_machine(bad.config, **bad.options)
    found = [
        problem
        for problem in caught.value.problems
        if problem.path == bad.path and bad.problem in problem.problem and bad.cure in problem.cure
    ]
    assert found, str(caught.value)


def test_reports_all_problems_together() -> None:
    with pytest.raises(DefinitionError) as caught:
        create_machine(
            {
                "id": "order",
                "initial": "new",
                "states": {
                    "new": {"on": {"PAY": {"target": "payed", "guard": "enough", "actions": "chrge"}}},
                    "paid": {"type": "final"},
                },
            },
            actions={"charge": print},
        )
    assert str(caught.value) == (
        "The definition of machine 'order' has 3 problems:\n"
        "  states.new.on.PAY.guard: guard 'enough' is not implemented\n"
        "    -> pass it: create_machine(..., guards={'enough': ...})\n"
        "  states.new.on.PAY.target: Child state 'payed' does not exist on 'order'\n"
        "    -> write 'paid'\n"
        "  states.new.on.PAY.actions: action 'chrge' is not implemented\n"
        "    -> write 'charge', or pass it: create_machine(..., actions={'chrge': ...})"
    )


IGNORED = {
    "initial of a parallel state": Bad(two({**PARALLEL, "initial": "r"}), "states.a.initial", "no use", "all regions"),
    "initial of an atomic state": Bad(
        two({"type": "atomic", "initial": "c", "states": {"c": {}}}), "states.a.initial", "no use", "leave out the type"
    ),
    "children of an atomic state": Bad(
        two({"type": "atomic", "states": {"c": {}}}), "states.a.states", "no use", "type"
    ),
    "children of a final state": Bad(two({"type": "final", **PARENT}), "states.a.states", "no use", "'final'"),
    "initial of a final state": Bad(two({"type": "final", **PARENT}), "states.a.initial", "no use", "'final'"),
    "history in a parallel state without a default": Bad(
        two({"type": "parallel", "states": {"r": {}, "h": {"type": "history"}}}),
        "states.a.states.h",
        "leads nowhere",
        "default 'target'",
    ),
    "history of a state that is none": Bad(two({"history": "deep", **PARENT}), "states.a.history", "only", "'history'"),
    "target of a state that is no history": Bad(two({"target": "b"}), "states.a.target", "only", "'history'"),
    "output of a state that is not final": Bad(two({"output": 1}), "states.a.output", "only final", "final state"),
    **{
        f"{key} of a history state": Bad(
            two({"initial": "c", "states": {"c": {}, "h": {"type": "history", key: value}}}),
            f"states.a.states.h.{key}",
            f"no use for {key!r}",
            "never active",
        )
        for key, value in {"on": {"E": "c"}, "entry": print, "exit": print, "always": "c", "tags": "t"}.items()
    },
}


@pytest.mark.parametrize("name", IGNORED)
def test_warns_of_what_xstate_ignores(name: str) -> None:
    bad = IGNORED[name]
    with pytest.warns(DefinitionWarning) as warned:
        machine = create_machine(bad.config)
    said = [
        one for one in warned if isinstance(one.message, DefinitionWarning) and one.message.problem.path == bad.path
    ]
    (told,) = said
    assert told.filename == __file__
    assert bad.problem in str(told.message)
    assert bad.cure in str(told.message)
    assert str(pickle.loads(pickle.dumps(told.message))) == str(told.message)
    initial_transition(machine)
    with warnings.catch_warnings(action="error"):
        create_machine(bad.config, strict=False)


def test_a_warning_points_at_the_line_that_made_a_machine_of_arvo() -> None:
    setup = setup_arvo_machine(contracts=CONTRACTS)
    with pytest.warns(DefinitionWarning, match=r"states\.a\.initial") as warned:
        setup.create_machine(two({**PARALLEL, "initial": "r"}))
    assert [one.filename for one in warned] == [__file__]


def test_says_nothing_of_what_xstate_runs() -> None:
    inner = {"initial": "f", "states": {"f": {"type": "final", "on": {"E": "g"}, "always": {"actions": []}}, "g": {}}}
    with warnings.catch_warnings(action="error"):
        create_machine(two(inner))
        create_machine(two({"type": "parallel"}))
        create_machine({"id": "m", "type": "parallel", "states": {"f": {"type": "final", "on": {"E": {}}}, "g": {}}})
        create_machine(two({"invoke": []}, invoke=[]))


TOLERATED = {
    "misspelt key": two({"entyr": []}),
    "unknown action": two({"entry": "nope"}),
    "unknown guard": on({"guard": "nope"}),
    "final state with transitions": two({"type": "final", "on": {"E": "b"}}),
}


@pytest.mark.parametrize("name", TOLERATED)
def test_accepts_what_xstate_tolerates_if_asked_to(name: str) -> None:
    with pytest.raises(DefinitionError):
        create_machine(TOLERATED[name])
    create_machine(TOLERATED[name], strict=False)


HALF = "a\ud800"


@pytest.mark.parametrize(
    ("config", "path"),
    [
        (two(id=HALF), "id"),
        (two(description="\udc00 first"), "description"),
        (two({"description": HALF}), "states.a.description"),
        (two({"tags": ["x", HALF]}), "states.a.tags[1]"),
        (two({"meta": {"deep": [{HALF: 1}]}}), r'states.a.meta.deep[0]["a\ud800"]'),
        (two(context={"name": HALF}), "context.name"),
        (two({"on": {HALF: "b"}}), r'states.a.on["a\ud800"]'),
        ({"id": "m", "initial": "b", "states": {"b": {}, HALF: {}}}, r'states["a\ud800"]'),
        (on({"target": "b", "actions": {"type": "say", "params": (HALF,)}}), "states.a.on.E.actions.params[0]"),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_no_text_holds_half_of_a_surrogate_pair_as_no_record_could_be_written(
    config: dict[str, Any], path: str, strict: bool
) -> None:
    with pytest.raises(DefinitionError) as caught:
        create_machine(config, strict=strict, actions={"say": lambda: None})
    found = [(problem.path, problem.problem) for problem in caught.value.problems]
    assert found == [(path, "it holds half of a surrogate pair, which UTF-8 cannot carry")]
    assert str(caught.value).encode()


def test_what_is_malformed_beside_half_of_a_surrogate_pair_is_told_in_words_that_can_be_printed() -> None:
    setup = setup_arvo_machine(contracts=CONTRACTS)
    for wrong in ({"version": HALF}, {"states": {HALF: {"invoke": {"src": "x"}}}}):
        with pytest.raises(ConfigViolation) as caught:
            setup.create_machine({"id": "m", **wrong})
        assert str(caught.value).encode()


def test_whole_pairs_and_a_definition_that_holds_itself_pass_the_check() -> None:
    meta: dict[str, Any] = {"smile": "\U0001f600"}
    meta["again"] = meta
    assert create_machine(two({"meta": meta, "description": "\u202eevil"})).id == "m"


@pytest.mark.parametrize(("levels", "is_refused"), [(100, False), (101, True), (5_000, True)])
def test_states_are_nested_no_deeper_than_what_can_be_written(levels: int, is_refused: bool) -> None:
    state: dict[str, Any] = {}
    for _ in range(levels):
        state = {"initial": "s", "states": {"s": state}}
    setup = setup_arvo_machine(contracts=CONTRACTS)
    if is_refused:
        with pytest.raises(ConfigViolation, match="nested deeper than 100 levels"):
            setup.create_machine({"id": "m", **state})
    else:
        assert setup.create_machine({"id": "m", **state}).definition.count('"states"') == levels
