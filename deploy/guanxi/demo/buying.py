"""Customers from the first call on: contacts, talks, tags, orders, payments, the pool, and leaving."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from guanxi.demo import cast, names
from guanxi.demo.founding import code_of
from guanxi.demo.plot import Buyer, Plot
from guanxi.demo.story import HEARD, Part, Step, Thread, do, iso, later, wait

ONE = "/customers/<customer_no>"
ORDER = "/orders/<order_no>"
LOSS = "/losses/<int:loss_id>"
TAGS = ("重点跟进", "价格敏感", "推荐人")
BY_HAND = timedelta(days=50)
"""Before the end: what is younger is on its way, not settled by the sales system."""


def customer(plot: Plot, number: int) -> Thread:
    """Opened, talked to, tagged; some are let go, a few deleted."""
    chance = plot.story.chance(f"customer {number}")
    owner = chance.choice(cast.MANAGERS if chance.random() < 0.86 else cast.SENIORS)
    at = later(plot.moment(chance) - timedelta(days=1), chance, 0, 1)
    yield wait("customer", at)
    name, city, region = names.company(number)
    opened = yield do("customer", "POST /customers", owner, at, **_file(number, name, city, region, chance))
    mine = {"customer_no": opened["customer_no"]}
    buyer = Buyer(opened["customer_no"], name, owner, at, at, chance.uniform(45, 105), _leaves(plot, number, at))
    for place in range(chance.choice((1, 1, 2))):
        card = _card(number * 2 + place, city, chance)
        contact = yield do("customer", f"POST {ONE}/contacts", owner, at, **mine, **card)
        buyer.contact_id = contact["id"]
    if number % 30 == 5:
        gone = {"contact_id": buyer.contact_id, **mine}
        yield do("customer", f"DELETE {ONE}/contacts/<int:contact_id>", owner, later(at, chance, 2, 9), **gone)
        buyer.contact_id = None
    if number % 5 == 1:
        yield do("customer", f"PUT {ONE}/tags", owner, later(at, chance, 1, 3), **mine, tags=[chance.choice(TAGS)])
    if number % 20 == 7:
        yield from let_go(plot, buyer, at, chance)
    elif number % 60 == 3:
        yield do("customer", f"DELETE {ONE}", owner, later(at, chance, 9, 80), **mine)
    else:
        if number % 13:
            buyer.next_order = later(at, chance, 3, 40)
            plot.buyers.append(buyer)
        yield from talks(buyer, at, chance)


def _file(number: int, name: str, city: str, region: str, chance: Random) -> dict[str, Any]:
    return {
        "name": name,
        "region": region,
        "level": chance.choices((1, 2, 3, 4, 5), (50, 22, 14, 9, 5))[0],
        "satisfaction": chance.choices((None, 2, 3, 4, 5), (10, 5, 25, 40, 20))[0],
        "credit": chance.choices((None, 1, 2, 3, 4, 5), (10, 3, 7, 30, 35, 15))[0],
        "phone": names.telephone(number, city),
        "address": f"{city}市工业路{number % 300 + 1}号",
        "postal_code": f"{100000 + number * 37 % 800000}",
        "website": f"http://c{number}.example",
        "legal_person": names.person(chance),
        "registered_capital": f"{chance.choice((100, 200, 500, 1000, 3000))}0000.00",
        "yearly_turnover": f"{chance.randrange(200, 9000)}0000.00",
        "although_known": True,
    }


def _card(number: int, city: str, chance: Random) -> dict[str, Any]:
    return {
        "name": names.person(chance),
        "sex": chance.choice(("男", "女")),
        "position": chance.choice(names.POSITIONS),
        "phone": names.telephone(number, city),
        "mobile": names.mobile(number),
    }


def _leaves(plot: Plot, number: int, at: datetime) -> datetime:
    """When it stops to buy; most stay."""
    return at + timedelta(days=60 + number % 300) if number % 7 == 2 else plot.story.until


def let_go(plot: Plot, buyer: Buyer, at: datetime, chance: Random) -> Part:
    """Into the pool; every other one is claimed by somebody else."""
    at = later(at, chance, 20, 150)
    yield do("customer", f"POST {ONE}/release", buyer.owner, at, customer_no=buyer.customer_no, reason="长期无法联系")
    if chance.random() < 0.4:
        others = [login for login in cast.MANAGERS if login != buyer.owner]
        buyer.owner, at = chance.choice(others), later(at, chance, 2, 60)
        yield do("customer", f"POST {ONE}/claim", buyer.owner, at, customer_no=buyer.customer_no)
        buyer.next_order, buyer.known_since = later(at, chance, 5, 60), at
        plot.buyers.append(buyer)


def talks(buyer: Buyer, at: datetime, chance: Random) -> Part:
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        at = later(at, chance, 10, 120)
        said = {
            "held_at": iso(at),
            "place": chance.choice(("电话", "客户办公室", "展会")),
            "title": chance.choice(names.TALKS),
        }
        yield do("customer", f"POST {ONE}/activities", buyer.owner, at, customer_no=buyer.customer_no, **said)


def sales_system(plot: Plot) -> Thread:
    """Twice a month it sends what was ordered; what it sends is settled already."""
    chance, number = plot.story.chance("sales system"), 0
    at = plot.story.begins + timedelta(days=20)
    last = plot.story.until - BY_HAND
    while at < plot.story.until:
        yield wait("customer", at)
        rows = []
        for buyer in plot.buyers:
            while buyer.next_order < min(at, buyer.stops_at):
                number += 1
                rows.append(_sent(buyer, number, chance, is_settled=buyer.next_order < last))
                buyer.next_order = later(buyer.next_order, chance, buyer.every_days * 0.7, buyer.every_days * 1.3)
        for start in range(0, len(rows), 500):
            yield do("customer", "POST /orders/bulk", "sue", at, rows=rows[start : start + 500])
        at += timedelta(days=14)


def _sent(buyer: Buyer, number: int, chance: Random, *, is_settled: bool) -> dict[str, Any]:
    order = {"order_no": f"S{number:07d}", "customer_no": buyer.customer_no, "ordered_at": iso(buyer.next_order)}
    if number % 60 == 0:
        return order | {"kind": "credit_note", "amount": f"-{chance.randrange(100, 3000)}.00", "status": 6}
    return order | {"status": 6 if is_settled else chance.choice((3, 4, 5)), "lines": lines(chance)}


def lines(chance: Random) -> list[dict[str, Any]]:
    places = chance.sample(range(len(names.PRODUCTS)), chance.choice((1, 1, 2, 3)))
    found = []
    for place in places:
        _, unit, price = names.PRODUCTS[place]
        line = {
            "product_code": code_of(place),
            "quantity": max(1, int(chance.expovariate(0.4) * 4000 / (price + 400)) + 1),
        }
        found.append(line | {"unit": unit, "unit_price": f"{price * chance.choice((95, 98, 100)) / 100:.2f}"})
    return found


def entered_order(plot: Plot, number: int) -> Thread:
    """Entered by hand, confirmed, picked, shipped, delivered, paid; not all come so far, and some are cancelled."""
    chance = plot.story.chance(f"order {number}")
    at = later(plot.moment(chance), chance, 0, 1)
    if number % 3 == 0:
        at = later(plot.story.until - BY_HAND, chance, 0, 44)
    yield wait("customer", at)
    buyer = plot.a_buyer(chance, at)
    if buyer is None or at > buyer.stops_at:
        return
    yield from an_order(buyer, at, chance)


def an_order(buyer: Buyer, at: datetime, chance: Random) -> Part:
    """From the entry to the last payment."""
    who = _writes_orders(buyer)
    order = yield do("customer", "POST /orders", who, at, customer_no=buyer.customer_no, lines=lines(chance))
    mine = {"order_no": order["order_no"]}
    if chance.random() < 0.08:
        at = later(at, chance, 1, 4)
        yield do("customer", f"POST {ORDER}/cancellation", who, at, **mine, reason="客户取消")
        return
    cents = round(float(order["amount"]) * 100)
    parts = [cents] if chance.random() < 0.5 else [cents // 3, cents - cents // 3]
    for step in ("confirmation", "picking", "shipping", "delivery"):
        at = later(at, chance, 0.5, 6)
        yield do("customer", f"POST {ORDER}/{step}", who, at, **mine)
    if chance.random() < 0.12:
        return
    for place, part in enumerate(parts):
        at = later(at, chance, 3, 30)
        yield _payment(order["order_no"], who, at, part, place)


def _payment(order_no: str, who: str, at: datetime, cents: int, place: int) -> Step:
    said = {"amount": f"{cents // 100}.{cents % 100:02d}", "received_on": f"{at:%Y-%m-%d}", "method": "银行转账"}
    outside = f"BANK-{order_no}-{place}"
    return do("customer", f"POST {ORDER}/payments", who, at, order_no=order_no, outside_id=outside, **said)


def _writes_orders(buyer: Buyer) -> str:
    return buyer.owner if buyer.owner in cast.MANAGERS else cast.supervisor_of(buyer.owner)


def losses(plot: Plot) -> Thread:
    """After each look at all customers, somebody does something about every warning, or nobody does."""
    while True:
        at = yield HEARD
        page, number = 0, 1
        while page < number:
            page += 1
            asked = {"alerted_from": iso(at - timedelta(seconds=1)), "alerted_to": iso(at + timedelta(seconds=1))}
            found = yield do("customer", "GET /losses", "sue", at, **asked, sort="id", size=100, page=page)
            number = -(-found["total"] // 100)
            for loss in found["items"]:
                plot.story.add(f"loss {loss['id']}", loss_of(plot, loss, at))


def loss_of(plot: Plot, loss: dict[str, Any], at: datetime) -> Thread:
    """Measures, and then the end: given up, bought again, or talked into coming back."""
    chance = plot.story.chance(f"loss {loss['id']}")
    owner, fate = plot.logins[loss["manager_id"]], loss["id"] % 5
    if owner not in cast.MANAGERS or not fate:
        return
    text = chance.choice(("上门拜访", "提供样品", "给予折扣"))
    if not (yield from _about(loss, owner, "measures", later(at, chance, 1, 12), text=text)):
        return
    at = later(at, chance, 20, 60)
    buyer = Buyer(loss["customer_no"], loss["customer_name"], owner, at, at, 60, at)
    if fate == 1:
        yield from an_order(buyer, at, chance)
    elif fate in (2, 3):
        is_lost = yield from _about(loss, owner, "confirmation", at, reason=chance.choice(names.REASONS))
        if is_lost and fate == 3:
            at = later(at, chance, 20, 90)
            if (yield from _about(loss, owner, "recovery", at, how="新项目重新合作")):
                yield from an_order(buyer, later(at, chance, 0.2, 6), chance)


def _about(loss: dict[str, Any], owner: str, action: str, at: datetime, **said: str) -> Part:
    """Do it, unless the customer bought meanwhile or somebody else looks after it; whether it was done."""
    mine = {"loss_id": loss["id"]}
    found = yield do("customer", f"GET {LOSS}", "sue", at, **mine)
    holder = yield do("customer", f"GET {ONE}", "sue", at, customer_no=loss["customer_no"])
    if found["status"] not in ((3,) if action == "recovery" else (1, 2)) or holder["manager_id"] != loss["manager_id"]:
        return False
    yield do("customer", f"POST {LOSS}/{action}", owner, at, **mine, **said)
    return True


def merged(plot: Plot, number: int) -> Thread:
    """The same company opened twice, and put together again."""
    chance = plot.story.chance(f"merge {number}")
    at = later(plot.story.begins + timedelta(days=200 + number * 90), chance, 0, 5)
    yield wait("customer", at)
    buyer = plot.a_buyer(chance, at, cast.MANAGERS)
    if buyer is None:
        return
    said = {
        "name": buyer.name.replace("有限公司", "公司") + "（重复）",
        "region": "华东",
        "level": 1,
        "although_known": True,
    }
    again = yield do("customer", "POST /customers", buyer.owner, at, **said)
    at = later(at, chance, 3, 9)
    yield do(
        "customer", f"POST {ONE}/merge", buyer.owner, at, customer_no=buyer.customer_no, absorbed=again["customer_no"]
    )
