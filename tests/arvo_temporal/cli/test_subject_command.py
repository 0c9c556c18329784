"""`arvo-temporal subject encode` and `decode`, as processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arvo import ArvoOrchestrationSubject
from arvo_temporal import workflow_id
from arvo_temporal.client import SENDER
from tests.arvo_temporal.cli.commands import ARVO_TEMPORAL, run

PARTS = ("version", "key", "initiator", "domain")
CONTENT = {
    "orchestrator": {"name": "arvo.orc.order", "version": "1.0.0"},
    "execution": {"id": "42 \u202e", "initiator": "com.test.app", "domain": None},
    "meta": {"a": "b"},
}


async def test_a_subject_is_read_and_written() -> None:
    subject = ArvoOrchestrationSubject.create(CONTENT)
    code, said = await run(*ARVO_TEMPORAL, "subject", "decode", subject)
    assert (code, json.loads(said)) == (0, CONTENT)
    assert said.isascii()
    assert await run(*ARVO_TEMPORAL, "subject", "encode", said) == (0, f"{subject}\n")
    assert await run(*ARVO_TEMPORAL, "subject", "decode", subject, "--workflow-id") == (0, f"{workflow_id(subject)}\n")


async def test_a_subject_is_read_as_a_file_has_it(tmp_path: Path) -> None:
    subject = ArvoOrchestrationSubject.create(CONTENT)
    file = tmp_path / "subject"
    for mark in ("", "\ufeff"):
        file.write_text(f"{mark}{subject}\r\n\n", encoding="utf-8")
        code, said = await run(*ARVO_TEMPORAL, "subject", "decode", f"@{file}")
        assert (code, json.loads(said)) == (0, CONTENT)


async def test_a_subject_without_a_version_or_an_initiator_has_those_of_anybody() -> None:
    _, subject = await run(*ARVO_TEMPORAL, "subject", "encode", "--orchestrator", "arvo.orc.order")
    code, said = await run(*ARVO_TEMPORAL, "subject", "decode", subject.strip())
    told = json.loads(said)
    assert (code, told["orchestrator"]["version"], told["execution"]["domain"]) == (0, "0.0.0", None)
    assert (told["execution"]["initiator"], told["meta"]) == (SENDER, {})


async def test_a_subject_is_made_of_its_parts() -> None:
    parts = ("--orchestrator", "arvo.orc.order", "--version", "1.0.0", "--key", "42", "--initiator", "com.test.app")
    here = ("--domain", "here")
    subject = ArvoOrchestrationSubject.new(
        orchestrator="arvo.orc.order", version="1.0.0", initiator="com.test.app", execution_id="42", domain="here"
    )
    assert await run(*ARVO_TEMPORAL, "subject", "encode", *parts, *here) == (0, f"{subject}\n")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("decode", "no subject"), 1, "is not an orchestration subject"),
        (("encode", '{"a": 1}'), 1, "orchestrator: Field required"),
        (("encode", "{"), 1, "it is not JSON"),
        (("encode", "--orchestrator", "order"), 1, "orchestrator.name"),
        (("encode",), 2, "--orchestrator"),
        (("encode", "{}", "--orchestrator", "arvo.orc.order"), 2, "--orchestrator"),
        *((("encode", "{}", f"--{part}", "1.0.0"), 2, "--orchestrator") for part in PARTS),
        (("encode", "--orchestrator", "arvo.orc.order", "--initiator", ""), 1, "execution.initiator"),
    ],
)
async def test_what_is_none_is_said(arguments: tuple[str, ...], code: int, words: str) -> None:
    ended, said = await run(*ARVO_TEMPORAL, "subject", *arguments)
    assert ended == code
    assert words in said
