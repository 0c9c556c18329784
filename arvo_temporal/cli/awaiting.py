"""The command that waits until an orchestration is somewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from arvo.statechart.inspecting import value_words
from arvo.wire import JsonError, read_json
from arvo_temporal.cli.printing import print_json, print_words
from arvo_temporal.cli.running import AppOption, JsonOption, OrchestrationArgument, run_with_client
from arvo_temporal.cli.schedule_options import read_span
from arvo_temporal.client import ArvoClient


def read_goal(text: str) -> dict[str, Any]:
    """Return what is waited for, as `wait_for` takes it.

    Args:
        text: `done`, `tag:TAG`, or `state:STATE`, where STATE is a path or a state value as JSON.

    Raises:
        BadParameter: It is none of these.
    """
    kind, colon, name = text.partition(":")
    if text == "done":
        return {"done": True}
    if kind == "tag" and name:
        return {"tag": name}
    if kind != "state" or not colon or not name:
        raise typer.BadParameter("Write done, state:STATE or tag:TAG, for example state:payment.pending.")
    if not name.startswith("{"):
        return {"state": name}
    try:
        return {"state": read_json(name)}
    except JsonError as error:
        raise typer.BadParameter(f"The state is no JSON: {error}.") from error


def wait(
    orchestration: OrchestrationArgument,
    target: Annotated[
        str, typer.Option("--for", metavar="done|state:X|tag:Y", help="What is waited for; the end by default.")
    ] = "done",
    timeout: Annotated[
        timedelta | None,
        typer.Option("--timeout", parser=read_span, metavar="SPAN", help="How long: 30s, 5m; else without end."),
    ] = None,
    as_json: JsonOption = False,
    app: AppOption = None,
) -> None:
    """Wait until an orchestration is done, in a state, or has a tag, and print where it is.

    Exit codes: 0 if it is there, 1 if it has ended otherwise or there is none, 3 if --timeout is over before.
    """
    goal = read_goal(target)

    async def body(client: ArvoClient) -> int:
        arrival = await client.wait_for(orchestration, **goal, timeout=timeout)
        told = {"workflow_id": arrival.workflow_id, "status": arrival.status, "value": arrival.value}
        if as_json:
            print_json(told)
        else:
            place = None if arrival.value is None else value_words(arrival.value)
            print_words(arrival.status, arrival.workflow_id, place)
        return 0

    run_with_client(body, app)
