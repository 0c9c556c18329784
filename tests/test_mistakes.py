"""Small mistakes: each ends in one clear error, with the thing, the place and the cure, where the user's code is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel
from temporalio.common import RetryPolicy

from arvo import (
    ArvoError,
    ArvoEvent,
    ArvoMachine,
    SimpleMachineMemory,
    assign,
    create_arvo_contract,
    create_arvo_event_factory,
    create_arvo_event_handler,
    create_arvo_event_router,
    create_arvo_orchestrator,
    create_arvo_orchestrator_contract,
    create_arvo_orchestrator_event_factory,
    create_arvo_resumable,
    create_multi_arvo_event_handler,
    create_simple_arvo_contract,
    emit,
    enqueue_actions,
    setup_arvo_machine,
)
from arvo.orchestration import explained
from arvo.orchestration.memory import failure_record
from arvo.statechart import StatechartError, create_machine, initial_transition
from arvo_temporal import ArvoApp, ArvoClient, ArvoPlugin, ChildPolicy, EmissionPolicy, Limits, connect


class Name(BaseModel):
    name: str


class Count(BaseModel):
    count: int = 0


greet = create_simple_arvo_contract(
    uri="#/shop/greet", type="shop.greet", versions={"1.0.0": {"accepts": Name, "emits": Name}}
)
welcome = create_arvo_orchestrator_contract(
    uri="#/shop/welcome",
    name="welcome",
    versions={"1.0.0": {"init": Name, "complete": Name}, "2.0.0": {"init": Name, "complete": Name}},
)
CONFIG: dict[str, Any] = {"id": "welcome", "initial": "open", "states": {"open": {}}}


def greeted(event: ArvoEvent) -> Any:
    return {"type": "evt.shop.greet.success", "data": {"name": "Ada"}}


class Remember:
    async def __call__(self, event: ArvoEvent) -> None:
        return None


async def remember(event: ArvoEvent) -> None:
    """A publisher, or an action that has no business to be async."""


# mypy would find most of what follows; whoever does not use it gets the messages.
contract_of: Any = create_arvo_contract
simple_of: Any = create_simple_arvo_contract
orchestrator_contract_of: Any = create_arvo_orchestrator_contract
handler_of: Any = create_arvo_event_handler
orchestrator_of: Any = create_arvo_orchestrator
resumable_of: Any = create_arvo_resumable
router_of: Any = create_arvo_event_router
setup_of: Any = setup_arvo_machine
app_of: Any = ArvoApp
policy_of: Any = EmissionPolicy
children_of: Any = ChildPolicy
limits_of: Any = Limits
client_of: Any = ArvoClient
plugin_of: Any = ArvoPlugin
factory_of: Any = create_arvo_event_factory
init_factory_of: Any = create_arvo_orchestrator_event_factory
emitted: Any = emit
assigned: Any = assign
enqueued: Any = enqueue_actions


def setup(**parts: Any) -> Any:
    contracts = {"self": welcome.version("1.0.0"), "services": {"greet": greet.version("1.0.0")}}
    return setup_arvo_machine(**{"contracts": contracts, **parts})


def machine(**parts: Any) -> ArvoMachine:
    made: ArvoMachine = setup().create_machine({**CONFIG, **parts})
    return made


def resumable() -> Any:
    return resumable_of(
        contracts={"self": welcome, "services": {}}, handler=dict.fromkeys(welcome.versions, lambda: None)
    )


def multi_handler() -> Any:
    return create_multi_arvo_event_handler(source="com.shop.all", executionunits=1, handler=greeted)


def contracts(**parts: Any) -> Any:
    return setup_of(contracts=parts)


def version(**parts: Any) -> Any:
    return contract_of(uri="#/shop/pay", type="com.shop.pay", versions={"1.0.0": parts})


def handled(result: Any) -> Any:
    def handle(event: ArvoEvent) -> Any:
        return result

    handler = handler_of(contract=greet, executionunits=1, handler={"1.0.0": handle})
    request = create_arvo_event_factory(greet.version("1.0.0")).accepts(source="com.shop.web", data={"name": "Ada"})
    return asyncio.run(handler.execute(request))


def started(context: Any) -> Any:
    return initial_transition(create_machine({**CONFIG, "context": context}))


def hidden_model() -> Callable[[], Any]:
    class Local(BaseModel):
        count: int = 0

    models = {"local": Local}

    def opening() -> Local:  # the annotation is a text, and names nothing that can be found
        return models["local"]()

    return opening


FAILED: Any = explained(dict(failure_record(ValueError("the till is empty"), "a subject")))
ANSWER = '{"type": \'evt.shop.greet.success\', "data": {...}}'

MISTAKES: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "a version without emits": (
        lambda: version(accepts=Name),
        ["uri='#/shop/pay'", "version '1.0.0' has no 'emits'", '"emits": {}'],
    ),
    "accept for accepts": (
        lambda: version(accept=Name, emits={}),
        ["version '1.0.0' has no 'accepts'", "write 'accepts' instead of 'accept'"],
    ),
    "accepts for init": (
        lambda: orchestrator_contract_of(
            uri="#/o", name="order", versions={"1.0.0": {"accepts": Name, "complete": Name}}
        ),
        ["version '1.0.0' has no 'init'", "write 'init' instead of 'accepts'"],
    ),
    "a simple contract with several answers": (
        lambda: simple_of(
            uri="#/s", type="shop.pay", versions={"1.0.0": {"accepts": Name, "emits": {"evt.a.b": Name}}}
        ),
        ["'emits' of version '1.0.0' maps event types", "create_arvo_contract"],
    ),
    "a simple contract's type of one part": (
        lambda: simple_of(uri="#/s", type="shop", versions={}),
        ["type must be of two or more parts", "payment.charge", "'shop'"],
    ),
    "emits as a model": (
        lambda: version(accepts=Name, emits=Name),
        ["'emits' of version '1.0.0' is the class Name", '{"evt.bank.charged": Receipt}'],
    ),
    "data as an instance": (
        lambda: version(accepts=Name(name="Ada"), emits={}),
        ["'accepts' of version '1.0.0' is an instance of Name", "write the class"],
    ),
    "data as a dict": (
        lambda: version(accepts={"name": str}, emits={}),
        ["'accepts' of version '1.0.0' is a value of type dict", "pydantic model"],
    ),
    "a version that is a model": (
        lambda: contract_of(uri="#/s", type="com.shop.pay", versions={"1.0.0": Name}),
        ["version '1.0.0' is the class Name", '"accepts": ...'],
    ),
    "versions as a list": (
        lambda: contract_of(uri="#/s", type="com.shop.pay", versions=["1.0.0"]),
        ["versions= is a value of type list", "map version numbers"],
    ),
    "an unversioned contract as self": (
        lambda: contracts(self=welcome, services={}),
        ["setup_arvo_machine", "'self' is the contract '#/shop/welcome' in no version", ".version('2.0.0')", "1.0.0"],
    ),
    "an unversioned service": (
        lambda: contracts(self=welcome.version("1.0.0"), services={"greet": greet}),
        ["service 'greet' is the contract '#/shop/greet' in no version", ".version('1.0.0')"],
    ),
    "no self": (
        lambda: contracts(services={}),
        ["setup_arvo_machine(contracts=...) has no 'self'", 'add "self"'],
    ),
    "service for services": (
        lambda: contracts(self=welcome.version("1.0.0"), service={}),
        ["has no 'services'", "write 'services' instead of 'service'"],
    ),
    "services as a list": (
        lambda: contracts(self=welcome.version("1.0.0"), services=[greet.version("1.0.0")]),
        ["'services' is a value of type list", "map names of your choice"],
    ),
    "contracts as a contract": (
        lambda: setup_of(contracts=welcome.version("1.0.0")),
        ["contracts=...) is a value of type VersionedArvoContract", '"self"', '"services"'],
    ),
    "a service's contract as self": (
        lambda: contracts(self=greet.version("1.0.0"), services={}),
        ["'#/shop/greet' is not an orchestrator's", "create_arvo_orchestrator_contract"],
    ),
    "a resumable's function without its version": (
        lambda: resumable_of(contracts={"self": welcome, "services": {}}, handler=lambda: {}),
        ["create_arvo_resumable(handler=...)", "the function <lambda>", "handler={'1.0.0': "],
    ),
    "a resumable's function that is called": (
        lambda: resumable_of(contracts={"self": welcome, "services": {}}, handler={"1.0.0": {}}),
        ["create_arvo_resumable(handler=...)", "a value of type dict for version '1.0.0'", "give a function"],
    ),
    "a version as a resumable's self": (
        lambda: resumable_of(contracts={"self": welcome.version("1.0.0"), "services": {}}, handler={}),
        ["create_arvo_resumable", "'self' is a version of the contract", "leave .version(...) out"],
    ),
    "actions as a list": (
        lambda: setup(actions=[greeted]),
        ["setup_arvo_machine(actions=...) is a value of type list", 'actions={"name": ...}'],
    ),
    "one declared event instead of a list": (
        lambda: setup(events="PAID"),
        ["setup_arvo_machine(events=...) is 'PAID'", "events=['PAID']"],
    ),
    "a declared event that is a contract": (
        lambda: setup(events=[greet]),
        ["events=[...]) has a value of type ArvoContract", "event types as texts"],
    ),
    "a config that is none": (
        lambda: setup().create_machine(None),
        ["create_machine takes XState's machine config, not None", '"initial"'],
    ),
    "handler=function": (
        lambda: handler_of(contract=greet, executionunits=1, handler=greeted),
        ["handler=...) of '#/shop/greet' is the function greeted", "handler={'1.0.0': greeted}"],
    ),
    "a handler of a version": (
        lambda: handler_of(contract=greet.version("1.0.0"), executionunits=1, handler={"1.0.0": greeted}),
        ["is a version of the contract '#/shop/greet'", "leave .version(...) out"],
    ),
    "a handler that is no function": (
        lambda: handler_of(contract=greet, executionunits=1, handler={"1.0.0": "greeted"}),
        ["has 'greeted' for version '1.0.0'", "give a function"],
    ),
    "a parameter that no handler gets": (
        lambda: handler_of(contract=greet, executionunits=1, handler={"1.0.0": lambda evt: None}),
        ["Handler of #/shop/greet/1.0.0", "parameter 'evt' is unknown", "event"],
    ),
    "executionunits as text": (
        lambda: handler_of(contract=greet, executionunits="1", handler={"1.0.0": greeted}),
        ["executionunits=...) is '1'", "give a number"],
    ),
    "a handler that returns a model": (
        lambda: handled(Name(name="Ada")),
        ["'#/shop/greet/1.0.0'", "handle (", "test_mistakes.py, line", "has returned the model Name", ANSWER],
    ),
    "a handler that returns models": (
        lambda: handled([Name(name="Ada")]),
        ["has returned the model Name", ANSWER],
    ),
    "a handler that returns a dict without type": (
        lambda: handled({"data": {"name": "Ada"}}),
        ["has returned a mapping without 'type'", ANSWER],
    ),
    "typ for type": (
        lambda: handled({"typ": "evt.shop.greet.success", "data": {"name": "Ada"}}),
        ["has returned a mapping without 'type', but with 'typ'"],
    ),
    "a handler that returns a type without data": (
        lambda: handled({"type": "evt.shop.greet.success", "date": {}}),
        ["has returned a mapping without 'data', but with 'date'"],
    ),
    "a handler that returns a text": (
        lambda: handled("evt.shop.greet.success"),
        ["has returned 'evt.shop.greet.success'", ANSWER],
    ),
    "a source of one part for an init event": (
        lambda: init_factory_of(welcome.version("1.0.0")).init(
            source="shop", data={"parentSubject$$": None, "name": "Ada"}
        ),
        ["'arvo.orc.welcome'", "source='shop'", "three or more parts", "give subject="],
    ),
    "a source of one part for a request": (
        lambda: factory_of(greet.version("1.0.0")).accepts(source="shop", data={"name": "Ada"}),
        ["'com.shop.greet'", "source='shop'", "three or more parts"],
    ),
    "an init event that says nothing of a parent": (
        lambda: init_factory_of(welcome.version("1.0.0")).init(source="com.shop.web", data={"name": "Ada"}),
        ["parentSubject$$: Field required", '"parentSubject$$": None'],
    ),
    "a factory of no version": (
        lambda: factory_of(greet),
        ["events of one version", "contract.version('1.0.0')", "#/shop/greet"],
    ),
    "a field of an event misspelt": (
        lambda: factory_of(greet.version("1.0.0")).accepts(source="a.b.c", data={"name": "A"}, redirecto="a.b.c"),
        ["'redirecto'", "write 'redirectto'"],
    ),
    "a typed context from a lambda": (
        lambda: machine(context=lambda input: Count(count=1)),
        ["context: <lambda> returns a Count", "would become a dict", "context=Count", "-> Count"],
    ),
    "a typed context from a lambda that hides it": (
        lambda: started(lambda: Count(count=1).model_copy()),
        ["The context is a Count", "would become a dict", "context=Count", "-> Count"],
    ),
    "a typed context from a local function": (
        lambda: started(hidden_model()),
        ["The context is a Local", "would become a dict", "context=Local"],
    ),
    "a context of a model without defaults": (
        lambda: machine(context=Name),
        ["context: Name cannot be made without name", "give them defaults", "-> Name"],
    ),
    "a context without keys": (
        lambda: started(lambda: (1, 2)),
        ["The context is (1, 2), which has no keys", "return a mapping or a model"],
    ),
    "the value of a failed orchestration": (
        lambda: FAILED["value"],
        ["has failed", "no 'value'", "executionStatus", "ValueError: the till is empty"],
    ),
    "an async action": (
        lambda: machine(entry=remember),
        ["entry: remember is async", "emit an event"],
    ),
    "an async action that is an object": (
        lambda: machine(entry=Remember()),
        ["entry: Remember is async", "emit an event"],
    ),
    "an async guard": (
        lambda: machine(always={"guard": remember, "target": ".open"}),
        ["always.guard: remember is async"],
    ),
    "an event that is a text": (
        lambda: machine(entry=emitted("com.shop.greet")),
        ["entry: emit: 'com.shop.greet' is no event", "emit({\"type\": 'com.shop.greet'"],
    ),
    "an assignment that is a text": (
        lambda: machine(entry=assigned("count")),
        ["entry: assign: 'count' says no keys", 'assign({"key": value})'],
    ),
    "enqueued actions that are no function": (
        lambda: machine(entry=enqueued({"type": "greet"})),
        ["entry: enqueue_actions", "is no function"],
    ),
    "an orchestrator of one machine": (
        lambda: orchestrator_of(executionunits=1, machines=machine()),
        ["machines=...) takes a list", "machines=[machine]"],
    ),
    "an orchestrator of a setup": (
        lambda: orchestrator_of(executionunits=1, machines=[setup()]),
        ["[0] is a value of type ArvoMachineSetup", "create_machine(config)"],
    ),
    "an orchestrator of a statechart": (
        lambda: orchestrator_of(executionunits=1, machines=[create_machine(CONFIG)]),
        ["[0] is a value of type StateMachine", "setup_arvo_machine"],
    ),
    "a memory that is a class": (
        lambda: orchestrator_of(executionunits=1, machines=[machine()], memory=SimpleMachineMemory),
        ["memory=...) is the class SimpleMachineMemory", "SimpleMachineMemory()"],
    ),
    "a machine among the orchestrators": (
        lambda: app_of(orchestrators=[machine()]),
        ["ArvoApp(orchestrators=[...])[0]", "ArvoMachine", "create_arvo_orchestrator(machines=[machine]"],
    ),
    "a contract among the handlers": (
        lambda: app_of(handlers=[greet]),
        ["ArvoApp(handlers=[...])[0]", "ArvoContract", "create_arvo_event_handler(contract=contract"],
    ),
    "a function among the handlers": (
        lambda: app_of(handlers=[greeted]),
        ["ArvoApp(handlers=[...])[0] is the function greeted", "create_arvo_event_handler"],
    ),
    "an orchestrator among the handlers": (
        lambda: app_of(handlers=[create_arvo_orchestrator(executionunits=1, machines=[machine()])]),
        ["ArvoApp(handlers=[...])[0]", "write it under orchestrators="],
    ),
    "a resumable among the handlers": (
        lambda: app_of(handlers=[resumable()]),
        ["ArvoApp(handlers=[...])[0] is a value of type ArvoResumable", "write it under orchestrators="],
    ),
    "a resumable instead of the list of handlers": (
        lambda: app_of(handlers=resumable()),
        ["ArvoApp(handlers=...) is a value of type ArvoResumable", "handlers=[...]"],
    ),
    "a router among the orchestrators": (
        lambda: app_of(orchestrators=[create_arvo_event_router(source="com.shop.all", executionunits=1, handlers=[])]),
        ["ArvoApp(orchestrators=[...])[0] is a value of type ArvoEventRouter", "write it under handlers="],
    ),
    "a multi handler among the orchestrators": (
        lambda: app_of(orchestrators=[multi_handler()]),
        ["ArvoApp(orchestrators=[...])[0] is a value of type MultiArvoEventHandler", "write it under handlers="],
    ),
    "one multi handler instead of a list": (
        lambda: app_of(handlers=multi_handler()),
        ["ArvoApp(handlers=...) takes a list, not one MultiArvoEventHandler", "handlers=[...]"],
    ),
    "a resumable in a router": (
        lambda: router_of(source="com.shop.all", executionunits=1, handlers=[resumable()]),
        ["create_arvo_event_router(handlers=...)[0] is a value of type ArvoResumable", "have their own names"],
    ),
    "one orchestrator instead of a list": (
        lambda: app_of(orchestrators=create_arvo_orchestrator(executionunits=1, machines=[machine()])),
        ["ArvoApp(orchestrators=...) takes a list", "orchestrators=[...]"],
    ),
    "a publisher without a domain": (
        lambda: app_of(publishers=[remember]),
        ["ArvoApp(publishers=...) is a value of type list", "a domain, or None, to a function"],
    ),
    "a publisher that takes nothing": (
        lambda: app_of(publishers={"external": lambda: None}),
        ["publishers={'external': ...}", "called with the event alone"],
    ),
    "a publisher that was called": (
        lambda: app_of(publishers={"external": remember(FAILED)}),
        ["publishers={'external': ...}", "is a coroutine", "without calling it"],
    ),
    "a publisher's domain that is none": (
        lambda: app_of(publishers={"External!": remember}),
        ["'External!' is no domain"],
    ),
    "dead letters that are no function": (
        lambda: app_of(dead_letters="letters"),
        ["ArvoApp(dead_letters=...) is 'letters'", "takes the dead letter"],
    ),
    "a task queue under a contract": (
        lambda: app_of(task_queues={welcome: "welcomes"}),
        ["ArvoApp(task_queues=...)", "ArvoContract is no event type", "'arvo.orc.welcome'"],
    ),
    "retries as a policy": (
        lambda: app_of(policies={"com.shop.greet": RetryPolicy(maximum_attempts=3)}),
        ["policies={'com.shop.greet': ...}", "EmissionPolicy(retry=RetryPolicy(...))"],
    ),
    "a timeout in seconds": (
        lambda: policy_of(timeout=60),
        ["EmissionPolicy(timeout=...): 60", "a timedelta, '5 minutes'"],
    ),
    "a number of retries": (
        lambda: policy_of(retry=3),
        ["EmissionPolicy(retry=...) is 3", "RetryPolicy(maximum_attempts=3)"],
    ),
    "a timeout of no time": (
        lambda: policy_of(timeout=timedelta(0)),
        ["EmissionPolicy(timeout=...): datetime.timedelta(0)", "'5 minutes'"],
    ),
    "a mode misspelt": (
        lambda: policy_of(mode="locl"),
        ["EmissionPolicy(mode='locl')", "write 'local'"],
    ),
    "what becomes of children, misspelt": (
        lambda: children_of(on_cancel="abandoned"),
        ["ChildPolicy(on_cancel='abandoned')", "write 'abandon'"],
    ),
    "a limit that is a text": (
        lambda: limits_of(event_bytes="1 MB"),
        ["Limits(event_bytes=...) is '1 MB'", "whole number"],
    ),
    "a client that is still to come": (
        lambda: client_of(connect()),
        ["ArvoClient got a coroutine", "ArvoClient(await connect(), app)"],
    ),
    "an address for a client": (
        lambda: client_of("localhost:7233"),
        ["ArvoClient(client, app)", "'localhost:7233'", "await connect()"],
    ),
    "a plugin of orchestrators": (
        lambda: plugin_of([]),
        ["ArvoPlugin takes an ArvoApp", "list"],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_ends_in_one_error_that_names_the_place_and_the_cure(mistake: str) -> None:
    make, told = MISTAKES[mistake]
    with pytest.raises((ArvoError, StatechartError, TypeError)) as caught:
        make()
    message = str(caught.value)
    assert [text for text in told if text not in message] == [], message
    assert len(message) < 700
    assert not any(raw in message for raw in ("object has no attribute", "is not subscriptable", "unhashable"))


@pytest.mark.parametrize("mistake", [name for name in MISTAKES if "returns" not in name])
def test_nothing_else_is_told_than_the_error_itself(mistake: str) -> None:
    """The traceback ends in one error, without another one that it came from."""
    make, _ = MISTAKES[mistake]
    with pytest.raises((ArvoError, StatechartError, TypeError)) as caught:
        make()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_typed_context_of_a_local_function_is_found_by_its_closure() -> None:
    class Local(BaseModel):
        count: int = 0

    def opening() -> Local:
        return Local(count=1)

    snapshot, _ = initial_transition(create_machine({**CONFIG, "context": opening}))
    assert isinstance(snapshot.context, Local)


def test_a_failed_record_is_plain_json_otherwise() -> None:
    assert {"executionStatus": "failure", "subject": "a subject", "error": FAILED["error"]} == FAILED
    assert FAILED.get("value") is None
    assert explained({"executionStatus": "normal"}) == {"executionStatus": "normal"}
