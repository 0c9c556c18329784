"""An app in which each command has something to do: with counts, with requests to people, and with a courier.

`tests.town:app` is plain, `tests.town:encrypted` the same with a codec.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.converter import PayloadCodec

from arvo import ArvoEvent, HandlerOutput, create_arvo_orchestrator
from arvo_temporal import ArvoApp, EmissionPolicy
from examples.encryption.codec import AesGcmCodec, keys_from
from tests.approvals import approval_machine, receive
from tests.apps import counter_machine
from tests.downtime import courier
from tests.errands import COURIER, errands

LATER = "later"
"""The text of an errand that is tried again in an hour; any other has failed for good."""
KEY = "town=" + "dG93bnRvd250b3dudG93bnRvd250b3dudG93bnRvd24="

_HOURLY = EmissionPolicy(retry_on=TimeoutError, retry=RetryPolicy(initial_interval=timedelta(hours=1)))


def _carry(event: ArvoEvent) -> HandlerOutput:
    if event.data["text"] == LATER:
        raise TimeoutError("the courier is away")
    raise OSError("the courier is gone")


def town_app(task_queue: str, codec: PayloadCodec | None = None) -> ArvoApp:
    """Return the app, which shows its states where the server has search attributes for them."""
    return ArvoApp(
        orchestrators=[
            *(
                create_arvo_orchestrator(executionunits=1, machines=[one])
                for one in (approval_machine, counter_machine)
            ),
            errands(),
        ],
        handlers=[courier(_carry)],
        publishers={"people": receive, None: receive},
        policies={COURIER: _HOURLY},
        search_attributes=["state"],
        task_queue=task_queue,
        codec=codec,
    )


app = town_app("town")
encrypted = town_app("encrypted-town", AesGcmCodec(keys_from(KEY)))
