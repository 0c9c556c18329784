"""Contracts as users write them: versions, rules, and what they say in JSON."""

from __future__ import annotations

from typing import Any, NotRequired

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from arvo.contracts import (
    ArvoContract,
    SimpleContractVersion,
    create_arvo_contract,
    create_arvo_orchestrator_contract,
    create_simple_arvo_contract,
    is_orchestrator_contract,
    is_simple_contract,
)
from arvo.errors import InvalidContractError, InvalidPayloadError, UnknownVersionError


class Address(BaseModel):
    city: str


class Order(BaseModel):
    number: int
    to: Address
    also: list[Address] = []


class Tree(BaseModel):
    branches: list[Tree] = []


class Answer(BaseModel):
    ok: bool


def simple(*versions: str, **fields: Any) -> ArvoContract:
    usual: dict[str, Any] = {"uri": "#/services/order", "type": "order.create"}
    each: SimpleContractVersion = {"accepts": Order, "emits": Answer}
    return create_simple_arvo_contract(**{**usual, **fields}, versions=dict.fromkeys(versions, each))


def orchestrator(init: Any) -> ArvoContract:
    return create_arvo_orchestrator_contract(
        uri="#/orchestrators/order", name="order", versions={"1.0.0": {"init": init, "complete": Answer}}
    )


def test_the_latest_version_is_the_highest_by_number() -> None:
    contract = simple("2.0.0", "10.0.0", "0.9.9")
    assert contract.version("latest").version == "10.0.0"
    assert contract.version("any") is contract.version("10.0.0")
    assert contract.version("oldest").version == "0.9.9"
    assert list(contract.versions) == ["2.0.0", "10.0.0", "0.9.9"]


def test_a_version_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(UnknownVersionError, match=r"no version '3\.0\.0'\. It has: 1\.0\.0"):
        simple("1.0.0").version("3.0.0")


def test_versions_of_any_number_of_digits_are_ordered() -> None:
    huge = f"{'9' * 6000}.0.0"
    assert simple(huge, "1.0.0").version("latest").version == huge


def test_names_of_events_follow_from_the_kind_of_contract() -> None:
    service, flow = simple("1.0.0"), orchestrator(Order)
    assert service.version("any").accepts.type == "com.order.create"
    assert list(service.version("any").emits) == ["evt.order.create.success"]
    assert flow.system_error.type == "sys.arvo.orc.order.error"
    assert list(flow.version("any").emits) == ["arvo.orc.order.done"]
    assert is_simple_contract(service)
    assert is_orchestrator_contract(flow.version("any"))


@pytest.mark.parametrize(
    "fields", [{"uri": "a b"}, {"type": "create"}, {"type": "Create.x"}, {"domain": "A"}, {"domain": "a\n"}]
)
def test_bad_fields_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(InvalidContractError) as refusal:
        simple("1.0.0", **fields)
    assert refusal.value.reason == "invalid-field"
    assert refusal.value.paths == list(fields)


def test_the_names_of_orchestrators_are_reserved() -> None:
    with pytest.raises(InvalidContractError, match="reserved for orchestrators") as refusal:
        create_arvo_contract(uri="a b", type="arvo.orchid.x", versions={})
    assert refusal.value.reason == "reserved-prefix"


def test_a_contract_cannot_be_changed() -> None:
    contract: Any = simple("1.0.0", metadata={"team": {"name": "orders"}})
    with pytest.raises(AttributeError):
        contract.uri = "#/other"
    with pytest.raises(TypeError):
        contract.metadata["team"]["name"] = "other"
    with pytest.raises(TypeError):
        contract.versions["2.0.0"] = contract.version("1.0.0")


def test_init_data_has_the_parents_subject() -> None:
    schema = orchestrator(Order).version("any").accepts.schema
    data = {"number": 1, "to": {"city": "Ulm", "x": 1}, "parentSubject$$": None}
    assert schema.validate(data) == {
        "parentSubject$$": None,
        "number": 1,
        "to": {"city": "Ulm"},
        "also": [],
    }
    with pytest.raises(InvalidPayloadError) as refusal:
        schema.validate({"number": 1, "to": {"city": "Ulm"}})
    assert refusal.value.paths == ["parentSubject$$"]


def test_init_data_may_be_a_typed_dict() -> None:
    class Init(TypedDict):
        key: str
        note: NotRequired[int]

    schema = orchestrator(Init).version("any").accepts.schema
    assert schema.validate({"key": "k", "parentSubject$$": "s", "z": 1}) == {"parentSubject$$": "s", "key": "k"}
    with pytest.raises(InvalidPayloadError) as refusal:
        schema.validate({"key": "k", "note": None, "parentSubject$$": ""})
    assert sorted(refusal.value.paths) == ["note", "parentSubject$$"]


def test_init_data_keeps_the_config_of_its_model() -> None:
    class Init(BaseModel):
        model_config = ConfigDict(alias_generator=to_camel, extra="allow")
        order_number: int

    schema = orchestrator(Init).version("any").accepts.schema
    data = {"parentSubject$$": None, "orderNumber": 1, "more": True}
    assert schema.validate(data) == data


def test_init_data_may_redefine_the_parents_subject() -> None:
    class Init(BaseModel):
        parent: str = Field(alias="parentSubject$$", default="none")

    assert orchestrator(Init).version("any").accepts.schema.validate({}) == {"parentSubject$$": "none"}


def test_init_data_must_be_an_object() -> None:
    with pytest.raises(InvalidContractError, match="pydantic model or a TypedDict"):
        orchestrator(list[int])


def test_json_schemas_stand_on_their_own() -> None:
    schema = orchestrator(Order).to_json_schema()["versions"][0]["accepts"]["schema"]
    assert "$defs" not in schema
    assert schema["properties"]["to"]["properties"]["city"]["type"] == "string"
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"parentSubject$$": None, "number": 1, "to": {"city": "Ulm"}})
    assert not validator.is_valid({"number": 1, "to": {"city": 5}})


def test_a_type_that_contains_itself_is_described() -> None:
    contract = create_arvo_contract(
        uri="#/trees",
        type="com.tree.grow",
        versions={"1.0.0": {"accepts": Tree, "emits": {"evt.tree.grown": Answer}}},
    )
    schema = contract.version("any").to_json_schema()["accepts"]["schema"]
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"branches": [{"branches": [{}]}]})
    assert not validator.is_valid({"branches": [{"branches": [1]}]})
