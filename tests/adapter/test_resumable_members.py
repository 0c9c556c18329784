"""Resumables as members of an app: what is refused when the app is made, with the cure."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from adapter.errors import AppError
from arvo import ArvoResumable, ResumableOutput, create_arvo_resumable, create_simple_arvo_contract
from arvo_temporal import ArvoApp, EmissionPolicy
from arvo_temporal.checking import check
from tests.apps import counter_contract, oracle_contract, tally_contract
from tests.resumables import counter_resumable, orchestrator_of
from tests.workflows.test_emission_modes import oracle, yes

TALLY = tally_contract.version("1.0.0")


def plain() -> ResumableOutput:
    return {}


async def waits() -> ResumableOutput:
    return {}


class Waits:
    async def __call__(self) -> ResumableOutput:
        return {}

    async def later(self) -> ResumableOutput:
        return {}


def resumable(function: Any = plain, version: str = "1.0.0", **services: Any) -> ArvoResumable:
    return create_arvo_resumable(
        contracts={"self": counter_contract, "services": services or {"tally": TALLY}}, handler={version: function}
    )


def inline(orchestrator: ArvoResumable) -> ArvoApp:
    return ArvoApp(orchestrators=[orchestrator], policies={"arvo.orc.counter": EmissionPolicy(mode="inline")})


def test_a_resumable_and_a_machine_of_one_type_are_two_members_of_it() -> None:
    with pytest.raises(AppError, match=r"'arvo\.orc\.counter' are already taken"):
        ArvoApp(orchestrators=[counter_resumable, orchestrator_of("arvo.orc.counter", "machine")])


def test_a_resumable_is_no_handler() -> None:
    handlers: Any = [counter_resumable]
    with pytest.raises(AppError, match="write it under orchestrators="):
        ArvoApp(handlers=handlers)


def test_one_resumable_is_no_list() -> None:
    one: Any = counter_resumable
    with pytest.raises(AppError, match="not one ArvoResumable"):
        ArvoApp(orchestrators=one)


@pytest.mark.parametrize("function", [waits, Waits(), Waits().later, partial(waits), partial(partial(Waits()))])
def test_what_runs_inline_is_plain(function: Any) -> None:
    with pytest.raises(AppError, match=r"the function of 1\.0\.0 is async.* plain `def`, or leave the mode out"):
        inline(resumable(function))
    assert inline(resumable(plain)).step_mode("arvo.orc.counter") == "inline"


@pytest.mark.parametrize("mode", ["step", "inline"])
def test_only_resumables_have_the_modes_of_resumables(mode: Any) -> None:
    policy = EmissionPolicy(mode=mode)
    with pytest.raises(AppError, match=r"'com\.oracle\.ask' is none"):
        ArvoApp(handlers=[oracle(yes)], policies={"com.oracle.ask": policy})
    with pytest.raises(AppError, match=r"'arvo\.orc\.counter' is none"):
        ArvoApp(orchestrators=[orchestrator_of("arvo.orc.counter", "machine")], policies={"arvo.orc.counter": policy})


@pytest.mark.parametrize(("mode", "where"), [("activity", "step"), ("step", "step"), ("local", "local")])
def test_the_usual_mode_is_that_of_an_activity(mode: Any, where: str) -> None:
    app = ArvoApp(orchestrators=[counter_resumable], policies={"arvo.orc.counter": EmissionPolicy(mode=mode)})
    assert app.step_mode("arvo.orc.counter") == where
    assert ArvoApp(orchestrators=[counter_resumable]).step_mode("arvo.orc.counter") == "step"


@pytest.mark.parametrize("setting", [{"heartbeat": "5 s"}, {"retry_on": ValueError}])
def test_what_runs_inline_has_no_heartbeats_and_no_further_tries(setting: Any) -> None:
    with pytest.raises(AppError, match=r"mode='inline'.*[Ll]eave\s+one of the two out"):
        EmissionPolicy(mode="inline", **setting)


@pytest.mark.parametrize("handler", [{}, {"9.0.0": plain}])
def test_a_resumable_without_a_function_for_its_contract_is_refused(handler: Any) -> None:
    contracts: Any = {"self": counter_contract, "services": {"tally": TALLY}}
    with pytest.raises(AppError, match=r"its contract has 1\.0\.0\. Write create_arvo_resumable\(handler="):
        ArvoApp(orchestrators=[create_arvo_resumable(contracts=contracts, handler=handler)])


def test_deliveries_to_a_resumable_have_a_policy_of_their_own() -> None:
    app = ArvoApp(
        orchestrators=[counter_resumable], policies={"arvo.orc.counter": EmissionPolicy(mode="local", timeout="5 min")}
    )
    assert app.delivery_policy("arvo.orc.counter") == EmissionPolicy()


def test_a_service_that_nobody_takes_is_told_of() -> None:
    [finding] = check(ArvoApp(orchestrators=[counter_resumable]))
    assert (finding.rule, finding.severity.value, finding.machine) == (
        "unserved-service",
        "warning",
        "arvo.orc.counter",
    )
    assert "'com.tally.ask'" in finding.problem


def test_a_handler_of_another_contract_is_told_of() -> None:
    accepts, emits = oracle_contract.version("1.0.0").accepts, oracle_contract.version("1.0.0").emits
    versions: Any = {"1.0.0": {"accepts": accepts.schema.type, "emits": next(iter(emits.values())).type}}
    other = create_simple_arvo_contract(uri="#/test/another", type="oracle.ask", versions=versions)
    app = ArvoApp(orchestrators=[resumable(oracle=other.version("1.0.0"))], handlers=[oracle(yes)])
    assert [(one.rule, one.severity.value) for one in check(app)] == [("other-contract", "error")]
