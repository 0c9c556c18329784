"""What the parts of the client share: the Temporal client, the app, and what is made of both."""

from __future__ import annotations

import inspect
from functools import partial

from temporalio.client import Client

from adapter.app import ArvoApp
from adapter.codec import app_client, reading_client
from adapter.delivery import Deliverer
from adapter.errors import AppError
from arvo.errors import described
from arvo_temporal.client.arriving import Arrivals
from arvo_temporal.client.composing import Composer
from arvo_temporal.client.door import check_at_door
from arvo_temporal.client.finding import Finder
from arvo_temporal.client.nudging import Nudger
from arvo_temporal.client.reading import Reader
from arvo_temporal.client.scheduling import Schedules


class ConnectedClient:
    """What each part of the client works with: a Temporal client, and the app whose orchestrations are meant.

    `ArvoClient`, which has all parts, says what it takes and what it has.
    """

    def __init__(self, client: Client, app: ArvoApp | None = None, *, task_queue: str | None = None) -> None:
        _require_client(client)
        self.client = app_client(client, app)
        self._app = app
        self._deliverer = Deliverer(self.client, app)
        self._composer = Composer(app)
        self._reading = reading_client(self.client)
        self._reader = Reader(self._reading, app)
        self._nudger = Nudger(self.client)
        self._finder = Finder(self._reading)
        self._arrivals = Arrivals(self._reading, app, self._reader)
        self._task_queue = task_queue or (app.task_queue if app else None)
        self._check = partial(check_at_door, app=app)
        self.schedules = Schedules(self.client, self._composer, self._check, self._task_queue)

    @property
    def app(self) -> ArvoApp | None:
        """The app whose orchestrations are meant."""
        return self._app

    async def find(self, orchestration: str) -> str:
        """Return the workflow id of an orchestration, as people call it. All methods take what this takes.

        Args:
            orchestration: Its subject, its workflow id, the beginning of that where it is the only one, or
                `orchestrator/key`, in any version; `arvo.orc.` may be left out. Of the first two no server is asked.

        Raises:
            InvalidSubjectError: It can be none of these.
            OrchestrationNotFoundError: The server's list has none that is called so; it may be a second behind.
            OrchestrationNotUniqueError: It has several.
        """
        return await self._finder.find(orchestration)

    async def shortest(self, orchestration: str) -> str:
        """Return the shortest name by which `find` finds an orchestration: `order/42`, where no other is called so.

        It may be a second behind, as lists are; then it is the workflow id.

        Args:
            orchestration: The orchestration, as `find` takes it.

        Raises:
            ArvoError: As `find` does.
        """
        return await self._finder.shortest(await self.find(orchestration))

    async def suggest(self, beginning: str) -> list[str]:
        """Return the workflow ids of a few orchestrations that begin so, for whoever types one."""
        return await self._finder.suggest(beginning)


def _require_client(client: object) -> None:
    """Refuse what people give instead of a client.

    Raises:
        AppError: It is no client of Temporal.
    """
    if isinstance(client, Client):
        return
    if inspect.iscoroutine(client):
        client.close()
        raise AppError("ArvoClient got a coroutine: wait for the client first, ArvoClient(await connect(), app).")
    raise AppError(
        f"ArvoClient(client, app) takes a Temporal client first, not {described(client)}: write "
        "ArvoClient(await connect(), app)."
    )
