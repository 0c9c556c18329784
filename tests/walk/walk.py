"""The walk: a bad day, as docs/operating.md tells it."""

from __future__ import annotations

from arvo_temporal import ArvoClient, ShownOrchestration
from examples.bad_day.services import BANK_FORGETS, WAREHOUSE_IS_DOWN
from tests.polling import eventually
from tests.walk.passages import Happens, Passage, Ran, Said, Seen
from tests.walk.shop import Shop

_PATIENCE = 60


def _is_tried(sale: ShownOrchestration) -> bool:
    """Tell whether the warehouse has been asked in vain."""
    return any(one.failure for one in sale.tries)


async def _morning(shop: Shop, client: ArvoClient) -> None:
    """Two sales go well; then the new key of the bank is forgotten, and two do not."""
    for key in ("39", "40"):
        started = await client.start("arvo.orc.sale", {"customer": "ada", "amount": 1900}, key=key)
        await client.result(started.subject, timeout=_PATIENCE)
    shop.breaks(BANK_FORGETS)
    for key in ("41", "42"):
        await client.start("arvo.orc.sale", {"customer": "grace", "amount": 250000}, key=key)
    await eventually(lambda: client.count(trouble="unhandled"), lambda count: count == 2)


async def _bank_is_mended(shop: Shop, client: ArvoClient) -> None:
    shop.mends(BANK_FORGETS)


async def _warehouse_goes_down(shop: Shop, client: ArvoClient) -> None:
    shop.breaks(WAREHOUSE_IS_DOWN)
    started = await client.start("arvo.orc.sale", {"customer": "linus", "amount": 700}, key="43")
    await client.wait_for(started.subject, state="packing", timeout=_PATIENCE)
    await eventually(lambda: client.show("sale/43"), _is_tried)


async def _one_is_being_packed(shop: Shop, client: ArvoClient) -> None:
    shop.breaks(WAREHOUSE_IS_DOWN)
    started = await client.start("arvo.orc.sale", {"customer": "margaret", "amount": 1100}, key="44")
    await client.wait_for(started.subject, state="packing", timeout=_PATIENCE)
    await eventually(lambda: client.show("sale/44"), _is_tried)


async def _warehouse_is_back(shop: Shop, client: ArvoClient) -> None:
    shop.mends(WAREHOUSE_IS_DOWN)


WALK: tuple[Passage, ...] = (
    Said("## An order is stuck"),
    Happens(_morning),
    Said("Customers ask where their orders are. Which sales have trouble?"),
    Ran("arvo-temporal list --stuck", shows=("41", "42", "unhandled")),
    Said("Two. What is it about one of them?"),
    Ran("arvo-temporal show sale/42", shows=("charging", "KeyError", "arvo-temporal retry")),
    Said("What the error says may quote an event, so only the ledger tells it:"),
    Ran("arvo-temporal ledger sale/42 | grep reason", shows=("BANK_API_KEY",)),
    Said(
        "The bank's handler lacks its key, and the machine has no transition for `sys.com.bank.charge.error`, so the "
        "sale stays in `charging`. The page of the sale in the Temporal UI says the same:"
    ),
    Seen("42", "stuck", "A sale that is stuck, in the Temporal UI", shows=("charging", "unhandled")),
    Said("Would the sale go on if the bank answered?"),
    Ran("arvo-temporal explain sale/42 evt.bank.charge.success", shows=("packing",)),
    Said("It would. The key is put back, and the requests that have failed are sent again, under their own ids:"),
    Happens(_bank_is_mended),
    Ran("arvo-temporal retry --trouble unhandled --yes", shows=("41", "42")),
    Ran("arvo-temporal wait sale/42 --for done --timeout 1m"),
    Ran("arvo-temporal list --stuck"),
    Said("## A service is down for an hour"),
    Happens(_warehouse_goes_down),
    Said(
        "The warehouse does not answer. Its policy says `retry_on=WarehouseIsDown`, once an hour: nothing is lost, and "
        "nobody is to do anything. Only it takes its time:"
    ),
    Ran("arvo-temporal show sale/43", shows=("packing", "503 Service Unavailable")),
    Said("The warehouse is back. Who does not want to wait for the next try lets it be made now:"),
    Happens(_warehouse_is_back),
    Ran("arvo-temporal nudge sale/43", shows=("com.warehouse.pack",)),
    Ran("arvo-temporal wait sale/43 --for done --timeout 1m"),
    Ran("arvo-temporal history sale/43", shows=("evt.warehouse.pack.success",)),
    Said("## A release does not fit"),
    Happens(_one_is_being_packed),
    Said(
        "Somebody has given the state `packing` another name. Before that goes out, it is held against the sales "
        "that are open, sale 44 among them, which is being packed:"
    ),
    Ran("arvo-temporal check-deploy examples.bad_day.release:app", code=1, shows=("packing", "boxing")),
    Said("So it is shipped as a new version of the contract ([versioning.md](versioning.md)). What runs fits:"),
    Ran("arvo-temporal check-deploy examples.bad_day.app:app"),
    Happens(_warehouse_is_back),
    Ran("arvo-temporal nudge sale/44"),
    Ran("arvo-temporal wait sale/44 --for done --timeout 1m"),
    Said("## Could it have been known?"),
    Said("What had stuck in the morning, yes, before anything ran:"),
    Ran("arvo-temporal check", shows=("sys.com.bank.charge.error",)),
)
