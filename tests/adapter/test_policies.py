"""Times in policies, as people write them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from arvo_temporal import AppError, ChildPolicy, EmissionPolicy


@pytest.mark.parametrize("given", [timedelta(minutes=5), "5 minutes", "PT5M", "300 s"])
def test_a_time_can_be_written_as_people_do(given: Any) -> None:
    policy = EmissionPolicy(timeout=given, deadline=given, heartbeat=given)
    assert policy == EmissionPolicy(
        timeout=timedelta(minutes=5), deadline=timedelta(minutes=5), heartbeat=timedelta(minutes=5), retry=policy.retry
    )
    assert ChildPolicy(timeout=given).timeout == timedelta(minutes=5)
    assert ChildPolicy().timeout is None


@pytest.mark.parametrize("given", [30, 0.5, True, "soon", "", timedelta(0), "0 s", timedelta(days=-1), float("nan")])
def test_what_is_no_time_is_refused_with_its_place(given: Any) -> None:
    for name in ("timeout", "deadline", "heartbeat"):
        with pytest.raises(AppError, match=rf"^EmissionPolicy\({name}=\.\.\.\): .*'5 minutes'"):
            EmissionPolicy(**{name: given})
    with pytest.raises(AppError, match=r"^ChildPolicy\(timeout=\.\.\.\): "):
        ChildPolicy(timeout=given)
