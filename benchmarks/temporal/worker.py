"""The worker of one side, as a process of its own that can be asked what it has used."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, TextIO

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from arvo_temporal import ArvoPlugin, EmissionPolicy, run_command
from benchmarks.temporal import adapted, handwritten
from benchmarks.temporal.gate import Gate

_KB_PER_MAXRSS = 1 / 1024 if sys.platform == "darwin" else 1


@dataclass(frozen=True, slots=True)
class Usage:
    """What a worker process has used since its start.

    Attributes:
        cpu: CPU seconds, user and system.
        memory: Peak of its resident memory, MB.
    """

    cpu: float
    memory: float


class WorkerProcess:
    """A worker of one side, running inside `async with`.

    Args:
        side: `A` or `B`.
        address: The server.
        task_queue: The task queue that it polls.
        options: `emission` of side A, `sandboxed` of side B; `polls_end_within`, seconds in which open polls end before
            the worker is stopped; `sticky_timeout`, seconds that a task waits for this worker before others get it;
            further arguments of the `Worker`.
        environment: Environment variables that it has besides ours.
    """

    def __init__(
        self,
        side: str,
        address: str,
        task_queue: str,
        options: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.task_queue = task_queue
        self._arguments = [side, address, task_queue, json.dumps(options or {})]
        self._environment = {**os.environ, **(environment or {})}

    async def __aenter__(self) -> Self:
        """Start it and wait until it polls."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.temporal.worker", *self._arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=self._environment,
        )
        await self.usage()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def usage(self) -> Usage:
        """Ask it what it has used."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"usage\n")
        answer = await self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The worker {self._arguments} has ended with code {await self._process.wait()}.")
        return Usage(**json.loads(answer))


def _usage() -> Usage:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss * _KB_PER_MAXRSS / 1024)


async def _serve(side: str, address: str, task_queue: str, options: dict[str, Any]) -> Worker:
    if side == "A":
        emission = EmissionPolicy(mode=options.pop("emission", "activity"))
        app = adapted.create_app(task_queue, dict.fromkeys(adapted.HANDLERS, emission))
        return Worker(await Client.connect(address, plugins=[ArvoPlugin(app)]), task_queue=task_queue, **options)
    runner = SandboxedWorkflowRunner() if options.pop("sandboxed", True) else UnsandboxedWorkflowRunner()
    return Worker(
        await Client.connect(address, data_converter=pydantic_data_converter),
        task_queue=task_queue,
        workflows=handwritten.WORKFLOWS,
        activities=handwritten.ACTIVITIES,
        workflow_runner=runner,
        **options,
    )


async def _main(_stop: asyncio.Event) -> int:
    side, address, task_queue, options = sys.argv[1:]
    answers = _take_over_stdout()
    # The SDK warns of each workflow task that the server breaks off in a burst: that is how the server limits bursts.
    logging = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=logging)))
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    chosen = json.loads(options)
    polls_end_within = chosen.pop("polls_end_within", None)
    gate = Gate() if polls_end_within is not None else None
    async with await _serve(side, address, task_queue, {**_stopping(chosen), **(gate.options() if gate else {})}):
        while await lines.readline():
            usage = _usage()
            print(json.dumps({"cpu": usage.cpu, "memory": usage.memory}), file=answers, flush=True)
        if gate is not None:
            await gate.close(polls_end_within)
    return 0


def _stopping(options: dict[str, Any]) -> dict[str, Any]:
    sticky_timeout = options.pop("sticky_timeout", None)
    if sticky_timeout is None:
        return options
    return {**options, "sticky_queue_schedule_to_start_timeout": timedelta(seconds=sticky_timeout)}


def _take_over_stdout() -> TextIO:
    """Return what was stdout, and let what the SDK logs there go to stderr."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


if __name__ == "__main__":
    run_command(_main)
