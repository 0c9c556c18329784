"""Orchestration subjects: made, inherited, read, and refused."""

from __future__ import annotations

import base64
import gzip
import json
import time
import zlib
from typing import Any

import pytest
from pydantic import ValidationError

from arvo.errors import InvalidSubjectError
from arvo.events.subject import ArvoOrchestrationSubject as Subject
from arvo.surroundings import Surroundings, use

CONTENT: dict[str, Any] = {
    "orchestrator": {"name": "arvo.orc.order", "version": "1.0.0"},
    "execution": {"id": "execution-1", "initiator": "com.web.shop", "domain": None},
    "meta": {"redirectto": "com.back.office"},
}


def pack(text: str, compress: Any = zlib.compress) -> str:
    return base64.b64encode(compress(text.encode())).decode()


def test_a_new_subject_has_an_execution_of_its_own() -> None:
    with use(Surroundings(new_id=lambda: "execution-1")):
        subject = Subject.new(
            orchestrator="arvo.orc.order",
            version="1.0.0",
            initiator="com.web.shop",
            meta={"redirectto": "com.back.office"},
        )
    assert Subject.parse(subject).model_dump() == CONTENT


def test_a_child_inherits_domain_and_meta_and_is_initiated_by_its_parent() -> None:
    parent = Subject.create({**CONTENT, "execution": {**CONTENT["execution"], "domain": "eu.west"}})
    child = Subject.from_(orchestrator="arvo.orc.refund", version=None, subject=parent, meta={"k": "v"})
    content = Subject.parse(child)
    assert content.orchestrator.version == "0.0.0"
    assert content.execution.initiator == "arvo.orc.order"
    assert content.execution.domain == "eu.west"
    assert dict(content.meta) == {"redirectto": "com.back.office", "k": "v"}
    assert content.execution.id != "execution-1"


def test_gzip_and_blanks_and_the_url_alphabet_are_read_too() -> None:
    text = json.dumps(CONTENT)
    subject = pack(text)
    variants = [pack(text, gzip.compress), subject.rstrip("="), f" {subject[:9]}\n{subject[9:]}"]
    variants.append(subject.replace("+", "-").replace("/", "_"))
    assert all(Subject.parse(variant).model_dump() == CONTENT for variant in variants)


def test_what_a_subject_says_cannot_be_changed() -> None:
    content: Any = Subject.parse(Subject.create(CONTENT))
    with pytest.raises(ValidationError, match="frozen"):
        content.execution.id = "other"
    with pytest.raises(TypeError):
        content.meta["redirectto"] = "other"
    assert Subject.parse(Subject.create(CONTENT)) is content


def test_every_bad_part_is_named() -> None:
    with pytest.raises(InvalidSubjectError) as refusal:
        Subject.create({"orchestrator": {"name": "order", "version": "1"}, "execution": {}, "meta": {"a": 1}})
    assert refusal.value.reason == "schema"
    assert refusal.value.paths == [
        *("orchestrator.name", "orchestrator.version"),
        *("execution.id", "execution.initiator", "execution.domain", "meta.a"),
    ]


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("", "codec"),
        ("not a subject", "codec"),
        (None, "codec"),
        (b"eJw=", "codec"),
        (pack(json.dumps(CONTENT))[:-20], "codec"),
        ("\ud800", "codec"),
        (pack("[" * 50_000), "json"),
        (pack('{"a": NaN}'), "json"),
        (pack('{"orchestrator": "\\ud800"}'), "json"),
        (pack("9" * 60_000), "json"),
        (pack("[]"), "schema"),
        (pack("null"), "schema"),
        (pack(json.dumps({**CONTENT, "meta": {"a": None}})), "schema"),
    ],
)
def test_what_is_no_subject_is_refused(subject: Any, reason: str) -> None:
    with pytest.raises(InvalidSubjectError) as refusal:
        Subject.parse(subject)
    assert refusal.value.reason == reason
    assert len(str(refusal.value)) < 2_000
    assert not Subject.is_valid(subject)


@pytest.mark.parametrize("size", [65_537, 50_000_000])
def test_a_decompression_bomb_is_refused_at_once(size: int) -> None:
    engine = zlib.compressobj(9)
    bomb = b"".join(engine.compress(b" " * 65_537) for _ in range(size // 65_537)) + engine.flush()
    started = time.process_time()
    with pytest.raises(InvalidSubjectError, match=r"inflates to more than 65536|more than 131072 characters"):
        Subject.parse(base64.b64encode(bomb).decode())
    assert time.process_time() - started < 0.2


def test_a_parent_that_cannot_be_read_is_told_apart() -> None:
    with pytest.raises(InvalidSubjectError, match="parent's subject") as refusal:
        Subject.from_(orchestrator="arvo.orc.refund", version="1.0.0", subject="nonsense")
    assert refusal.value.reason == "parent-codec"
