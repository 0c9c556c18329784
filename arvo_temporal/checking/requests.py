"""What the orchestrators of an app ask of others, as far as that shows without running them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapter.app import ArvoApp
from arvo.checking import CheckedMachine
from arvo.contracts import VersionedArvoContract
from arvo.events import ArvoDomain, Domains
from arvo.orchestration import ArvoOrchestrator, ArvoResumable
from arvo.statechart.authoring import UNREAD

_COMPUTED = (
    ArvoDomain.FROM_TRIGGERING_EVENT,
    ArvoDomain.FROM_CURRENT_SUBJECT,
    ArvoDomain.FROM_PARENT_SUBJECT,
    ArvoDomain.ORCHESTRATION_CONTEXT,
)


@dataclass(frozen=True, slots=True)
class Request:
    """An event to a service, that an orchestrator sends or can send.

    Attributes:
        contract: The contract of the service.
        path: Where in the machine's config, or in the arguments of the resumable.
        state: Id of the state that it is sent in, or None.
        domains: The domains that it is sent to; None if only running tells.
        to: The type of who is to take it, or None if only running tells.
        is_certain: Whether it is known to be sent.
    """

    contract: VersionedArvoContract
    path: str
    state: str | None
    domains: tuple[str | None, ...] | None
    to: str | None
    is_certain: bool

    @property
    def type(self) -> str:
        """Type of the event."""
        return self.contract.accepts.type


def requests_of(orchestrator: ArvoOrchestrator, machine: CheckedMachine) -> Iterator[Request]:
    """Yield what a machine sends to its services.

    One whose type is computed counts where its code spells the type of a service, or the beginning of it.
    """
    found = set()
    services = machine.services_by_type
    for emission in machine.behaviour.emissions:
        contract = services.get(emission.type or "")
        if contract is not None:
            found.add(emission.type)
            domains = _domains(emission.fields, contract, orchestrator, machine)
            to = (emission.fields or {}).get("to")
            receiver = emission.type if to is None else to if isinstance(to, str) else None
            yield Request(contract, emission.path, emission.node.id, domains, receiver, is_certain=True)
    computed = [emission for emission in machine.behaviour.emissions if emission.type is None]
    for type_, contract in services.items() if computed else ():
        if type_ not in found and _is_spelt(type_, machine.behaviour.mentioned):
            path, state = computed[0].path, computed[0].node.id
            yield Request(contract, path, state, None, type_, is_certain=False)


def requests_of_resumable(resumable: ArvoResumable) -> Iterator[Request]:
    """Yield what the functions of a resumable have contracts to send: nobody reads what they really do."""
    for name, contract in resumable.contracts["services"].items():
        path = f"contracts['services'][{name!r}]"
        yield Request(contract, path, None, None, contract.accepts.type, is_certain=False)


def requested_types(app: ArvoApp) -> set[str]:
    """The event types that machines and resumables of an app send, or have a contract for."""
    machines = [machine.checked for machine in app.machines]
    sent = {type_ for machine in machines for type_ in (*machine.services_by_type, *machine.behaviour.emitted)}
    return sent | {request.type for one in app.resumables.values() for request in requests_of_resumable(one)}


def _is_spelt(type_: str, texts: Collection[str]) -> bool:
    """Whether code that mentions some texts may spell a type: as it is, or as `f"arvo.orc.{name}"`."""
    beginnings = [text for text in texts if text.endswith(".") and type_.startswith(text)]
    endings = [text for text in texts if text.startswith(".")]
    return type_ in texts or (bool(beginnings) and (not endings or any(type_.endswith(text) for text in endings)))


def _domains(
    fields: Mapping[str, Any] | None,
    contract: VersionedArvoContract,
    orchestrator: ArvoOrchestrator,
    machine: CheckedMachine,
) -> tuple[str | None, ...] | None:
    if fields is None:
        return None
    given = fields.get("domain")
    if given is UNREAD or callable(given):
        return None
    wanted: Domains = orchestrator.default_event_emission_domains.get("services", [None]) if given is None else given
    symbols = {ArvoDomain.FROM_SELF_CONTRACT: machine.own.domain, ArvoDomain.FROM_EVENT_CONTRACT: contract.domain}
    found = [symbols.get(one, one) if one else None for one in ([wanted] if isinstance(wanted, str) else wanted)]
    return None if any(one in _COMPUTED for one in found) else tuple(found)
