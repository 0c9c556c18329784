"""Whether a history can be read at all, before present code is judged by it."""

from __future__ import annotations

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter, PayloadCodec

from adapter.codec import LenientCodec, StrictCodec, undecodable
from arvo_temporal.replay.runs import incoming


async def require_readable(run: WorkflowHistory, converter: DataConverter) -> None:
    """Check that what has come into a run can be decoded: the init event for sure, as the run has begun.

    Of the rest only what a key more would decode counts. What no codec of the app ever decodes was refused then too.

    Args:
        run: The history.
        converter: What is to read it.

    Raises:
        EncodedPayloadError: It cannot.
    """
    codec = converter.payload_codec
    started = run.events[0].workflow_execution_started_event_attributes
    await _strict(codec).decode(list(started.input.payloads))
    if codec is None:
        return
    for event in run.events:
        payloads = list(incoming(event))
        try:
            await codec.decode(payloads)
        except Exception as error:
            raise undecodable(payloads, error, has_codec=True) from error


def _strict(codec: PayloadCodec | None) -> PayloadCodec:
    return StrictCodec(codec.codec if isinstance(codec, LenientCodec) else codec)
