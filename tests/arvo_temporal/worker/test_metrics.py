"""`--metrics`: what Prometheus reads of a worker. The dashboard and the alerts of docs/ name nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from temporalio.client import Client
from temporalio.runtime import LoggingConfig, PrometheusConfig, TelemetryFilter

from adapter.ledger import Fate
from arvo import ArvoEvent
from arvo_temporal import ArvoApp, ArvoClient, DevServer, prometheus_config
from arvo_temporal.cli.telemetry_options import read_metrics
from arvo_temporal.dev_server.ports import free_port, is_free
from arvo_temporal.worker.listen_address import ListenAddress
from arvo_temporal.worker.runtime import MetricsEndpointError, use_runtime
from tests.alarm import arm
from tests.apps import ask, counted, start_count, supervise
from tests.arvo_temporal.cli.commands import WORKER, Command, run, running
from tests.arvo_temporal.worker.test_supervisor import workers
from tests.errands import errand, errands
from tests.metered import HOPELESS, app
from tests.polling import eventually
from tests.scrape import Sample, scrape, total
from workflows.meters import COUNTERS, HISTOGRAMS

DOCS = Path(__file__).parents[3] / "docs"
DASHBOARD: dict[str, Any] = json.loads((DOCS / "grafana.json").read_text(encoding="utf-8"))
ALERTS: dict[str, Any] = yaml.safe_load((DOCS / "alerts.yml").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel["targets"]] + [rule["expr"] for rule in RULES]

_METRIC = re.compile(r"\b(?:arvo|temporal)_\w+")
_SELECTED = re.compile(r"\b((?:arvo|temporal)_\w+)\{([^}]*)\}")
_VALUE = re.compile(r'(\w+)="([^"$]*)"')
_GROUPED = re.compile(r"by \(([^)]*)\)")


def metrics_url(command: Command) -> str:
    """Return where a worker says that its metrics are."""
    found = re.search(r"http://\S+/metrics", command.output)
    assert found is not None, command.output
    return found[0]


async def eventful(client: ArvoClient) -> None:
    """Let everything happen that metrics tell of."""
    refused, broken, sent = start_count(2), start_count(2), ask("when?", "delphi")
    for init in (ask("what?"), ask(HOPELESS), sent, supervise(1), arm(20), refused):
        await client.deliver(init)
    event = counted(refused.subject)
    await client.deliver(ArvoEvent.from_json({**event.to_json(), "data": {"by": "one"}}))
    await eventually(lambda: client.violations(refused.subject), lambda seen: len(seen) == 1)
    await client.execute(event)
    await client.execute(event)  # a duplicate
    await client.deliver(broken)
    await client.execute(ArvoEvent.from_json({**counted(broken.subject).to_json(), "type": "evt.tally.failed"}))
    await client.deliver(counted(broken.subject, -1))
    elsewhere = ArvoClient(client.client, ArvoApp(orchestrators=[errands()]), task_queue="metered")
    await elsewhere.deliver(errand())  # nobody has it: its workflow task fails


@pytest.fixture(scope="module")
async def at_first() -> list[Sample]:
    """All that the endpoint has before anything has happened; filled by `exported`."""
    return []


@pytest.fixture(scope="module")
async def exported(server: DevServer, at_first: list[Sample]) -> list[Sample]:
    """All that the endpoint of a real worker has after everything has happened."""
    environment = {"TEMPORAL_ADDRESS": server.address, "ARVO_METRICS": "localhost:0"}
    async with running(*WORKER, "tests.metered:app", environment=environment) as worker:
        await worker.until("/metrics")
        url = metrics_url(worker)
        at_first += await asyncio.to_thread(scrape, url)
        await eventful(ArvoClient(await Client.connect(server.address), app))
        samples = await eventually(lambda: asyncio.to_thread(scrape, url), everything_has_happened)
        worker.press_ctrl_c()
        assert await worker.end() == 0
    return samples


def everything_has_happened(samples: list[Sample]) -> bool:
    return all(
        (
            *(total(samples, "arvo_events_total", fate=fate) for fate in Fate if fate is not Fate.LATE),
            total(samples, "arvo_trouble_ended_total", kind="refused"),
            total(samples, "arvo_trouble_begun_total", kind="failed"),
            total(samples, "arvo_steps_total", cause="timer"),
            total(samples, "arvo_state_time_seconds_count", state="armed"),
            total(samples, "arvo_emissions_total", to="delphi", outcome="done"),
            total(samples, "temporal_workflow_task_execution_failed_total"),
        )
    )


async def test_every_metric_of_ours_is_exported_with_the_names_of_prometheus(exported: list[Sample]) -> None:
    names = {sample.name for sample in exported if sample.name.startswith("arvo_")}
    times = {f"{name}_seconds_{part}" for name in HISTOGRAMS for part in ("bucket", "sum", "count")}
    assert names == {f"{name}_total" for name in COUNTERS} | times


async def test_labels_are_names_of_the_app_and_never_come_from_an_event(exported: list[Sample]) -> None:
    seen: dict[str, set[str]] = {}
    for sample in exported:
        if sample.name.startswith("arvo_"):
            for name, value in sample.labels.items():
                seen.setdefault(name, set()).add(value)
    orchestrators = {"arvo.orc.alarm", "arvo.orc.asker", "arvo.orc.counter", "arvo.orc.supervisor"}
    assert seen["orchestrator"] == seen["workflow_type"] == orchestrators
    assert seen["version"] == {"1.0.0"}
    assert seen["route"] <= {"inbox", "handler", "child", "orchestration", "publisher", "nowhere"}
    assert seen["to"] <= {"", "delphi", "com.oracle.ask", *orchestrators}
    assert seen["state"] <= {"armed", "asking", "waiting", "counting", "ringing"}
    assert set(seen) == {
        *("namespace", "task_queue", "workflow_type", "orchestrator", "version"),
        *("fate", "cause", "route", "to", "outcome", "kind", "state", "le"),
    }


@pytest.mark.parametrize("expression", EXPRESSIONS)
async def test_the_dashboard_and_the_alerts_name_what_is_exported(exported: list[Sample], expression: str) -> None:
    names = set(_METRIC.findall(expression))
    assert names
    assert names <= {sample.name for sample in exported}


@pytest.mark.parametrize("expression", EXPRESSIONS)
async def test_they_select_and_group_by_labels_that_are_there(exported: list[Sample], expression: str) -> None:
    (name,) = set(_METRIC.findall(expression))
    here = {label for sample in exported if sample.name == name for label in sample.labels} | {"instance", "job"}
    selected = {
        part.partition("=")[0].strip(" !~") for _, inside in _SELECTED.findall(expression) for part in inside.split(",")
    }
    grouped = {label.strip() for inside in _GROUPED.findall(expression) for label in inside.split(",")}
    assert selected | grouped <= here


@pytest.mark.parametrize("expression", EXPRESSIONS)
async def test_there_is_a_series_of_each_value_that_they_select(exported: list[Sample], expression: str) -> None:
    for name, inside in _SELECTED.findall(expression):
        wanted = dict(_VALUE.findall(inside))
        assert [sample for sample in exported if sample.name == name and wanted.items() <= sample.labels.items()]


_OF_WHAT_GOES_WRONG = [one for one in EXPRESSIONS if one in {rule["expr"] for rule in RULES} or "increase(" in one]


@pytest.mark.parametrize("expression", _OF_WHAT_GOES_WRONG)
async def test_what_goes_wrong_is_counted_before_the_first_one_comes(
    exported: list[Sample], at_first: list[Sample], expression: str
) -> None:
    for name, inside in _SELECTED.findall(expression):
        if name.startswith("arvo_"):  # Prometheus does not see that a counter which begins at 1 has grown
            wanted = dict(_VALUE.findall(inside))
            ours = [one for one in at_first if one.name == name and wanted.items() <= one.labels.items()]
            assert {one.value for one in ours} == {0.0}
            there = [one.labels for one in ours]
            later = [one for one in exported if one.name == name and wanted.items() <= one.labels.items()]
            assert [one.labels for one in later if one.value and one.labels not in there] == []


def test_what_fails_for_good_is_counted_in_its_panel_from_the_first_one_on() -> None:
    failed = [target["expr"] for panel in PANELS if "failed for good" in panel["title"] for target in panel["targets"]]
    assert failed
    assert set(failed) <= set(_OF_WHAT_GOES_WRONG)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_their_expressions_are_whole(expression: str) -> None:
    assert expression.count("(") == expression.count(")")
    assert "rate(" not in expression or re.search(r"\[(\d+m|\$__rate_interval)\]", expression)
    assert ("histogram_quantile" in expression) == ("_bucket" in expression)
    assert "_bucket" not in expression or " le)" in expression or "(le)" in expression


def test_the_dashboard_is_one_that_grafana_imports() -> None:
    assert DASHBOARD["title"]
    assert DASHBOARD["uid"]
    assert DASHBOARD["schemaVersion"] >= 36
    assert DASHBOARD["id"] is None
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    variables = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    for panel in PANELS:
        assert panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        used = re.findall(r"\$(\w+)", " ".join(target["expr"] for target in panel["targets"]))
        assert set(used) <= variables | {"__rate_interval"}


def test_the_panels_do_not_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_an_alert_says_what_is_wrong_and_what_to_do() -> None:
    assert set(ALERTS) == {"groups"}
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}
        assert re.fullmatch(r"Arvo[A-Za-z]+", rule["alert"])
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0m"))
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert set(rule["annotations"]) == {"summary", "description"}
        told = " ".join(rule["annotations"].values())
        grouped = {label.strip() for inside in _GROUPED.findall(rule["expr"]) for label in inside.split(",")}
        assert set(re.findall(r"\$labels\.(\w+)", told)) <= grouped


def test_the_page_has_every_metric_and_every_alert() -> None:
    page = (DOCS / "monitoring.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(arvo_\w+)` \|", page, flags=re.MULTILINE))
    assert rows == {f"{name}_total" for name in COUNTERS} | {f"{name}_seconds" for name in HISTOGRAMS}
    assert set(re.findall(r"`(Arvo[A-Z]\w+)`", page)) == {rule["alert"] for rule in RULES}


async def test_each_of_several_processes_has_its_port_also_after_it_was_killed(server: DevServer) -> None:
    first = next(port for port in iter(free_port, None) if is_free(port + 1))
    options = ("--processes", "2", "--metrics", f"127.0.0.1:{first}", "--task-queue", "metered-twice")
    async with running(*WORKER, "tests.metered:app", *options, environment={"TEMPORAL_ADDRESS": server.address}) as two:
        pids = await workers(two, 2)
        assert f"http://127.0.0.1:{first}/metrics  to port {first + 1}, each process its own" in two.output
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        await workers(two, 4)
        for port in (first, first + 1):
            assert scrape(f"http://127.0.0.1:{port}/metrics")
        two.press_ctrl_c()
        assert await two.end() == 0
    for port in (first, first + 1):
        assert two.output.count(f"with metrics at http://127.0.0.1:{port}/metrics.") == 2


async def test_with_port_0_each_process_says_its_own(server: DevServer) -> None:
    options = ("--processes", "2", "--metrics", "127.0.0.1:0", "--task-queue", "metered-freely")
    async with running(*WORKER, "tests.metered:app", *options, environment={"TEMPORAL_ADDRESS": server.address}) as two:
        await workers(two, 2)
        urls = set(re.findall(r"http://127\.0\.0\.1:\d+/metrics", two.output))
        assert len(urls) == 2
        assert all(scrape(url) for url in urls)
        two.press_ctrl_c()
        assert await two.end() == 0


async def test_a_port_that_is_taken_is_one_line_with_the_cure(server: DevServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, output = await run(
            *WORKER, "tests.metered:app", "--metrics", address, environment={"TEMPORAL_ADDRESS": server.address}
        )
    assert code == 1
    assert output == (
        f"Error: The metrics cannot be served at {address}: Address already in use (os error 98). Give another "
        "address with --metrics or ARVO_METRICS; port 0 takes a free one.\n"
    )


@pytest.mark.parametrize("host", ["nowhere.invalid", "203.0.113.1", "x" * 300])
def test_a_host_that_is_not_here_is_said(host: str) -> None:
    log = LoggingConfig(TelemetryFilter("ERROR", "ERROR"))
    with pytest.raises(MetricsEndpointError, match=re.escape(f"cannot be served at {host}:0: ")):
        use_runtime(log, ListenAddress(host, 0))


@pytest.mark.parametrize("text", ["9464", "localhost", "127.0.0.1:", ":9464", "127.0.0.1:70000", "a b:1"])
def test_what_is_no_address_is_wrong_usage(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="HOST:PORT"):
        read_metrics(text, None)


def test_there_is_a_port_for_each_process_or_it_is_wrong_usage() -> None:
    assert read_metrics("127.0.0.1:65533", 3) == ListenAddress("127.0.0.1", 65533)
    assert read_metrics("127.0.0.1:0", 3) == ListenAddress("127.0.0.1", 0)
    assert read_metrics("", 3) is None
    with pytest.raises(typer.BadParameter, match="4 processes take 4 ports, from 65533 on"):
        read_metrics("127.0.0.1:65533", 4)


def test_a_program_of_ones_own_gets_the_same_names() -> None:
    config = prometheus_config("127.0.0.1:9464")
    assert isinstance(config, PrometheusConfig)
    assert (config.counters_total_suffix, config.unit_suffix, config.durations_as_seconds) == (True, True, True)
    assert set(config.histogram_bucket_overrides or {}) == set(HISTOGRAMS)
    for bounds in (config.histogram_bucket_overrides or {}).values():
        assert list(bounds) == sorted(set(bounds))
