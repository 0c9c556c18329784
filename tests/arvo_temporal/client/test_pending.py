"""Which requests wait for an answer from outside, and how they are answered."""

from __future__ import annotations

import pytest

from arvo import ArvoEvent
from arvo.errors import InvalidPayloadError, UnknownEventTypeError
from arvo_temporal import AppError, ArvoClient, EmissionPolicy, Fate
from tests.approvals import GOOD, approvals_app
from tests.apps import ask, asker_app
from tests.conftest import Serve
from tests.polling import eventually
from tests.resumables import Kind, as_machine_and_function
from tests.resumables import asker_app as asker_app_of


async def test_a_request_is_pending_until_its_answer_is_consumed(serve: Serve) -> None:
    async with serve(approvals_app()) as client:
        begun = await client.start("approval", {"signatures": 1})
        [request] = await eventually(lambda: client.pending_requests(begun.subject), bool)
        assert (request.event.type, request.answers) == (
            "com.verdict.ask",
            ("evt.verdict.given", "evt.verdict.refused"),
        )
        result = await client.answer(request, GOOD, type="evt.verdict.given")
        assert (result.fate, len(result.events)) == (Fate.APPLIED, 2)
        first, second = await client.pending_requests(begun.subject)
        assert [one.event.id for one in (first, second)] == [event.id for event in result.events]
        await client.answer(second, {})
        assert await client.pending_requests(begun.subject) == [first]


async def test_an_answer_follows_from_the_request(serve: Serve) -> None:
    async with serve(approvals_app()) as client:
        begun = await client.start("approval", {})
        [request] = await eventually(lambda: client.pending_requests(begun.subject), bool)
        await client.answer(request, GOOD, type="evt.verdict.given")
        record = await client.result(begun.subject)
        consumed = ArvoEvent.from_json(record["events"]["consumed"] or {})
    assert (consumed.source, consumed.to, consumed.parentid) == (
        "com.verdict.ask",
        "arvo.orc.approval",
        request.event.id,
    )


async def test_an_answer_that_names_no_request_answers_the_oldest_one(serve: Serve) -> None:
    async with serve(approvals_app()) as client:
        begun = await client.start("approval", {"signatures": 1})
        await eventually(lambda: client.pending_requests(begun.subject), bool)
        await client.execute(await client.compose(begun.subject, "evt.verdict.given", GOOD))
        _, second = await client.pending_requests(begun.subject)
        await client.execute(await client.compose(begun.subject, "evt.signature.given", {}))
        assert await client.pending_requests(begun.subject) == [second]


async def test_what_has_ended_waits_for_nothing(serve: Serve) -> None:
    async with serve(approvals_app()) as client:
        begun = await client.start("approval", {})
        [request] = await eventually(lambda: client.pending_requests(begun.subject), bool)
        await client.answer(request, {"text": "no"}, type="evt.verdict.refused")
        await client.result(begun.subject)
        assert await client.pending_requests(begun.subject) == []


@as_machine_and_function
async def test_what_this_app_answers_itself_is_not_pending(serve: Serve, kind: Kind) -> None:
    outside, here = ask("Rain", "delphi"), ask("Rain")
    app = asker_app_of(kind=kind, publishers={"delphi": lambda event: None, None: lambda event: None})
    async with serve(app) as client:
        for init in (outside, here):
            await client.execute(init)
        for init in (outside, here):
            [request] = await client.pending_requests(init.subject)
            assert request.event.type == "com.oracle.ask"


async def test_a_request_that_is_still_on_its_way_is_pending(serve: Serve) -> None:
    def fail(event: ArvoEvent) -> None:
        raise ConnectionError("nobody")

    init = ask("Rain", "delphi")
    async with serve(asker_app(publishers={"delphi": fail}, policy=EmissionPolicy())) as client:
        await client.execute(init)
        assert len(await client.pending_requests(init.subject)) == 1


@pytest.mark.parametrize(
    ("data", "type", "error"),
    [
        (GOOD, None, UnknownEventTypeError),
        (GOOD, "evt.verdict.unheard", UnknownEventTypeError),
        ({**GOOD, "amount": -1}, "evt.verdict.given", InvalidPayloadError),
    ],
)
async def test_what_is_no_answer_is_not_sent(
    serve: Serve, data: dict[str, object], type: str | None, error: type[Exception]
) -> None:
    async with serve(approvals_app()) as client:
        begun = await client.start("approval", {})
        [request] = await eventually(lambda: client.pending_requests(begun.subject), bool)
        with pytest.raises(error):
            await client.answer(request, data, type=type)
        assert await client.pending_requests(begun.subject) == [request]


async def test_it_takes_the_app(serve: Serve) -> None:
    async with serve(approvals_app()) as client:
        begun = await client.start("approval", {})
        with pytest.raises(AppError):
            await ArvoClient(client.client).pending_requests(begun.subject)
