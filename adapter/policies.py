"""What an app decides about its emissions, and about the children of its orchestrations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, get_args

from temporalio.common import RetryPolicy

from adapter.errors import AppError
from adapter.spans import Span, span
from arvo.errors import nearest, shorten

EmissionMode = Literal["activity", "local", "step", "inline"]
StepMode = Literal["step", "local", "inline"]
OnCancel = Literal["abandon", "cancel", "terminate"]


def _default_retry() -> RetryPolicy:
    return RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(minutes=1),
        maximum_attempts=8,
    )


@dataclass(frozen=True, slots=True)
class EmissionPolicy:
    """How an emission is performed, how long it may take and how often it is tried.

    Times are given as `timedelta`, `"5 minutes"` or ISO 8601, and kept as `timedelta`.

    Attributes:
        timeout: Longest time of one try (Temporal's start-to-close timeout).
        retry: Temporal's retry policy; the default tries 8 times over about two minutes.
        retry_on: What a handler raises of these exceptions is tried again by `retry`; after the last try it becomes the
            system error event that anything else becomes at once. Violations, and whatever a publisher raises, are
            always tried again.
        deadline: Longest time of all tries together, waiting for a worker included (schedule-to-close timeout); None
            leaves the bound to `retry`, so that events wait for as long as no worker runs.
        heartbeat: For tries that may take long: a worker that gives no sign of life for this time is taken for dead,
            and the event is handled again. Three signs are given in that time, unless an `async` function blocks the
            event loop. None waits until `timeout` is over.
        mode: `activity`, or `local` for what is done in a few seconds: it runs within the workflow task of the
            orchestration, on the same worker, and costs one history event where an activity costs six. A worker that
            dies in between does it again, with everything else of that workflow task. Under the type of a resumable it
            says where its function runs: `step`, which is what `activity` means there, as an activity for each event;
            `local` likewise; `inline` in the workflow itself, for nothing, if it is plain and deterministic.

    Raises:
        AppError: If what runs within a workflow task is to have heartbeats, or what is inline to be tried again, a time
            is none, `retry_on` has something else than exceptions, or something else is of another kind.
    """

    timeout: Span = timedelta(minutes=1)
    retry: RetryPolicy = field(default_factory=_default_retry)
    retry_on: type[Exception] | Iterable[type[Exception]] = ()
    deadline: Span | None = None
    heartbeat: Span | None = None
    mode: EmissionMode = "activity"

    def __post_init__(self) -> None:
        for name in ("timeout", "deadline", "heartbeat"):
            object.__setattr__(self, name, span(getattr(self, name), f"EmissionPolicy({name}=...):"))
        if self.timeout is None:
            raise AppError("EmissionPolicy(timeout=None): a try needs an end. Give a time, or leave it out.")
        if not isinstance(self.retry, RetryPolicy):
            raise AppError(
                f"EmissionPolicy(retry=...) is {shorten(self.retry)}: give Temporal's RetryPolicy, such as "
                "RetryPolicy(maximum_attempts=3)."
            )
        _check_choice("EmissionPolicy", "mode", self.mode, get_args(EmissionMode))
        object.__setattr__(self, "retry_on", _exceptions(self.retry_on))
        if self.mode in ("local", "inline") and self.heartbeat is not None:
            raise AppError(
                f"EmissionPolicy(mode='{self.mode}', heartbeat=...): what runs within a workflow task has no "
                "heartbeats, it is done again with the task. Leave one of the two out."
            )
        if self.mode == "inline" and self.retry_on:
            raise AppError(
                "EmissionPolicy(mode='inline', retry_on=...): what is deterministic would raise the same again. Leave "
                "one of the two out."
            )

    @property
    def step_mode(self) -> StepMode:
        """Where the function of a resumable runs."""
        return "step" if self.mode == "activity" else self.mode

    def tries_again(self, error: Exception) -> bool:
        """Tell whether what a handler has raised is tried again."""
        return isinstance(error, _exceptions(self.retry_on))


def _exceptions(given: object) -> tuple[type[Exception], ...]:
    kinds = tuple(given) if isinstance(given, Iterable) else (given,)
    exceptions = tuple(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Exception))
    for kind in kinds:
        if kind not in exceptions:
            raise AppError(
                f"EmissionPolicy(retry_on=...): {kind!r} is no class of exceptions. Name classes, for example "
                "retry_on=(ConnectionError, TimeoutError)."
            )
    return exceptions


@dataclass(frozen=True, slots=True)
class ChildPolicy:
    """What an orchestration does with those that it has started as its children.

    Attributes:
        on_cancel: What happens to the open children of an orchestration that is cancelled: they go on (`abandon`), are
            asked to end, and do the same with theirs (`cancel`), or are ended at once (`terminate`), theirs excepted.
        timeout: Longest time that a child may take, over all runs of its workflow, as a `timedelta`, `"5 minutes"` or
            ISO 8601; None for any.

    Raises:
        AppError: If that time is none, or `on_cancel` is another word.
    """

    on_cancel: OnCancel = "abandon"
    timeout: Span | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "timeout", span(self.timeout, "ChildPolicy(timeout=...):"))
        _check_choice("ChildPolicy", "on_cancel", self.on_cancel, get_args(OnCancel))


def _check_choice(owner: str, name: str, given: object, known: tuple[str, ...]) -> None:
    if given not in known:
        near = nearest(given, known)
        cure = f"write {near!r}" if near else f"write one of {', '.join(map(repr, known))}"
        raise AppError(f"{owner}({name}={shorten(given)}): {cure}.")
