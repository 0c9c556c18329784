"""What a drawing says: texts, marks, names for pages to hold on to."""

from __future__ import annotations

import copy
from collections import Counter
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from arvo import emit, enqueue_actions, raise_
from arvo.picture import PictureError, draw
from arvo.statechart import (
    DefinitionError,
    Problem,
    RestoreError,
    StateMachine,
    create_machine,
    initial_transition,
    transition,
)
from examples.orders.order import order_machine
from tests.arvo.picture.machines import FETCH, PLAYER, TRAFFIC_LIGHT, wizard
from tests.arvo.picture.reading import SVG, box, classes, groups, shape, texts

STOCK = "states.securing.states.stock.states.reserving.on"
RESERVED = f'{STOCK}["evt.stock.reserved"]'


def state_classes(svg: str, state: str) -> list[str]:
    found = [one for one in groups(ElementTree.fromstring(svg), "state") if one.get("data-state") == state]
    return classes(found[0])


def arrow_classes(svg: str, path: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    found = [one for one in root.iter() if one.get("data-transition") == path]
    return classes(found[0])


def badges(svg: str, kind: str) -> list[str]:
    found = groups(ElementTree.fromstring(svg), kind)
    return ["".join(text.itertext()) for one in found for text in one.iter(f"{SVG}text")]


def hints(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}title")]


def test_the_same_machine_gives_the_same_text() -> None:
    assert draw(copy.deepcopy(FETCH)) == draw(FETCH)
    assert draw(order_machine, at="approving") == draw(order_machine, at="approving")


def test_a_machine_and_its_definition_in_json_look_alike() -> None:
    machine = create_machine(TRAFFIC_LIGHT, actions={"note_inspector": lambda: None})
    assert draw(machine) == draw(TRAFFIC_LIGHT) == draw(machine.to_json())


def test_states_and_transitions_have_names_to_hold_on_to() -> None:
    root = ElementTree.fromstring(draw(order_machine))
    ids = Counter(one.get("id") for one in root.iter() if one.get("id"))
    assert set(ids.values()) == {1}
    assert {node.id for node in order_machine.logic.states()} == {
        one.get("data-state") for one in groups(root, "state")
    }
    assert {one.path for one in order_machine.logic.transitions()} <= {
        one.get("data-transition") for one in root.iter()
    }
    assert ids["state-order.securing.stock"] == 1


def test_the_keyboard_walks_over_states_and_transitions_with_words_for_each() -> None:
    root = ElementTree.fromstring(draw(FETCH))
    stops = [one for one in root.iter() if one.get("tabindex") == "0"]
    words = [one.get("aria-label") for one in stops]
    assert words[:3] == ["compound state fetch", "state idle", "state loading"]
    assert "always if too_many: from fetch.failure to fetch.given_up" in words


def test_a_machine_of_30_states_takes_less_than_60_kilobytes() -> None:
    assert len(draw(wizard(30), font=False).encode()) < 60_000


def test_it_stands_alone_unless_told_otherwise() -> None:
    assert "@font-face" in draw(FETCH)
    assert "@font-face" not in draw(FETCH, font=False)
    assert "http" not in draw(FETCH).replace("http://www.w3.org/2000/svg", "")


def test_arrows_say_event_guard_and_actions() -> None:
    found = texts(draw(FETCH))
    assert {"FETCH", "[too_many]", "always", "/ count(by: 1)", "after 10 seconds", "fetchUser done"} <= set(found)
    assert {"fetchUser failed", "invoke / ", "fetchUser"} <= set(found)


def test_several_transitions_for_one_event_say_in_which_turn_they_are_asked() -> None:
    found = texts(draw(order_machine))
    assert {"1 [is_rejected]", "2 [needs_approval]", "3 [else]", "1 [is_approved]", "2 [else]"} <= set(found)
    inner = [{"guard": "g", "actions": "x"}, {"actions": "y"}]
    assert {"E 1 [g] / x", "E 2 [else] / y"} <= set(texts(draw({"id": "m", "on": {"E": inner}})))


def test_states_say_what_they_do_and_which_service_gets_their_events() -> None:
    found = texts(draw(order_machine))
    assert {"entry / ", "reserve", "com.stock.reserve → stock_reserve"} <= set(found)
    assert {"arvo.orc.shipment → shipment", "arvo.orc.shipment.done / keep_parcel"} <= set(found)
    assert {"com.stock.release → stock_release", "com.payment.void → payment_void"} <= set(found)


def test_an_emitted_event_is_named() -> None:
    machine = create_machine(
        {"id": "m", "entry": [emit({"type": "hello"}), raise_({"type": "again"})], "exit": emit(lambda: {"type": "x"})}
    )
    assert {"emit hello", "raise again", "emit", "exit / "} <= set(texts(draw(machine)))


def test_a_transition_says_what_it_emits_and_whether_that_starts_an_orchestration() -> None:
    states = {
        "a": {
            "on": {"E": {"target": "b", "actions": ["do", emit({"type": "arvo.orc.nested"}), emit({"type": "com.b"})]}}
        },
        "b": {"on": {"F": {"target": "a", "actions": "both"}}},
    }
    actions = {"do": emit(lambda: {"type": "com.a"}), "both": enqueue_actions(lambda enqueue: enqueue.emit("com.b"))}
    svg = draw(_Arvo(create_machine({"id": "m", "initial": "a", "states": states}, actions=actions)))
    assert texts(svg)[-9:] == [
        "E", "/ do", "com.a → first", "/ emit arvo.orc.nested", "arvo.orc.nested", "/ emit com.b → second",
        "F", "/ both", "com.b → second",
    ]  # fmt: skip


class _Arvo:
    """What a picture asks of an ArvoMachine."""

    def __init__(self, logic: StateMachine[Any]) -> None:
        self.logic = logic
        first, second = (SimpleNamespace(accepts=SimpleNamespace(type=name)) for name in ("com.a", "com.b"))
        self.contracts = {"services": {"first": first, "second": second}}


def test_what_happens_without_an_arrow_stands_in_the_state() -> None:
    found = texts(draw(PLAYER))
    assert {"LOUDER / turn_up", "LOUDER"} <= set(found)


def test_a_loop_that_enters_again_is_told_from_one_that_does_not() -> None:
    config: dict[str, Any] = {"id": "m", "initial": "a", "states": {"a": {"on": {"IN": "a"}}}}
    config["states"]["a"]["on"]["AGAIN"] = {"target": "a", "reenter": True}
    root = ElementTree.fromstring(draw(config))
    heads = {one.get("data-transition"): shape(one, "head") for one in groups(root, "arrow")}
    assert "hollow" in classes(heads["states.a.on.IN"])
    assert heads["states.a.on.AGAIN"].get("d", "").count("M") == 2 * heads["states.a.on.IN"].get("d", "").count("M")
    assert "reenters" in texts(draw(config))


def test_history_says_whether_it_is_deep() -> None:
    assert {"H", "H*"} <= set(texts(draw(TRAFFIC_LIGHT)))


def test_tags_are_chips_and_descriptions_hover_texts_and_notes_on_wish() -> None:
    svg = draw(TRAFFIC_LIGHT)
    assert {"stop", "hurry"} <= set(texts(svg))
    assert "The cycle of every day." in hints(svg)
    assert "The cycle of every day." not in texts(svg)
    assert "The cycle of every day." in texts(draw(TRAFFIC_LIGHT, notes=True))


def test_regions_are_divided_by_dashed_lines() -> None:
    assert draw(PLAYER).count('class="divider"') == 2


def test_regions_stand_in_the_order_of_the_definition() -> None:
    regions = list(groups(ElementTree.fromstring(draw(PLAYER)), "region"))
    assert [one.get("data-state") for one in sorted(regions, key=lambda one: box(one, "box").x)] == [
        "player.playback",
        "player.volume",
        "player.network",
    ]


def test_a_collapsed_state_hides_its_inside_and_keeps_the_arrows_that_leave_it() -> None:
    svg = draw(order_machine, collapse=["securing"])
    assert "reserving" not in texts(svg)
    assert "order.securing.stock" not in svg
    assert "2 [needs_approval]" in texts(svg)
    assert draw(order_machine, collapse=["order.securing"]) == svg


def test_a_snapshot_lights_what_is_active_and_what_is_accepted() -> None:
    machine = create_machine(TRAFFIC_LIGHT, actions={"note_inspector": lambda: None})
    snapshot, _ = initial_transition(machine)
    snapshot, _ = transition(machine, snapshot, {"type": "COUNTDOWN"})
    svg = draw(machine, at=snapshot)
    assert "active" in state_classes(svg, "light.working.red.wait")
    assert "within" in state_classes(svg, "light.working.red")
    assert "active" not in state_classes(svg, "light.working.red.walk")
    assert "open" in arrow_classes(svg, "states.working.on.POWER_OUT")
    assert "open" in arrow_classes(svg, "states.working.states.red.after.30000")
    assert "open" not in arrow_classes(svg, "states.blinking.on.POWER_BACK")
    assert svg == draw(machine, at=snapshot.to_json()) == draw(machine, at=snapshot.value)


def test_what_an_inner_state_takes_first_is_not_shown_as_accepted_further_out() -> None:
    inner = {"a": {"on": {"E": {"actions": "x"}, "G": {"guard": "g", "actions": "x"}, "F": None}}}
    outer = {"initial": "a", "states": inner, "on": {"E": "t", "F": "t", "G": "t"}}
    svg = draw({"id": "m", "initial": "s", "states": {"s": outer, "t": {}}}, at={"s": "a"})
    assert "open" in arrow_classes(svg, "states.s.on.G")
    assert "open" not in arrow_classes(svg, "states.s.on.E")
    assert "open" not in arrow_classes(svg, "states.s.on.F")


def test_what_comes_after_a_transition_without_a_guard_is_not_shown_as_accepted() -> None:
    config = {
        "id": "m",
        "initial": "a",
        "states": {"a": {"on": {"E": [{"guard": "g", "target": "b"}, "b", "a"]}}, "b": {}},
    }
    svg = draw(config, at="a")
    assert ["open" in arrow_classes(svg, f"states.a.on.E[{number}]") for number in range(3)] == [True, True, False]


def test_a_machine_that_has_ended_accepts_nothing() -> None:
    config = {"id": "m", "initial": "a", "states": {"a": {}, "b": {"type": "final"}}, "on": {"E": ".a"}}
    assert "open" in arrow_classes(draw(config, at="a"), "on.E")
    assert "open" not in arrow_classes(draw(config, at="b"), "on.E")


def test_a_path_is_numbered_and_what_was_not_visited_is_dim() -> None:
    svg = draw(order_machine, path=[RESERVED, "states.securing.onDone[0]"])
    assert badges(svg, "b-step")[:2] == ["1", "2"]
    assert "last" in arrow_classes(svg, "states.securing.onDone[0]")
    assert {"taken"} & set(arrow_classes(svg, RESERVED))
    assert "dim" in state_classes(svg, "order.shipping")
    assert "visited" in state_classes(svg, "order.securing.payment.authorizing")
    transitions = {one.path: one for one in order_machine.logic.transitions()}
    assert svg == draw(order_machine, path=[transitions[RESERVED], transitions["states.securing.onDone[0]"]])


def test_a_path_of_many_steps_through_one_transition_is_said_shortly() -> None:
    svg = draw(order_machine, path=[RESERVED] * 5)
    assert "1, …, 5" in badges(svg, "b-step")
    assert "steps 1, 2, 3, 4, 5" in hints(svg)


def test_counts_are_short_and_what_has_none_is_dim() -> None:
    svg = draw(order_machine, counts={"order.approving": 1_234, RESERVED: 950, f'{STOCK}["evt.stock.short"]': 0})
    assert {"1.2k", "950"} <= set(badges(svg, "b-count"))
    assert "dim" in state_classes(svg, "order.shipping")
    assert "dim" not in state_classes(svg, "order.approving")
    assert "dim" in arrow_classes(svg, f'{STOCK}["evt.stock.short"]')


def test_findings_stand_where_they_belong() -> None:
    problem = Problem('states.approving.on["evt.approval.decided"][0].guard', "always true", "drop it")
    svg = draw(order_machine, findings=[problem, Problem("states.shipping.typ", "means nothing", "write 'type'")])
    assert badges(svg, "b-find")[:2] == ["!", "!"]
    assert str(problem) in hints(svg)


def test_two_versions_are_compared() -> None:
    old = copy.deepcopy(FETCH)
    old["states"]["stale"] = {"on": {"FETCH": "loading"}}
    old["states"]["success"] = {"on": {"OLD": "stale"}}
    del old["states"]["given_up"], old["states"]["failure"]["always"]
    old["states"]["loading"]["on"]["CANCEL"] = {"target": "idle", "guard": "may"}
    svg = draw(FETCH, since=old)
    assert "removed" in state_classes(svg, "fetch.stale")
    assert "changed" in state_classes(svg, "fetch.success")
    assert "added" in state_classes(svg, "fetch.given_up")
    assert "removed" in arrow_classes(svg, "states.success.on.OLD")
    assert "changed" in arrow_classes(svg, "states.loading.on.CANCEL")
    assert "added" in arrow_classes(svg, "states.failure.always")
    assert {"added", "removed", "changed"} <= set(texts(svg))
    assert "added" not in texts(draw(FETCH))
    assert not {"added", "removed", "changed"} & set(state_classes(draw(FETCH, since=FETCH), "fetch.success"))


def test_marks_do_not_move_anything() -> None:
    def places(svg: str) -> list[tuple[str | None, str | None]]:
        return [(one.get("x"), one.get("y")) for one in ElementTree.fromstring(svg).iter() if "box" in classes(one)]

    plain = places(draw(order_machine))
    assert places(draw(order_machine, at="shipping"))[: len(plain)] == plain
    assert places(draw(order_machine, path=[RESERVED], theme="dark"))[: len(plain)] == plain


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_a_theme_changes_colours_only(theme: Any) -> None:
    assert texts(draw(FETCH, theme=theme)) == texts(draw(FETCH))


def test_what_cannot_be_drawn_says_why() -> None:
    with pytest.raises(PictureError, match="int cannot be drawn"):
        draw(3)
    with pytest.raises(DefinitionError, match="'nowhere'"):
        draw({"id": "m", "initial": "a", "states": {"a": {"on": {"E": "nowhere"}}}})
    with pytest.raises(RestoreError, match="'elsewhere' does not exist"):
        draw(FETCH, at="elsewhere")
    with pytest.raises(PictureError, match=r"no transition at 'states\.idle'"):
        draw(FETCH, path=["states.idle"])
    with pytest.raises(PictureError, match="counts go by id or by path"):
        draw(FETCH, counts={"nothing": 1})
    pink: Any = "pink"
    with pytest.raises(PictureError, match="'pink' is no theme"):
        draw(FETCH, theme=pink)


def test_names_from_outside_stay_text() -> None:
    name = '<script>alert("x")</script>&\x00'
    svg = draw({"id": name, "initial": name, "states": {name: {"on": {name: {"target": name, "guard": name}}}}})
    assert "<script" not in svg
    ElementTree.fromstring(svg)
