"""What the agent and its tools take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

from arvo import create_arvo_contract, create_arvo_orchestrator_contract, create_simple_arvo_contract

Text = Annotated[str, Field(min_length=1)]
Cents = Annotated[int, Field(ge=1)]


class Task(BaseModel):
    """What the agent is to do, and its budget: turns of the model, and seconds until it ends in any case."""

    question: Text
    max_turns: Annotated[int, Field(ge=1)] = 12
    seconds: Annotated[float, Field(gt=0)] = 600


class Report(BaseModel):
    """How it ended, and what it cost. `tokens` are those of the prompts and of what the model wrote."""

    outcome: Literal["answered", "out_of_turns", "out_of_time"]
    answer: str | None
    turns: int
    tokens: int


class Plan(BaseModel):
    """Write down what to do, step by step, before anything else."""

    steps: list[str]


class FindOrder(BaseModel):
    """Find an order: what was bought, for how many cents, and when it was delivered."""

    order_id: Text


class Order(BaseModel):
    """An order. `price` is in cents."""

    order_id: str
    customer: str
    item: str
    price: int
    delivered: str


class SearchPolicy(BaseModel):
    """Search the rules of the shop, for example on returns and refunds."""

    words: Text


class Policy(BaseModel):
    """What the rules say."""

    text: str


class Refund(BaseModel):
    """Give the customer of an order money back, in cents. A person has to consent."""

    order_id: Text
    amount: Cents


class Refunded(BaseModel):
    """The reference of the transfer, or None and what is in the way."""

    reference: str | None
    problem: str | None


class Transferred(BaseModel):
    """The bank's reference."""

    reference: str


class Wish(BaseModel):
    """What the agent wants to do, for a person to allow."""

    tool: str
    arguments: dict[str, JsonValue]


class Decision(BaseModel):
    """What a person has decided."""

    approved: bool
    by: str


class Alarm(BaseModel):
    """After how many seconds to ring."""

    seconds: float


find_order = create_arvo_contract(
    uri="#/agent/orders/find",
    type="com.orders.find",
    versions={"1.0.0": {"accepts": FindOrder, "emits": {"evt.orders.found": Order}}},
)
search_policy = create_arvo_contract(
    uri="#/agent/policy/search",
    type="com.policy.search",
    versions={"1.0.0": {"accepts": SearchPolicy, "emits": {"evt.policy.found": Policy}}},
)
transfer = create_simple_arvo_contract(
    uri="#/agent/bank/transfer",
    type="bank.transfer",
    versions={"1.0.0": {"accepts": Refund, "emits": Transferred}},
)
consent = create_arvo_contract(
    uri="#/agent/consent",
    type="com.consent.ask",
    domain="external",
    versions={"1.0.0": {"accepts": Wish, "emits": {"evt.consent.decided": Decision}}},
)
refund = create_arvo_orchestrator_contract(
    uri="#/agent/refund", name="refund", versions={"1.0.0": {"init": Refund, "complete": Refunded}}
)
alarm = create_arvo_orchestrator_contract(
    uri="#/agent/alarm", name="alarm", versions={"1.0.0": {"init": Alarm, "complete": Alarm}}
)
agent = create_arvo_orchestrator_contract(
    uri="#/agent/agent", name="agent", versions={"1.0.0": {"init": Task, "complete": Report}}
)
