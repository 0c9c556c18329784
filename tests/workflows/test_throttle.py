"""What is logged once of a kind and minute."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from workflows.throttle import Throttle


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_of_a_kind_goes_through_and_the_next_one_says_how_many_did_not() -> None:
    clock = Clock()
    throttle = Throttle(60, clock=clock)
    assert [throttle.left_out("a") for _ in range(5)] == [0, None, None, None, None]
    assert throttle.left_out("b") == 0
    clock.now += 59.9
    assert throttle.left_out("a") is None
    clock.now += 0.2
    assert [throttle.left_out("a"), throttle.left_out("a")] == [5, None]
    clock.now += 60
    assert throttle.left_out("a") == 1


def test_it_remembers_so_many_kinds_and_forgets_the_oldest() -> None:
    throttle = Throttle(60, kinds=100, clock=Clock())
    assert all(throttle.left_out(kind) == 0 for kind in range(101))
    assert throttle.left_out(100) is None
    assert throttle.left_out(0) == 0
    assert len(throttle._let_through) == 100


def test_threads_share_it() -> None:
    throttle = Throttle(60)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(throttle.left_out, ["a"] * 400))
    assert answers.count(0) == 1
    assert answers.count(None) == 399
