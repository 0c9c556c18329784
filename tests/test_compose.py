"""The Compose file and the Dockerfile: valid, pinned, checked for health, and closed to the network."""

from __future__ import annotations

import fnmatch
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from arvo_temporal.worker.health_endpoint import health_endpoint
from arvo_temporal.worker.listen_address import ListenAddress

ROOT = Path(__file__).parent.parent
SCHEMA = ROOT / "tests" / "data" / "compose-spec" / "compose-spec.json"

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)

PINNED = re.compile(r"[\w./-]+:\d+\.\d+[\w.-]*")
ONE_SHOT = {name for name, service in SERVICES.items() if service["restart"].startswith("on-failure")}


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, flags=re.MULTILINE)


def test_the_file_follows_the_compose_specification() -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    problems = list(jsonschema.Draft202012Validator(schema).iter_errors(COMPOSE))
    assert problems == []


def test_the_validation_would_find_a_mistake() -> None:
    schema = json.loads(SCHEMA.read_text())
    wrong = {"services": {"worker": {"image": "x:1", "helthcheck": {}}}}
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(wrong))


def test_it_has_a_server_a_database_a_ui_a_trace_viewer_and_a_worker() -> None:
    assert set(SERVICES) - ONE_SHOT == {"postgres", "temporal", "temporal-ui", "traces", "worker"}


@EVERY_SERVICE
def test_images_are_pinned_to_a_version(service: dict[str, Any]) -> None:
    assert PINNED.fullmatch(service["image"]), service["image"]


def test_base_images_of_the_dockerfile_are_pinned_to_a_version() -> None:
    bases = [line.split()[0] for line in instructions("FROM")]
    assert len(bases) == 2
    assert all(PINNED.fullmatch(base) for base in bases)


@EVERY_SERVICE
def test_each_service_has_a_health_check_with_bounds(service: dict[str, Any]) -> None:
    check = service["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries"} <= set(check)


@pytest.mark.parametrize("name", SERVICES)
def test_services_wait_until_what_they_need_is_ready(name: str) -> None:
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        ready = "service_completed_successfully" if needed in ONE_SHOT else "service_healthy"
        assert how == {"condition": ready}, f"{name} needs {needed}"


@EVERY_SERVICE
def test_ports_are_open_to_this_machine_only(service: dict[str, Any]) -> None:
    for port in service.get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z_]+:-\d+\}:\d+", port), port


@EVERY_SERVICE
def test_passwords_come_from_the_environment(service: dict[str, Any]) -> None:
    for name, value in service.get("environment", {}).items():
        if re.search("PASSWORD|PWD|SECRET|KEY|TOKEN", name):
            assert re.fullmatch(r"\$\{[A-Z_]+:-\w+\}", value), name


def test_the_database_is_kept_in_a_named_volume() -> None:
    volumes = [volume.split(":")[0] for volume in SERVICES["postgres"]["volumes"]]
    assert volumes == list(COMPOSE["volumes"])


def probe_of_the_dockerfile() -> list[str]:
    (command,) = re.findall(r"^HEALTHCHECK .*\\\n +CMD (\[.*\])$", DOCKERFILE, flags=re.MULTILINE)
    probe: list[str] = json.loads(command)
    return probe


def test_the_worker_is_built_here_and_both_files_ask_its_health_endpoint_alike() -> None:
    worker = SERVICES["worker"]
    assert worker["build"]["context"] == "."
    assert worker["healthcheck"]["test"] == ["CMD", *probe_of_the_dockerfile()]
    address = worker["environment"]["ARVO_HEALTH"]
    assert f"ARVO_HEALTH={address}\n" in DOCKERFILE
    assert "'{}', {},".format(*address.split(":")) in probe_of_the_dockerfile()[-1]


@pytest.mark.parametrize(("reason", "code", "said"), [(None, 0, "ok"), ("It drains.", 1, "It drains.")])
def test_the_probe_ends_by_what_the_endpoint_says(reason: str | None, code: int, said: str) -> None:
    def judge() -> str | None:
        return reason

    with health_endpoint(ListenAddress("127.0.0.1", 0), not_live=lambda: None, not_ready=judge) as url:
        *options, script = probe_of_the_dockerfile()[1:]
        here = script.replace("8081", url.rpartition(":")[2])
        ended = subprocess.run([sys.executable, *options, here], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (code, said, "")


def test_the_worker_does_not_run_as_root() -> None:
    assert instructions("USER") == ["arvo"]


def test_the_image_runs_the_installed_command() -> None:
    assert instructions("ENTRYPOINT") == ['["arvo-temporal", "worker"]']


def test_files_that_the_dockerfile_copies_exist_and_reach_the_build() -> None:
    rules = (ROOT / ".dockerignore").read_text().split()
    admitted = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    sources = [name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]]
    packages = {"activities", "adapter", "arvo", "arvo_temporal", "workflows"}
    assert set(sources) == {"pyproject.toml", "README.md", "LICENSE", ".build", *packages, "examples"}
    for name in sources:
        assert (ROOT / name).exists(), name
        assert any(fnmatch.fnmatch(name, rule) for rule in admitted), name
