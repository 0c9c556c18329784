"""Two orchestrations that the agent starts: a refund, which is one of its tools, and the alarm of its time budget."""

from __future__ import annotations

from arvo import assign, emit, setup_arvo_machine
from examples.agent import contracts

refund_machine = setup_arvo_machine(
    contracts={
        "self": contracts.refund.version("1.0.0"),
        "services": {"transfer": contracts.transfer.version("1.0.0")},
    },
).create_machine(
    {
        "id": "refund",
        "context": lambda input: {
            "wanted": {"order_id": input.data["order_id"], "amount": input.data["amount"]},
            "result": {"reference": None, "problem": None},
        },
        "initial": "transferring",
        "states": {
            "transferring": {
                "entry": emit(lambda context: {"type": "com.bank.transfer", "data": context["wanted"]}),
                "on": {
                    "evt.bank.transfer.success": {
                        "target": "done",
                        "actions": assign(
                            lambda event: {"result": {"reference": event.data["reference"], "problem": None}}
                        ),
                    },
                    "sys.com.bank.transfer.error": {
                        "target": "done",
                        "actions": assign(
                            lambda event: {"result": {"reference": None, "problem": event.data["errorMessage"]}}
                        ),
                    },
                },
            },
            "done": {"type": "final"},
        },
        "output": lambda context: context["result"],
    }
)

alarm_machine = setup_arvo_machine(
    contracts={"self": contracts.alarm.version("1.0.0"), "services": {}},
    delays={"seconds": lambda context: context["seconds"] * 1000},
).create_machine(
    {
        "id": "alarm",
        "context": lambda input: {"seconds": input.data["seconds"]},
        "initial": "set",
        "states": {"set": {"after": {"seconds": "rung"}}, "rung": {"type": "final"}},
        "output": lambda context: {"seconds": context["seconds"]},
    }
)
