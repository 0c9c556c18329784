"""Delays are effects: `Schedule` and `Cancel` with XState's ids and event names."""

from __future__ import annotations

from typing import Any

from arvo.statechart import Cancel, Schedule, cancel, create_machine, emit, initial_transition, raise_, transition


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
