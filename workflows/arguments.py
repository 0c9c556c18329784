"""What signals and starts bring: raw, because the SDK would silently drop a signal that it cannot decode."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue

from adapter.failures import AwaitsDeploymentError, refusal
from adapter.payload import DELIVER_ALL_SIGNAL, DELIVER_SIGNAL, json_of, text_of, unreadable
from adapter.resolution import Resolution
from adapter.troubles import Dismissal
from arvo.errors import ArvoError, shorten
from arvo.wire import JsonError, read_json
from workflows.carried_state import CarriedState

_SHOWN = 500
_MOST_PROBLEMS = 5


def arguments_of_run(args: Sequence[RawValue]) -> tuple[RawValue, CarriedState | None]:
    """Return the init event that a run begins with, and what the run before has left; None in the first run.

    Only a run that continues another one takes carried state: whoever else starts a workflow could forge it.

    Raises:
        ArvoError: It got more arguments than it takes, or none.
        AwaitsDeploymentError: What the run before has left cannot be read. That fails the workflow task, not the
            workflow: Temporal tries again until a worker that can is deployed.
    """
    info = workflow.info()
    if len(args) != 2 or info.continued_run_id is None or info.cron_schedule:
        return only_argument(args, "workflow input"), None
    try:
        return args[0], CarriedState.model_validate_json(json_of(args[1]))
    except ValueError as error:
        raise AwaitsDeploymentError(
            f"What the run before has left cannot be read: {str(error)[:_SHOWN]} Deploy the worker that has left it; "
            "until then this orchestration waits."
        ) from error


def texts_of_signal(name: str, args: Sequence[RawValue]) -> list[bytes]:
    """Return what a signal brings, as texts that wait for their turns: nothing is read yet, and nothing refused."""
    if name == DELIVER_ALL_SIGNAL and args:
        return [text_of(argument) for argument in args]
    try:
        if name not in (DELIVER_SIGNAL, DELIVER_ALL_SIGNAL):
            raise refusal(f"There is no signal {shorten(name)}. Deliver events with the signal '{DELIVER_SIGNAL}'.")
        return [text_of(only_argument(args, f"signal '{name}'"))]
    except ArvoError as error:
        return [unreadable(str(error), args[0].payload.data if args else b"")]


def retried_id(wanted: RawValue) -> str | None:
    """Return the id of the requests that are to be sent again; None stands for all.

    Raises:
        ArvoError: It is no id.
    """
    try:
        event_id = read_json(json_of(wanted))
    except JsonError as error:
        raise refusal(f"The update 'retry' takes the id of a request as JSON, or null: {error}") from error
    if event_id is not None and not isinstance(event_id, str):
        raise refusal("The update 'retry' takes the id of a request, a text, or null for all that have failed.")
    return event_id


def resolution_of(wanted: RawValue) -> Resolution:
    """Return the answer that is to be given in the place of a service.

    Raises:
        ArvoError: It is none.
    """
    try:
        return Resolution.model_validate(read_json(json_of(wanted)))
    except (JsonError, ValidationError) as error:
        raise refusal(
            "The update 'resolve' takes an answer as JSON, such as "
            f'{{"request": "<id>", "type": "evt.x.y.success", "data": {{}}, "by": "<who>"}}: {_problems(error)}'
        ) from error


def dismissal_of(wanted: RawValue) -> Dismissal:
    """Return which troubles are to be dismissed.

    Raises:
        ArvoError: It does not say so.
    """
    try:
        return Dismissal.model_validate(read_json(json_of(wanted)))
    except (JsonError, ValidationError) as error:
        raise refusal(
            f'The update \'dismiss\' takes JSON, such as {{"id": "<id>", "kind": "refused"}}: {_problems(error)}'
        ) from error


def _problems(error: JsonError | ValidationError) -> str:
    if isinstance(error, JsonError):
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, problem['loc'])) or 'it'}: {problem['msg']}" for problem in error.errors()[:_MOST_PROBLEMS]
    )


def only_argument(args: Sequence[RawValue], place: str) -> RawValue:
    """Return the one argument that `place` takes.

    Raises:
        ArvoError: There is none, or more than one.
    """
    if len(args) != 1:
        raise refusal(f"The {place} takes exactly one argument, an ArvoEvent as JSON; it got {len(args)}.")
    return args[0]
