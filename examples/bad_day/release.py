"""A release that has given a state another name: `arvo-temporal check-deploy examples.bad_day.release:app` finds it."""

from __future__ import annotations

from examples.bad_day.app import shop
from examples.bad_day.sale import sale_machine

app = shop(sale_machine(packing="boxing"))
