"""The loop of the agent: a function that is called with each event, and says what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arvo import ArvoEvent, ArvoResumable, Progress, ResumableOutput, create_arvo_resumable
from examples.agent import contracts
from examples.agent.conversation import Conversation
from examples.agent.tools import SERVICES, TOOLS
from examples.agent.turn import Model


def create_agent(model: Model) -> ArvoResumable:
    """Return the agent, which thinks with a model."""

    async def step(
        context: Any,
        input: ArvoEvent | None,
        service: ArvoEvent | None,
        collected_events: Mapping[str, list[ArvoEvent]],
        progress: Progress,
    ) -> ResumableOutput | None:
        event = service or input
        assert event is not None, "a step begins with an event"
        if progress.last is not None:  # a try before this one was cut off: its turns are not taken again
            talk = Conversation.model_validate(progress.last)
        elif context is None:
            talk = Conversation.about(event.data_as(contracts.Task))
        else:
            talk = Conversation.model_validate(context)
            if event.type == "arvo.orc.alarm.done":
                return {"output": talk.report("out_of_time")}
            if not talk.hear(collected_events):  # other tools are still at work
                return None

        while talk.awaits_model:
            talk.add(await model.complete(talk.messages, TOOLS))
            await progress.save(talk.model_dump())

        if talk.answer is not None:
            return {"output": talk.report("answered")}
        if not talk.calls:
            return {"output": talk.report("out_of_turns")}
        alarm = [talk.alarm(event)] if context is None else []
        return {"context": talk, "services": [*talk.requests(event), *alarm]}

    return create_arvo_resumable(
        contracts={"self": contracts.agent, "services": SERVICES}, handler={"1.0.0": step}, executionunits=1
    )
