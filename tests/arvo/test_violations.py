"""A violation keeps what whoever raised it adds, and is told apart by class, type and name."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from arvo import (
    ConfigViolation,
    ContractViolation,
    ExecutionViolation,
    SimpleMachineMemory,
    TransactionViolation,
    TransactionViolationCause,
    ViolationError,
    create_arvo_event_factory,
    create_arvo_event_handler,
)
from tests.arvo.counting import add_contract, count_orchestrator, start


class RateLimit(ViolationError):
    """A violation of one's own."""

    type: ClassVar[str] = "RATE_LIMIT"


KINDS = {
    "Violation": ViolationError,
    "Contract": ContractViolation,
    "Config": ConfigViolation,
    "Execution": ExecutionViolation,
    "RATE_LIMIT": RateLimit,
}


@pytest.mark.parametrize(("type_", "violation"), KINDS.items(), ids=KINDS)
def test_a_violation_has_its_type_name_message_and_metadata(type_: str, violation: type[ViolationError]) -> None:
    metadata = {"limit": 5, "of": ["us"]}
    error = violation("too much", metadata=metadata)
    assert (error.type, error.name) == (type_, f"ViolationError<{type_}>")
    assert str(error) == f"ViolationError<{type_}> too much"
    assert error.metadata == metadata
    assert violation("too much").metadata is None
    assert isinstance(error, ViolationError)


async def test_a_violation_of_a_handler_arrives_as_it_was_raised() -> None:
    raised = RateLimit("slowly", metadata={"seconds": 3})

    def refuse() -> None:
        raise raised

    handler = create_arvo_event_handler(contract=add_contract, executionunits=1, handler={"1.0.0": refuse})
    factory = create_arvo_event_factory(add_contract.version("1.0.0"))
    with pytest.raises(RateLimit) as caught:
        await handler.execute(factory.accepts(source="com.test.app", data={"left": 1, "right": 2}))
    assert caught.value is raised
    assert caught.value.metadata == {"seconds": 3}


class BrokenMemory(SimpleMachineMemory):
    """A memory of which one method fails."""

    def __init__(self, broken: str) -> None:
        super().__init__()
        setattr(self, broken, self._fail)

    async def _fail(self, *_: Any) -> Any:
        raise OSError("the disk is full")


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        ("read", TransactionViolationCause.READ_FAILURE),
        ("write", TransactionViolationCause.WRITE_FAILURE),
        ("lock", TransactionViolationCause.LOCK_FAILURE),
    ],
)
async def test_a_violation_of_the_transaction_has_the_event_in_its_metadata(
    broken: str, cause: TransactionViolationCause
) -> None:
    init = start()
    orchestrator = count_orchestrator(memory=BrokenMemory(broken), requires_resource_locking=True)
    with pytest.raises(TransactionViolation, match="the disk is full") as caught:
        await orchestrator.execute(init)
    assert caught.value.cause is cause
    assert caught.value.metadata == {"initiatingEvent": init}
    assert isinstance(caught.value.__cause__, OSError)


def test_a_violation_of_the_transaction_keeps_other_metadata_beside_the_event() -> None:
    init = start()
    error = TransactionViolation(
        "taken",
        cause=TransactionViolationCause.LOCK_UNACQUIRED,
        initiating_event=init,
        metadata={"holder": "other", "initiatingEvent": "overruled"},
    )
    assert error.metadata == {"holder": "other", "initiatingEvent": init}
