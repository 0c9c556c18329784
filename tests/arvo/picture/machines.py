"""Machines to draw, in XState's JSON."""

from __future__ import annotations

from typing import Any

Config = dict[str, Any]

TRAFFIC_LIGHT: Config = {
    "id": "light",
    "initial": "working",
    "states": {
        "working": {
            "description": "The cycle of every day.",
            "initial": "red",
            "on": {"POWER_OUT": "blinking", "INSPECT": {"target": "inspected", "actions": "note_inspector"}},
            "states": {
                "red": {
                    "tags": ["stop"],
                    "after": {"30000": "green"},
                    "initial": "walk",
                    "states": {
                        "walk": {"on": {"COUNTDOWN": "wait"}},
                        "wait": {"on": {"COUNTDOWN": "stop"}},
                        "stop": {},
                        "remembered": {"type": "history"},
                    },
                },
                "green": {"tags": ["go"], "after": {"25000": "yellow"}},
                "yellow": {"tags": ["go", "hurry"], "after": {"4500": "red"}},
                "before": {"type": "history", "history": "deep"},
            },
        },
        "blinking": {"on": {"POWER_BACK": "working.before"}},
        "inspected": {"on": {"GO_ON": "working.red.remembered", "BROKEN": "scrapped"}},
        "scrapped": {"type": "final"},
    },
}

PLAYER: Config = {
    "id": "player",
    "type": "parallel",
    "states": {
        "playback": {
            "initial": "stopped",
            "states": {
                "stopped": {"on": {"PLAY": {"target": "playing", "guard": "has_track"}}},
                "playing": {
                    "entry": ["start_sound", {"type": "xstate.emit", "params": {"event": {"type": "player.started"}}}],
                    "exit": "stop_sound",
                    "on": {"PAUSE": "paused", "STOP": "stopped", "SKIP": {"target": "playing", "reenter": True}},
                    "after": {"3600000": "stopped"},
                },
                "paused": {"on": {"PLAY": "playing", "STOP": "stopped"}},
            },
        },
        "volume": {
            "initial": "audible",
            "states": {
                "audible": {
                    "on": {"MUTE": "muted", "LOUDER": {"actions": "turn_up"}, "SOFTER": {"actions": "turn_down"}}
                },
                "muted": {"on": {"UNMUTE": "audible", "LOUDER": {}}},
            },
        },
        "network": {
            "initial": "online",
            "states": {"online": {"on": {"LOST": "offline"}}, "offline": {"on": {"FOUND": "online"}}},
        },
    },
}

NARROW: Config = {
    "id": "a machine with a name that is broader than its states",
    "initial": "on",
    "states": {
        "on": {
            "type": "parallel",
            "states": {"a": {"initial": "x", "states": {"x": {}}}, "a region with a long name": {"states": {"x": {}}}},
        },
        "a row with a long name": {"initial": "s0", "states": {f"s{n}": {"on": {"E": f"s{n + 1}"}} for n in range(8)}},
    },
}
NARROW["states"]["on"]["states"]["a region with a long name"]["initial"] = "x"
NARROW["states"]["a row with a long name"]["states"]["s8"] = {}

FETCH: Config = {
    "id": "fetch",
    "initial": "idle",
    "states": {
        "idle": {"on": {"FETCH": "loading"}},
        "loading": {
            "invoke": {"src": "fetchUser", "onDone": {"target": "success", "actions": "keep"}, "onError": "failure"},
            "on": {"CANCEL": "idle"},
            "after": {"10000": "failure"},
        },
        "success": {"type": "final"},
        "failure": {
            "always": {"target": "given_up", "guard": "too_many"},
            "on": {"RETRY": {"target": "loading", "actions": {"type": "count", "params": {"by": 1}}}},
        },
        "given_up": {"type": "final"},
    },
}

LONG_NAMES: Config = {
    "id": "a_machine_whose_name_is_as_long_as_people_make_them_in_banks",
    "initial": "waitingForTheConfirmationOfTheSecondApproverInTheHeadOffice_",
    "states": {
        "waitingForTheConfirmationOfTheSecondApproverInTheHeadOffice_": {
            "entry": "notifyTheSecondApproverInTheHeadOfficeByLetterAndByTelephone",
            "on": {
                "com.example.bank.approvals.second.approver.has.confirmed.v1_": {
                    "target": "transferring_the_amount_to_the_account_of_the_beneficiary___",
                    "guard": "theApproverIsAllowedToApproveAmountsOfThisSizeInThisCountry",
                    "actions": ["keepTheConfirmationInTheArchiveForAtLeastTenYearsAsRequired"],
                },
                "com.example.bank.approvals.second.approver.has.refused.v1___": "refused",
            },
        },
        "transferring_the_amount_to_the_account_of_the_beneficiary___": {"type": "final"},
        "refused": {"type": "final"},
    },
}

SCRIPTS: Config = {
    "id": "订单处理",
    "initial": "等待付款",
    "states": {
        "等待付款": {
            "description": "等待客户付款",
            "tags": ["待处理"],
            "on": {"付款成功": "已发货", "取消": {"target": "ملغى", "actions": "退款"}},
        },
        "已发货": {"entry": "发送通知", "on": {"签收": "مكتمل"}, "after": {"86400000": "ملغى"}},
        "مكتمل": {"type": "final"},
        "ملغى": {"type": "final", "entry": "إشعار العميل"},
    },
}


def wizard(pages: int = 60) -> Config:
    """A form of many pages, each with a way back, and a review that leads to any of them."""
    sections = [range(start, min(start + 10, pages)) for start in range(0, pages, 10)]
    states: Config = {}
    for number, section in enumerate(sections):
        steps: Config = {}
        for page in section:
            on: Config = {"NEXT": {"target": f"page_{page + 1}", "guard": "is_valid"}} if page + 1 in section else {}
            if page - 1 in section:
                on["BACK"] = f"page_{page - 1}"
            if page + 1 not in section:
                on["NEXT"] = "complete"
            steps[f"page_{page}"] = {"on": on}
        steps["complete"] = {"type": "final"}
        following = f"section_{number + 1}" if number + 1 < len(sections) else "review"
        states[f"section_{number}"] = {"initial": f"page_{section[0]}", "states": steps, "onDone": following}
    states["review"] = {"on": {"SUBMIT": "submitted", "CHANGE": "section_0"}}
    states["submitted"] = {"type": "final"}
    return {"id": "wizard", "initial": "section_0", "states": states, "on": {"ABANDON": ".submitted"}}


def nest(levels: int = 20) -> Config:
    """States within states."""
    config: Config = {"on": {"OUT": "#nest"}}
    for level in range(levels, 0, -1):
        config = {"initial": f"level_{level}", "states": {f"level_{level}": config}}
    return {"id": "nest", **config}


def chain(states: int, transitions: int | None = None) -> Config:
    """So many states in groups of ten, with about one and a half times as many transitions."""
    groups: Config = {}
    count = (states + 10) // 11
    for group in range(count):
        inner: Config = {}
        for index in range(10):
            on: Config = {"NEXT": f"s{(index + 1) % 10}"}
            if index % 3 == 0:
                on["SKIP"] = {"target": f"s{(index + 4) % 10}", "guard": "may_skip"}
            inner[f"s{index}"] = {"on": on}
        groups[f"group_{group}"] = {
            "initial": "s0",
            "states": inner,
            "on": {"LEAVE": f"group_{(group + 1) % count}"} if count > 1 else {},
        }
    return {"id": "chain", "initial": "group_0", "states": groups}
