"""What a pile of signals becomes before an orchestration receives it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.common import RawValue

from arvo_temporal.joined_signals import join_signals
from workflows.arguments import texts_of_signal

Arrival = tuple[str, str | tuple[bytes, ...], bool]
"""The name of a signal, what it brings, and whether it has headers; or an update or a timer, and its id."""


def activation(arrivals: list[Arrival]) -> WorkflowActivation:
    act = WorkflowActivation(run_id="run")
    for name, what, has_headers in arrivals:
        job = act.jobs.add()
        if name == "update":
            job.do_update.id = str(what)
        elif name == "timer":
            job.fire_timer.seq = int(str(what))
        else:
            job.signal_workflow.signal_name = name
            job.signal_workflow.input.extend(
                Payload(metadata={"encoding": b"json/plain"}, data=data) for data in what if isinstance(data, bytes)
            )
            if has_headers:
                job.signal_workflow.headers["trace"].data = b"1"
    return act


def received(jobs: list[WorkflowActivationJob]) -> list[object]:
    """Return what an orchestration reads of signals and updates, each event by itself."""
    seen = list[object]()
    for job in jobs:
        if job.HasField("do_update"):
            seen.append(job.do_update.id)
        elif job.HasField("signal_workflow"):
            signal = job.signal_workflow
            seen += texts_of_signal(signal.signal_name, [RawValue(payload) for payload in signal.input])
    return seen


def joined(arrivals: list[Arrival]) -> list[WorkflowActivationJob]:
    act = activation(arrivals)
    join_signals(act)
    return list(act.jobs)


events = st.binary(min_size=1, max_size=3)
signals = st.tuples(
    st.sampled_from(["deliver", "deliver", "deliver", "deliver_all", "nonsense"]),
    st.lists(events, max_size=3).map(tuple) | events.map(lambda one: (one,)),
    st.integers(0, 9).map(lambda number: number == 0),
)
others = st.tuples(st.sampled_from(["update", "timer"]), st.integers(0, 99).map(str), st.just(False))

piles = st.lists(signals | signals | signals | others, min_size=1, max_size=30).map(lambda some: some * 100)


@given(piles)
def test_whatever_comes_is_received_in_its_order(arrivals: list[Arrival]) -> None:
    plain, jobs = list(activation(arrivals).jobs), joined(arrivals)
    assert received(jobs) == received(plain)
    timers = [job.fire_timer.seq for job in plain if job.HasField("fire_timer")]
    assert [job.fire_timer.seq for job in jobs if job.HasField("fire_timer")] == timers


def test_a_pile_is_one_signal() -> None:
    (job,) = joined([("deliver", (b"%d" % number,), False) for number in range(10_000)])
    assert job.signal_workflow.signal_name == "deliver_all"
    assert [one.data for one in job.signal_workflow.input] == [b"%d" % number for number in range(10_000)]


def test_an_update_keeps_its_place_and_headers_their_signal() -> None:
    one = ("deliver", (b"1",), False)
    jobs = joined([*[one] * 60, ("update", "u", False), *[one] * 30, ("deliver", (b"2",), True), *[one] * 30])
    assert [job.WhichOneof("variant") for job in jobs] == [
        "signal_workflow",
        "do_update",
        "signal_workflow",
        "signal_workflow",
        "signal_workflow",
    ]
    assert [len(job.signal_workflow.input) for job in jobs] == [60, 0, 30, 1, 30]
    assert [job.signal_workflow.signal_name for job in jobs][3] == "deliver"


def test_few_stay_as_they_are() -> None:
    arrivals: list[Arrival] = [("deliver", (b"1",), False)] * 99
    assert joined(arrivals) == list(activation(arrivals).jobs)
