"""The factory of an orchestrator's events: what starts it, and what completes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from arvo.contracts.contract import PARENT_SUBJECT
from arvo.contracts.factory import ArvoEventFactory, EventFields
from arvo.contracts.model import VersionedArvoContract, is_orchestrator_contract
from arvo.errors import InvalidContractError, InvalidPayloadError
from arvo.events import ArvoEvent, ArvoOrchestrationSubject
from arvo.surroundings import deterministic_ids


class ArvoOrchestratorEventFactory(ArvoEventFactory):
    """Creates the events of one version of an orchestrator's contract.

    Raises:
        InvalidContractError: The contract is not that of an orchestrator.
    """

    _name = "OrchestratorEventFactory"

    def __init__(self, contract: VersionedArvoContract) -> None:
        super().__init__(contract)
        if not is_orchestrator_contract(contract):
            raise InvalidContractError(
                f"The contract '{contract.uri}' is not an orchestrator's. Use create_arvo_event_factory for it.",
                reason="not-orchestrator",
            )

    def init(
        self,
        *,
        source: str,
        data: Any,
        subject: str | None = None,
        execution_id: str | None = None,
        **fields: Unpack[EventFields],
    ) -> ArvoEvent:
        """Create the event that starts an execution of the orchestrator.

        Args:
            source: Who starts it.
            data: Payload with `parentSubject$$`: null for a root; the subject of the orchestration that starts this
                one makes the new subject its child.
            subject: Subject to use instead of a new one.
            execution_id: A key of yours, such as the number of an order. From the same source, with the same key and
                parent, comes the same subject and, if no `id` is given, the same event, whatever process asks: so
                it is one execution, and starting it again is a repetition.
            **fields: See `create_arvo_event`. `redirectto` says where the completion goes; it is kept in the subject.

        Raises:
            InvalidPayloadError: The data does not fit the contract.
            InvalidSubjectError: The parent's subject cannot be read, or no subject can be made.
            InvalidEventError: A field breaks its rule.
            ValueError: Both `subject` and `execution_id` are given.
        """
        accepts = self.contract.accepts
        if subject is not None and execution_id is not None:
            raise ValueError("A subject has its execution id already. To fix: give one of subject and execution_id.")
        with self._span(f"{self._name}.init<{accepts.type}>") as span:
            checked = self._checked_init(data)
            parent = checked[PARENT_SUBJECT]
            if subject is None:
                subject = self._execution(source, parent, execution_id, fields)
            if execution_id is not None and fields.get("id") is None:
                fields["id"] = _id_of_init(subject)
            return self._create(span, accepts.type, source, subject, checked, fields)

    def complete(
        self, *, source: str, data: Any, subject: str | None = None, **fields: Unpack[EventFields]
    ) -> ArvoEvent:
        """Create the event with which the orchestrator completes.

        Raises:
            InvalidPayloadError: The data does not fit the contract.
            InvalidSubjectError: No subject is given and none can be made.
            InvalidEventError: A field breaks its rule.
        """
        done = self.contract.emit_list[0]
        with self._span(f"{self._name}.complete") as span:
            checked = self._checked(done.schema, data, done.type)
            return self._create(span, done.type, source, subject, checked, fields)

    def _checked_init(self, data: Any) -> Any:
        accepts = self.contract.accepts
        try:
            return self._checked(accepts.schema, data, accepts.type)
        except InvalidPayloadError as error:
            if PARENT_SUBJECT not in error.paths or not isinstance(data, Mapping) or PARENT_SUBJECT in data:
                raise
            raise InvalidPayloadError(
                f'{error} To fix: write "{PARENT_SUBJECT}": None, or the subject of the orchestration that starts it.',
                paths=error.paths,
            ) from None

    def _execution(self, source: str, parent: str | None, execution_id: str | None, fields: EventFields) -> str:
        if not parent:
            return self._new_subject(self.contract.accepts.type, source, fields, execution_id)
        redirectto = fields.get("redirectto")
        return ArvoOrchestrationSubject.from_(
            orchestrator=self.contract.accepts.type,
            version=self.contract.version,
            subject=parent,
            domain=fields.get("domain"),
            meta={"redirectto": redirectto or ArvoOrchestrationSubject.parse(parent).execution.initiator},
            execution_id=execution_id,
        )


def create_arvo_orchestrator_event_factory(contract: VersionedArvoContract) -> ArvoOrchestratorEventFactory:
    """Return the factory for the events of an orchestrator's contract version.

    Raises:
        InvalidContractError: The contract is not that of an orchestrator.
    """
    return ArvoOrchestratorEventFactory(contract)


def _id_of_init(subject: str) -> str:
    """Return the id of the event that starts an execution which may be asked for again."""
    return deterministic_ids("init", ArvoOrchestrationSubject.parse(subject).canonical())()
