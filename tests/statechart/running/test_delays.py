"""Delays are effects: `Schedule` and `Cancel` with XState's ids and event names."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from arvo.statechart import (
    Cancel,
    DefinitionError,
    DelayError,
    Schedule,
    StateMachine,
    cancel,
    create_machine,
    emit,
    enqueue_actions,
    initial_transition,
    raise_,
    transition,
)


def test_after_schedules_on_entry_and_cancels_on_exit() -> None:
    machine = create_machine(
        {"id": "m", "initial": "a", "states": {"a": {"after": {1000: "late"}, "on": {"E": "b"}}, "b": {}, "late": {}}}
    )
    snapshot, effects = initial_transition(machine)
    name = "xstate.after.1000.m.a"
    assert effects == (Schedule(name, {"type": name}, 1000),)
    assert transition(machine, snapshot, {"type": "E"})[1] == (Cancel(name),)
    late, effects = transition(machine, snapshot, {"type": name})
    assert (late.value, effects) == ("late", (Cancel(name),))


def test_named_delays_and_expressions() -> None:
    machine = create_machine(
        {
            "id": "m",
            "initial": "a",
            "context": {"tries": 3},
            "states": {"a": {"after": {"short": "b", "backoff": "b"}}, "b": {}},
        },
        delays={"short": 25, "backoff": lambda context: 100 * 2 ** context["tries"]},
    )
    _, effects = initial_transition(machine)
    assert [(effect.id, effect.delay_ms) for effect in effects if isinstance(effect, Schedule)] == [
        ("xstate.after.short.m.a", 25),
        ("xstate.after.backoff.m.a", 800),
    ]


def test_raise_with_a_delay_computed_from_the_event() -> None:
    remind = raise_(
        lambda event: {"type": "REMIND", "of": event["what"]},
        delay=lambda event: event["in_ms"],
        id="reminder",
    )
    config = {
        "initial": "a",
        "states": {"a": {"on": {"LATER": {"actions": remind}, "FORGET": {"actions": cancel("reminder")}}}},
    }
    machine = create_machine(config)
    snapshot, _ = initial_transition(machine)
    _, effects = transition(machine, snapshot, {"type": "LATER", "what": "tea", "in_ms": 1.5})
    assert effects == (Schedule("reminder", {"type": "REMIND", "of": "tea"}, 1.5),)
    assert transition(machine, snapshot, {"type": "FORGET"})[1] == (Cancel("reminder"),)


def test_a_delay_of_zero_is_scheduled_and_none_is_immediate() -> None:
    def raised(delay: Any) -> tuple[Any, Any]:
        config = {
            "initial": "a",
            "entry": raise_({"type": "T"}, delay=delay),
            "states": {"a": {"on": {"T": "b"}}, "b": {}},
        }
        snapshot, effects = initial_transition(create_machine(config))
        return snapshot.value, effects

    assert raised(0) == ("a", (Schedule(None, {"type": "T"}, 0),))
    assert raised(lambda: None) == ("b", ())


def test_cancel_may_compute_the_id() -> None:
    config = {"initial": "a", "states": {"a": {"on": {"C": {"actions": cancel(lambda event: f"t{event['n']}")}}}}}
    machine = create_machine(config)
    snapshot, _ = initial_transition(machine)
    assert transition(machine, snapshot, {"type": "C", "n": 7})[1] == (Cancel("t7"),)


def test_effects_keep_the_order_in_which_they_were_produced() -> None:
    config = {
        "id": "m",
        "initial": "a",
        "entry": [emit({"type": "1"}), raise_({"type": "T"}, delay=1, id="t"), cancel("t"), emit({"type": "2"})],
        "states": {"a": {"after": {10: "b"}}, "b": {}},
    }
    _, effects = initial_transition(create_machine(config))
    assert [type(effect).__name__ for effect in effects] == ["Emit", "Schedule", "Cancel", "Emit", "Schedule"]


def test_a_schedule_survives_json_as_the_caller_keeps_it() -> None:
    """Restoring does not arm timers again: the caller still has them."""
    machine = create_machine({"id": "m", "initial": "a", "states": {"a": {"after": {10: "b"}}, "b": {}}})
    snapshot, (timer,) = initial_transition(machine)
    assert isinstance(timer, Schedule)
    restored = machine.restore(snapshot.to_json())
    assert transition(machine, restored, {"type": "unknown"}) == (restored, ())
    assert transition(machine, restored, timer.event)[0].value == "b"


def test_a_delay_without_a_transition_hides_no_wildcard() -> None:
    nothing: Any
    for nothing in (None, []):
        config: dict[str, Any] = {
            "initial": "a",
            "states": {"a": {"after": {10: nothing}, "on": {"*": "b"}}, "b": {}},
        }
        machine = create_machine(config)
        snapshot, effects = initial_transition(machine)
        assert effects == (Schedule("xstate.after.10.(machine).a", {"type": "xstate.after.10.(machine).a"}, 10),)
        assert transition(machine, snapshot, {"type": "xstate.after.10.(machine).a"})[0].value == "b"


FIVE_MINUTES: list[Any] = [300_000, 300_000.0, timedelta(minutes=5), "5 minutes", "5m", "PT5M"]
NO_DELAYS: list[Any] = [True, Decimal(5), float("nan"), float("inf"), 1e22, "300 years", "soon", "", "5", (1,)]
DUE = "xstate.after.300000.m.a"


@pytest.mark.parametrize("delay", FIVE_MINUTES)
def test_a_duration_can_be_written_as_people_do(delay: Any) -> None:
    by_key = create_machine(two_states({"after": {delay: "b"}}))
    snapshot, effects = initial_transition(by_key)
    assert effects == (Schedule(DUE, {"type": DUE}, 300_000),)
    assert transition(by_key, snapshot, {"type": DUE})[0].value == "b"
    for given in (delay, lambda: delay):
        named = create_machine(two_states({"after": {"a_while": "b"}}), delays={"a_while": given})
        assert delays_of(named) == [300_000]
        raised = create_machine(two_states({"entry": raise_({"type": "T"}, delay=given)}))
        assert delays_of(raised) == [300_000]
        collect = enqueue_actions(lambda enqueue, given=given: enqueue.raise_({"type": "T"}, delay=given))
        assert delays_of(create_machine(two_states({"entry": collect}))) == [300_000]


def test_a_name_from_delays_comes_before_a_duration() -> None:
    config = two_states({"after": {"5 minutes": "b"}, "entry": raise_({"type": "T"}, delay="PT1H")})
    machine = create_machine(config, delays={"5 minutes": 1, "PT1H": lambda: "2 ms"})
    _, effects = initial_transition(machine)
    assert effects == (
        Schedule(None, {"type": "T"}, 2),
        Schedule("xstate.after.5 minutes.m.a", {"type": "xstate.after.5 minutes.m.a"}, 1),
    )


@pytest.mark.parametrize("value", NO_DELAYS, ids=repr)
@pytest.mark.parametrize("strict", [True, False])
def test_what_is_no_delay_is_refused_with_its_place(value: Any, strict: bool) -> None:
    definitions: dict[str, tuple[Any, dict[str, Any]]] = {
        "states.a.after": (two_states({"after": {value: "b"}}), {}),
        "states.a.entry": (two_states({"entry": raise_({"type": "T"}, delay=value)}), {}),
        "delays.a_while": (two_states({"after": {"a_while": "b"}}), {"a_while": value}),
    }
    for path, (config, delays) in definitions.items():
        if path == "states.a.after" and value == "5":
            continue  # as a key it is JavaScript's way to write the number
        if not strict and isinstance(value, str) and not delays:
            continue  # an unknown name is raised at once by XState, which is what `strict=False` is for
        with pytest.raises(DefinitionError, match="PT5M") as caught:
            create_machine(config, delays=delays, strict=strict)
        (problem,) = caught.value.problems
        assert problem.path.startswith(path)


@pytest.mark.parametrize("value", [*NO_DELAYS, None], ids=repr)
def test_a_callable_that_computes_no_delay_fails_the_step(value: Any) -> None:
    named = create_machine(two_states({"after": {"a_while": "b"}}), delays={"a_while": lambda: value})
    with pytest.raises(DelayError, match=r"states\.a\.after\.a_while: delay 'a_while' is .*To fix: return"):
        initial_transition(named)
    if value is not None:
        raised = create_machine(two_states({"entry": [raise_({"type": "T"}, delay=lambda: value)]}))
        with pytest.raises(DelayError, match=r"states\.a\.entry\[0\]: the delay by <lambda> is "):
            initial_transition(raised)


@pytest.mark.parametrize("value", NO_DELAYS, ids=repr)
@pytest.mark.parametrize("computed", [False, True])
def test_what_code_enqueues_with_no_delay_fails_the_step(value: Any, computed: bool) -> None:
    delay = (lambda: value) if computed else value
    collect = enqueue_actions(lambda enqueue: enqueue.raise_({"type": "T"}, delay=delay))
    for machine, place in (
        (create_machine(two_states({"entry": ["go"]}), actions={"go": collect}), "action 'go'"),
        (create_machine(two_states({"entry": ["go", collect]}), actions={"go": print}), r"states\.a\.entry\[1\]"),
    ):
        with pytest.raises(DelayError, match=f"^{place}: .*To fix: "):
            initial_transition(machine)


def test_no_delay_lies_in_the_past() -> None:
    past = two_states({"after": {timedelta(seconds=-1): "b"}, "entry": raise_({"type": "T"}, delay=-1)})
    with pytest.raises(DefinitionError) as caught:
        create_machine(past, delays={"old": -5})
    assert [problem.path for problem in caught.value.problems] == [
        "states.a.entry",
        "states.a.after.-1000",
        "delays.old",
    ]


def test_a_definition_in_json_makes_the_same_delays() -> None:
    after = {timedelta(minutes=1): "b", "2 minutes": "b", "PT3M": "b", 4: "b"}
    remind = raise_({"type": "T"}, delay=timedelta(minutes=5))
    machine = create_machine(two_states({"after": after, "entry": remind}))
    written = json.loads(json.dumps(machine.to_json()))
    assert written["states"]["a"]["after"] == {"4": "b", "60000": "b", "2 minutes": "b", "PT3M": "b"}
    assert written["states"]["a"]["entry"]["params"]["delay"] == 300_000
    written["states"]["a"]["entry"] = remind
    assert delays_of(create_machine(written)) == delays_of(machine) == [300_000, 4, 60_000, 120_000, 180_000]


def two_states(a: dict[str, Any]) -> dict[str, Any]:
    return {"id": "m", "initial": "a", "states": {"a": a, "b": {}}}


def delays_of(machine: StateMachine[Any]) -> list[float]:
    return [effect.delay_ms for effect in initial_transition(machine)[1] if isinstance(effect, Schedule)]
