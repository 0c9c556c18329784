"""The agent as an app: `python worker.py examples.agent.app:app --dev`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir

from temporalio.common import RetryPolicy

from arvo import create_arvo_orchestrator
from arvo_temporal import ArvoApp, EmissionPolicy
from examples.agent.agent import create_agent
from examples.agent.chat_model import ChatModel
from examples.agent.crash import crashing_in_turn
from examples.agent.desk import Desk
from examples.agent.handlers import Services, create_handlers
from examples.agent.machines import alarm_machine, refund_machine
from examples.agent.screen import Screen
from examples.agent.turn import Model, ModelUnavailableError

DESK = "AGENT_DESK"
CRASH_IN_TURN = "AGENT_CRASH_IN_TURN"

_QUICKLY = RetryPolicy(initial_interval=timedelta(seconds=0.2), maximum_attempts=8)

POLICIES: dict[str | None, EmissionPolicy] = {
    # A worker that says nothing for five seconds is taken for dead, and another one goes on.
    "arvo.orc.agent": EmissionPolicy(timeout="10 minutes", heartbeat="5 seconds", retry_on=ModelUnavailableError),
    "com.orders.find": EmissionPolicy(retry_on=ConnectionError, retry=_QUICKLY),
    "com.policy.search": EmissionPolicy(timeout="1 minute", heartbeat="10 seconds"),
}


def create_app(model: Model, desk: Desk, services: Services) -> ArvoApp:
    """Return the app of an agent that thinks with a model."""
    return ArvoApp(
        orchestrators=[
            create_agent(model),
            create_arvo_orchestrator(executionunits=1, machines=[refund_machine]),
            create_arvo_orchestrator(executionunits=1, machines=[alarm_machine]),
        ],
        handlers=create_handlers(services),
        publishers={"external": desk.receive},
        policies=POLICIES,
    )


def app_of(environment: Mapping[str, str]) -> ArvoApp:
    """Return the app as environment variables say: the model, where a person decides, and whether to crash."""
    screen = Screen()
    crash = environment.get(CRASH_IN_TURN)
    on_text = crashing_in_turn(int(crash), screen.stream) if crash else screen.stream
    folder = Path(environment.get(DESK) or Path(gettempdir()) / "arvo-agent-desk")
    return create_app(ChatModel.of(environment, on_text), Desk(folder), Services(screen, slowness=1.5))


app = app_of(os.environ)
