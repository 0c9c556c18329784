"""The three machines: two that change a stored number, and one that chooses between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arvo import ArvoContract, ArvoEvent, ArvoMachine, assign, emit, setup_arvo_machine
from examples.number_modifier import contracts


def _change_machine(contract: ArvoContract, compute: ArvoContract) -> ArvoMachine:
    """Return the machine that reads a number, has `compute` change it, and writes it back."""
    requested = compute.type
    computed = compute.version("1.0.0").emit_list[0].type
    return setup_arvo_machine(
        contracts={
            "self": contract.version("1.0.0"),
            "services": {
                "read": contracts.value_read.version("1.0.0"),
                "compute": compute.version("1.0.0"),
                "write": contracts.value_write.version("1.0.0"),
            },
        },
        actions={
            "keep_value": assign(lambda event: {"value": event.data["value"]}),
            "read": emit(lambda context: {"type": "com.value.read", "data": {"key": context["key"]}}),
            "compute": emit(
                lambda context: {
                    "type": requested,
                    "data": {"value": context["value"], "by": context["by"]},
                }
            ),
            "write": emit(
                lambda context: {
                    "type": "com.value.write",
                    "data": {"key": context["key"], "value": context["value"]},
                }
            ),
        },
    ).create_machine(
        {
            "id": contract.version("1.0.0").accepts.type.rpartition(".")[2],
            "context": lambda input: {"key": input.data["key"], "by": input.data["by"], "value": None},
            "initial": "reading",
            "states": {
                "reading": {
                    "entry": "read",
                    "on": {"evt.value.read.success": {"target": "computing", "actions": "keep_value"}},
                },
                "computing": {
                    "entry": "compute",
                    "on": {computed: {"target": "writing", "actions": "keep_value"}},
                },
                "writing": {
                    "entry": "write",
                    "on": {"evt.value.write.success": "done"},
                },
                "done": {"type": "final"},
                "failed": {"type": "final", "entry": assign({"value": None})},
            },
            "on": {"sys.*": ".failed"},
            "output": lambda context: {"success": context["value"] is not None, "value": context["value"]},
        }
    )


def _nested(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the init event of the orchestration that does the work, nested in this one."""
    return {
        "type": f"arvo.orc.{context['operation']}",
        "data": {
            "parentSubject$$": context["subject"],
            "key": context["key"],
            "by": context["by"],
        },
    }


def _opening(input: ArvoEvent) -> dict[str, Any]:
    return {"subject": input.subject, "value": None, **input.data}


increment_machine = _change_machine(contracts.increment, contracts.number_increment)
decrement_machine = _change_machine(contracts.decrement, contracts.number_decrement)

modifier_machine = setup_arvo_machine(
    contracts={
        "self": contracts.number_modifier.version("1.0.0"),
        "services": {
            "increment": contracts.increment.version("1.0.0"),
            "decrement": contracts.decrement.version("1.0.0"),
        },
    },
).create_machine(
    {
        "id": "modifier",
        "context": _opening,
        "initial": "delegating",
        "states": {
            "delegating": {
                "entry": emit(_nested),
                "on": {
                    "arvo.orc.*": {
                        "target": "done",
                        "actions": assign(lambda event: {"value": event.data["value"]}),
                    },
                    "sys.*": "done",
                },
            },
            "done": {"type": "final"},
        },
        "output": lambda context: {"success": context["value"] is not None, "value": context["value"]},
    }
)
