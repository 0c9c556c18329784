"""Random machines for property tests: nested, parallel, with history, guards, timers and raised events."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from arvo.statechart import StateMachine, assign, create_machine, emit, raise_, state_in

EVENTS = ("A", "B", "x.y", "x.z", "R")
KEYS = ("a", "b", "c", "1")

ACTIONS: dict[str, Any] = {
    "count": assign({"n": lambda context: context["n"] + 1}),
    "note": assign(lambda context, event: {"log": [*context["log"], event["type"]]}),
    "tell": emit(lambda context: {"type": "told", "n": context["n"]}),
    "again": raise_({"type": "R"}),
    "later": raise_(lambda context: {"type": "A", "n": context["n"]}, delay=10, id="later"),
}
GUARDS: dict[str, Any] = {
    "few": lambda context: context["n"] < 4,
    "odd": lambda context: context["n"] % 2 == 1,
    "asked": lambda event: event.get("go", False),
}


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    """A machine config; targets may lead anywhere."""
    ids: list[str] = []
    config = _state(draw, "m", 0, ids)
    _add_transitions(draw, config, ids)
    return {**config, "id": "m", "context": {"n": 0, "log": []}}


def events() -> st.SearchStrategy[dict[str, Any]]:
    """An event that some machine may know."""
    return st.fixed_dictionaries({"type": st.sampled_from((*EVENTS, "unknown")), "go": st.booleans()})


def machine_of(config: dict[str, Any], **options: Any) -> StateMachine[dict[str, Any]]:
    return create_machine(config, actions=ACTIONS, guards=GUARDS, max_microsteps=50, strict=False, **options)


def _state(draw: st.DrawFn, path: str, depth: int, ids: list[str]) -> dict[str, Any]:
    ids.append(f"#{path}")
    config: dict[str, Any] = {"entry": draw(_some_actions()), "exit": draw(_some_actions())}
    if depth == 3 or (depth and draw(st.integers(0, 2)) == 0):
        if draw(st.integers(0, 9)) == 9:
            config["type"] = "parallel"
        return config
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=2, max_size=3, unique=True))
    config["states"] = {key: _state(draw, f"{path}.{key}", depth + 1, ids) for key in keys}
    if draw(st.booleans()):
        config["type"] = "parallel"
    else:
        config["initial"] = draw(st.sampled_from(keys))
        last = config["states"][keys[-1]]
        if "states" not in last and draw(st.booleans()):
            last["type"] = "final"
    if draw(st.booleans()):
        deep = draw(st.sampled_from(("shallow", "deep")))
        config["states"]["h"] = {"type": "history", "history": deep, "target": keys[0]}
        ids.append(f"#{path}.h")
    return config


def _add_transitions(draw: st.DrawFn, config: dict[str, Any], ids: list[str]) -> None:
    for child in config.get("states", {}).values():
        if child.get("type") != "history":
            _add_transitions(draw, child, ids)
    if config.get("type") == "final":
        return
    chosen = draw(st.lists(st.sampled_from((*EVENTS, "x.*", "*")), max_size=3, unique=True))
    config["on"] = {event: draw(_transition(ids, guarded=False)) for event in chosen}
    if draw(st.integers(0, 5)) == 0:
        config["always"] = draw(_transition(ids, guarded=True))
    if draw(st.integers(0, 5)) == 0:
        config["after"] = {10: draw(_transition(ids, guarded=False))}


def _some_actions() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(tuple(ACTIONS)), max_size=1)


def _transition(ids: list[str], *, guarded: bool) -> st.SearchStrategy[dict[str, Any]]:
    guards = st.sampled_from((*GUARDS, state_in(ids[-1]), state_in(ids[0])))
    required = {"guard": guards, "actions": st.just(["count"])} if guarded else {}
    optional = {"target": st.sampled_from(ids), "reenter": st.booleans(), "guard": guards, "actions": _some_actions()}
    for key in required:
        del optional[key]
    return st.fixed_dictionaries(required, optional=optional)
