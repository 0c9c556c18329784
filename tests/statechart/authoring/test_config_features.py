"""What a config can say, in Python: references, callables by parameter name, the questions a snapshot answers."""

from __future__ import annotations

import functools
import json
import logging
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from arvo.statechart import (
    ActionError,
    Emit,
    EventError,
    GuardError,
    Schedule,
    and_,
    assign,
    create_machine,
    emit,
    enqueue_actions,
    initial_transition,
    log,
    not_,
    or_,
    raise_,
    state_in,
    transition,
)


class Count(BaseModel):
    n: int


def run(config: dict[str, Any], *events: Any, input: Any = None, **options: Any) -> Any:
    machine = create_machine(config, **options)
    snapshot, effects = initial_transition(machine, input)
    for event in events:
        snapshot, effects = transition(machine, snapshot, {"type": event} if isinstance(event, str) else event)
    return snapshot, effects


def on(transition: Any, **root: Any) -> dict[str, Any]:
    return {"id": "m", "initial": "a", "context": {"n": 2}, "states": {"a": {"on": {"E": transition}}, "b": {}}, **root}


class Above:
    """A guard as an object."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, context: dict[str, Any]) -> bool:
        return bool(context["n"] > self.limit)

    def method(self, context: dict[str, Any], event: Any, params: Any) -> bool:
        return bool(context["n"] > self.limit)


def by_default(context: dict[str, Any], limit: int = 1) -> bool:
    return bool(context["n"] > limit)


@pytest.mark.parametrize(
    ("guard", "passes"),
    [
        ("above_one", True),
        ({"type": "above", "params": {"limit": 1}}, True),
        ({"type": "above", "params": {"limit": 2}}, False),
        ({"type": "above", "params": lambda context: {"limit": context["n"]}}, False),
        (lambda context: context["n"] == 2, True),
        (lambda *, event, context: event["type"] == "E", True),
        (lambda event, context: event["type"] == "E" and context["n"] == 2, True),
        (lambda **everything: everything["context"]["n"] > 2, False),
        (lambda: True, True),
        (Above(1), True),
        (Above(2).method, False),
        (functools.partial(by_default, limit=2), False),
        (by_default, True),
        (and_(["above_one", lambda: True]), True),
        (or_([not_("above_one"), {"type": "above", "params": {"limit": 0}}]), True),
        (not_(and_(["above_one", or_([])])), True),
        (state_in("a"), True),
        (state_in("#m.b"), False),
        ("alias", True),
    ],
)
def test_guards_are_named_parameterised_inline_or_combined(guard: Any, passes: bool) -> None:
    guards = {
        "above_one": lambda context: context["n"] > 1,
        "above": lambda context, params: context["n"] > params["limit"],
        "alias": {"type": "above", "params": {"limit": 1}},
    }
    snapshot, _ = run(on({"target": "b", "guard": guard}), "E", guards=guards)
    assert snapshot.value == ("b" if passes else "a")


@pytest.mark.parametrize(
    "action",
    [
        "add_two",
        {"type": "add", "params": {"by": 2}},
        {"type": "add", "params": lambda event: {"by": event["by"]}},
        assign({"n": 4}),
        assign({"n": lambda context: context["n"] + 2}),
        assign(lambda context: {"n": context["n"] + 2}),
        ["twice", "nothing"],
        enqueue_actions(lambda enqueue: enqueue({"type": "add", "params": {"by": 2}})),
        enqueue_actions(lambda enqueue, check: enqueue.assign({"n": 4}) if check("is_two") else None),
    ],
)
def test_actions_are_named_parameterised_inline_or_listed(action: Any) -> None:
    actions = {
        "add": assign({"n": lambda context, params: context["n"] + params["by"]}),
        "add_two": {"type": "add", "params": {"by": 2}},
        "add_one": assign({"n": lambda context: context["n"] + 1}),
        "twice": ["add_one", "add_one"],
        "nothing": lambda: 99,
    }
    guards = {"is_two": lambda context: context["n"] == 2}
    snapshot, _ = run(on({"actions": action}), {"type": "E", "by": 2}, actions=actions, guards=guards)
    assert snapshot.context == {"n": 4}


def test_plain_actions_get_what_they_name_and_change_nothing() -> None:
    seen: list[Any] = []
    config = on({"actions": [{"type": "see", "params": {"x": 1}}, lambda event: seen.append(event["type"])]})
    snapshot, effects = run(config, "E", actions={"see": lambda context, params: seen.append((context["n"], params))})
    assert seen == [(2, {"x": 1}), "E"]
    assert (snapshot.context, effects) == ({"n": 2}, ())


def test_enqueued_actions_run_after_the_collector_and_in_order() -> None:
    def collect(context: Any, event: Any, enqueue: Any, check: Any) -> None:
        enqueue.assign({"n": context["n"] + 1})
        enqueue.emit(lambda context: {"type": "now", "n": context["n"]})
        enqueue.raise_({"type": "R"})
        enqueue.raise_({"type": "R"}, delay=5, id="r")
        enqueue.cancel("r")
        enqueue.log("done")
        assert context["n"] == 2
        assert check(state_in("a"))

    snapshot, effects = run(on({"actions": enqueue_actions(collect)}), "E")
    assert snapshot.context == {"n": 3}
    assert effects[0] == Emit({"type": "now", "n": 3})
    assert [type(effect).__name__ for effect in effects] == ["Emit", "Schedule", "Cancel"]


def test_an_enqueued_name_that_nobody_implements_is_reported() -> None:
    with pytest.raises(ActionError, match="'nope' is not implemented"):
        run(on({"actions": enqueue_actions(lambda enqueue: enqueue("nope"))}), "E")
    with pytest.raises(ActionError, match="guard 'nope'"):
        run(on({"actions": enqueue_actions(lambda check: check("nope"))}), "E")


def test_log_writes_to_the_logger(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="arvo.statechart")
    _, effects = run(on({"actions": [log("hello"), log(lambda context: context["n"], label="n")]}), "E")
    assert caplog.messages == ["hello", "n: 2"]
    assert effects == ()


@dataclass(frozen=True)
class Paid:
    """An event as an object."""

    amount: int
    type: str = "E"


def test_an_event_may_be_any_object_with_a_type() -> None:
    config = on({"actions": assign({"n": lambda event: event.amount})})
    snapshot, _ = run(config, Paid(7))
    assert snapshot.context == {"n": 7}


@pytest.mark.parametrize("event", [{}, {"type": 3}, None, 7, {"kind": "E"}])
def test_what_is_no_event_is_refused(event: Any) -> None:
    machine = create_machine(on("b"))
    snapshot, _ = initial_transition(machine)
    with pytest.raises(EventError, match="is no event: send"):
        transition(machine, snapshot, event)


def test_context_is_made_from_the_input() -> None:
    config = {"initial": "a", "context": lambda input: {"id": input["id"]}, "states": {"a": {}}}
    assert run(config, input={"id": 5})[0].context == {"id": 5}
    config["context"] = lambda: {"id": 0}
    assert run(config)[0].context == {"id": 0}


def test_an_input_reaches_the_first_actions_as_the_event() -> None:
    config = {
        "initial": "a",
        "context": {},
        "entry": assign({"got": lambda event: event["input"]}),
        "states": {"a": {}},
    }
    assert run(config, input=5)[0].context == {"got": 5}


def test_the_initial_context_is_not_shared_between_executions() -> None:
    context: dict[str, Any] = {"items": []}
    machine = create_machine({"initial": "a", "context": context, "states": {"a": {}}})
    first, _ = initial_transition(machine)
    first.context["items"].append(1)
    assert initial_transition(machine)[0].context == {"items": []}
    assert context == {"items": []}


def test_outputs_of_states_and_of_the_machine() -> None:
    config = {
        "initial": "work",
        "context": {"n": 2},
        "output": lambda context, event: {"n": context["n"], "got": event["output"]},
        "states": {
            "work": {
                "initial": "on",
                "onDone": {"target": "end", "actions": assign({"n": lambda event: event["output"]})},
                "states": {"on": {"on": {"E": "off"}}, "off": {"type": "final", "output": lambda event: event["v"]}},
            },
            "end": {"type": "final", "output": "bye"},
        },
    }
    snapshot, _ = run(config, {"type": "E", "v": 9})
    assert (snapshot.status, snapshot.output) == ("done", {"n": 9, "got": "bye"})
    assert snapshot.to_json()["output"] == {"n": 9, "got": "bye"}


def test_what_a_snapshot_can_be_asked() -> None:
    config = {
        "id": "m",
        "type": "parallel",
        "context": {"open": False},
        "states": {
            "door": {
                "initial": "shut",
                "tags": "thing",
                "states": {
                    "shut": {
                        "tags": ["closed", "safe"],
                        "meta": {"colour": "red"},
                        "on": {
                            "OPEN": {"target": "ajar", "guard": lambda context: context["open"]},
                            "KNOCK": {"actions": emit({"type": "knock"})},
                            "KICK": {},
                        },
                    },
                    "ajar": {},
                },
            },
            "lamp": {},
        },
    }
    snapshot, _ = run(config)
    assert snapshot.value == {"door": "shut", "lamp": {}}
    assert snapshot.matches("door")
    assert snapshot.matches("door.shut")
    assert snapshot.matches({"door": "shut", "lamp": {}})
    assert not snapshot.matches({"door": "ajar"})
    assert snapshot.tags == {"thing", "closed", "safe"}
    assert snapshot.has_tag("safe")
    assert not snapshot.has_tag("open")
    assert snapshot.get_meta() == {"m.door.shut": {"colour": "red"}}
    can = {name: snapshot.can({"type": name}) for name in ("OPEN", "KNOCK", "KICK", "OTHER")}
    assert can == {"OPEN": False, "KNOCK": True, "KICK": False, "OTHER": False}


def test_wildcards_forbidden_events_and_exact_names() -> None:
    config = {
        "initial": "p",
        "context": {},
        "states": {
            "p": {
                "initial": "c",
                "on": {"*": {"actions": emit({"type": "star"})}, "pay.*": {"actions": emit({"type": "pay"})}},
                "states": {"c": {"on": {"pay.later": None, "pay.now": {"actions": emit({"type": "now"})}}}},
            }
        },
    }

    def answer(event: str) -> list[Any]:
        return [effect.event["type"] for effect in run(config, event)[1]]

    assert answer("pay.now") == ["now"]
    assert answer("pay.later") == []
    assert answer("pay.never") == ["pay"]
    assert answer("pay") == ["pay"]
    assert answer("other") == ["star"]


def test_a_guard_error_names_the_guard_the_event_and_the_state_and_keeps_its_cause() -> None:
    def broken() -> bool:
        raise ValueError("no price")

    machine = create_machine(on({"target": "b", "guard": "priced"}), guards={"priced": broken})
    snapshot, _ = initial_transition(machine)
    with pytest.raises(GuardError) as caught:
        transition(machine, snapshot, {"type": "E"})
    assert str(caught.value) == (
        "Unable to evaluate guard 'priced' in transition for event 'E' in state node 'm.a':\nno price"
    )
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("kind", ["action", "assign", "emit", "output", "raise"])
def test_what_other_callables_raise_passes_through_and_nothing_has_happened(kind: str) -> None:
    def broken() -> Any:
        raise KeyError("boom")

    first = [assign({"n": 3}), emit({"type": "lost"})]
    thrower = {"action": broken, "assign": assign(broken), "emit": emit(broken), "raise": raise_(broken)}.get(kind)
    last: dict[str, Any] = {"type": "final", "output": broken} if kind == "output" else {"entry": thrower}
    config = on({"target": "c", "actions": first}, output=broken)
    config["states"]["c"] = last
    machine = create_machine(config)
    snapshot, _ = initial_transition(machine)
    with pytest.raises(KeyError, match="boom"):
        transition(machine, snapshot, {"type": "E"})
    assert (snapshot.value, snapshot.context) == ("a", {"n": 2})


def test_an_unhandled_event_gives_the_same_snapshot() -> None:
    machine = create_machine(on("b"))
    snapshot, _ = initial_transition(machine)
    assert transition(machine, snapshot, {"type": "OTHER"})[0] is snapshot


def test_an_export_of_stately_studio_is_a_machine() -> None:
    exported = """{
        "id": "cart", "version": "1", "description": "Shop", "initial": "open", "context": {"n": 0},
        "predictableActionArguments": true, "preserveActionOrder": true, "schema": {}, "tsTypes": {},
        "entry": [], "exit": [], "tags": [], "invoke": [], "meta": {"@statelyai.color": "blue"},
        "states": {
            "open": {"description": "Open", "meta": {}, "on": {
                "ADD": [{"actions": [{"type": "add", "params": {"by": 2}}], "description": "More", "meta": {},
                         "guard": {"type": "few", "params": {"max": 4}}}],
                "PAY": [{"target": "paid", "actions": []}]}},
            "paid": {"type": "final", "entry": [], "invoke": []}}}"""
    machine = create_machine(
        json.loads(exported),
        actions={"add": assign({"n": lambda context, params: context["n"] + params["by"]})},
        guards={"few": lambda context, params: context["n"] < params["max"]},
    )
    snapshot, _ = initial_transition(machine)
    for event in ("ADD", "ADD", "ADD", "PAY"):
        snapshot, _ = transition(machine, snapshot, {"type": event})
    assert (snapshot.status, snapshot.context) == ("done", {"n": 4})


@pytest.mark.parametrize("strict", [True, False])
def test_a_final_state_inside_a_parent_goes_on(strict: bool) -> None:
    """As XState has it: only a final state of the machine itself ends everything."""
    states = {"f": {"type": "final", "on": {"E": "g"}, "after": {10: "h"}}, "g": {}, "h": {}}
    inside = {"initial": "f", "onDone": {"actions": "done"}, "states": states}
    config = {"id": "m", "initial": "p", "states": {"p": inside}}
    done: list[str] = []
    machine = create_machine(config, actions={"done": lambda: done.append("done")}, strict=strict)
    snapshot, (timer,) = initial_transition(machine)
    assert (snapshot.status, done) == ("active", ["done"])
    assert transition(machine, snapshot, {"type": "E"})[0].value == {"p": "g"}
    assert isinstance(timer, Schedule)
    assert transition(machine, snapshot, timer.event)[0].value == {"p": "h"}
    left: dict[str, Any] = {"initial": "f", "states": {"f": {"type": "final", "always": "g"}, "g": {}}}
    assert run({"initial": "p", "states": {"p": left}}, strict=strict)[0].value == {"p": "g"}


def test_a_final_region_goes_on_while_others_are_under_way() -> None:
    counting = {"type": "final", "on": {"E": {"actions": assign({"n": 1})}}}
    busy = {"initial": "h", "states": {"h": {}}}
    snapshot, _ = run({"type": "parallel", "context": {"n": 0}, "states": {"f": counting, "g": busy}}, "E")
    assert (snapshot.status, snapshot.context) == ("active", {"n": 1})


@pytest.mark.parametrize("context", [{"n": 1}, Count(n=1)])
def test_an_assign_that_returns_nothing_leaves_the_context_as_it_is(context: Any) -> None:
    def nothing() -> None: ...

    queued = enqueue_actions(lambda enqueue: enqueue.assign(nothing))
    states = {"a": {"entry": [assign(nothing), queued, assign({})]}}
    config = {"initial": "a", "context": context, "states": states}
    assert initial_transition(create_machine(config))[0].context == context
    wrong: Any
    for wrong in (0, False, "", [], 7):
        failing = create_machine({**config, "entry": assign(lambda wrong=wrong: wrong)})
        with pytest.raises(ActionError, match="return a mapping"):
            initial_transition(failing)


def test_a_parallel_state_without_regions_is_a_state() -> None:
    machine = create_machine({"initial": "p", "states": {"p": {"type": "parallel"}}})
    assert initial_transition(machine)[0].value == {"p": {}}


@pytest.mark.parametrize("output", [None, lambda: None])
def test_an_output_that_is_null_is_an_output(output: Any) -> None:
    machine = create_machine({"id": "m", "type": "final", "output": output})
    stored = initial_transition(machine)[0].to_json()
    assert stored["output"] is None
    assert machine.restore(stored).to_json() == stored


def test_a_machine_without_output_has_none() -> None:
    machine = create_machine({"id": "m", "initial": "a", "states": {"a": {"type": "final", "output": 1}}})
    assert "output" not in initial_transition(machine)[0].to_json()


def test_a_meta_that_is_null_is_a_meta() -> None:
    machine = create_machine({"id": "m", "initial": "a", "states": {"a": {"meta": None}, "b": {"meta": 1}}})
    assert initial_transition(machine)[0].get_meta() == {"m.a": None}
