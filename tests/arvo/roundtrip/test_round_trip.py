"""What a factory returns is what the handler takes, with equal values; what cannot be is refused, with the field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from arvo import VersionedArvoContract, create_arvo_event_factory, create_simple_arvo_contract
from arvo.errors import InvalidContractError, InvalidPayloadError, InvalidValueError
from arvo.statechart import ContextError, DefinitionError, StateMachine, create_machine, initial_transition
from tests.arvo.roundtrip.features import FEATURES, model


def contract_of(payload: Any) -> VersionedArvoContract:
    return create_simple_arvo_contract(
        uri="#/feature", type="fea.ture", versions={"1.0.0": {"accepts": payload, "emits": payload}}
    ).version("1.0.0")


def machine_of(context: BaseModel) -> StateMachine[Any]:
    config: Any = {"id": "m", "context": context, "initial": "a", "states": {"a": {}}}
    return create_machine(config, context=type(context))


def names_the_field(error: InvalidValueError) -> bool:
    return all(path.split(".")[0] == "x" for path in error.paths)


@pytest.mark.parametrize("name", FEATURES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_payload_is_read_as_what_was_sent_or_refused(name: str, data: st.DataObject) -> None:
    type_, values = FEATURES[name]
    payload = model(type_)
    sent = payload(x=data.draw(values))
    refusal: InvalidValueError | None = None
    try:
        factory = create_arvo_event_factory(contract_of(payload))
        event = factory.accepts(source="com.test.it", subject="s", data=sent)
    except (InvalidContractError, InvalidPayloadError) as error:
        refusal = error
    assert names_the_field(refusal) if refusal else event.data_as(payload) == sent


@pytest.mark.parametrize("name", FEATURES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_context_is_restored_as_it_was_or_refused(name: str, data: st.DataObject) -> None:
    type_, values = FEATURES[name]
    context: BaseModel = model(type_)(x=data.draw(values))
    refusal: Exception | None = None
    try:
        machine = machine_of(context)
        stored = initial_transition(machine)[0].to_json()
    except (ContextError, DefinitionError) as error:
        refusal = error
    assert "x" in str(refusal) if refusal else machine.restore(stored).context == context
