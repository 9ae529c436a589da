"""How the company was founded: units, people, and what it sells."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from guanxi.demo import cast, names
from guanxi.demo.plot import Plot
from guanxi.demo.story import Thread, do, later, months, wait

SHELVES = ("A1", "B2")


def people(plot: Plot) -> Thread:
    """Units first, then people from the top down, then who heads what."""
    at = plot.story.begins
    known = yield do("identity", "GET /units", "admin", at, size=200)
    units = {unit["code"]: unit["id"] for unit in known["items"]}
    for code, name, kind, above in cast.UNITS:
        said = {"code": code, "name": name, "kind": kind, "parent_id": units[above]}
        units[code] = (yield do("identity", "POST /units", "admin", at, **said))["id"]
    rows = [
        {"login": login, "full_name": name, "role": role, "manager_login": above, "unit_code": unit}
        for login, name, role, above, unit in cast.PEOPLE
    ]
    yield do("identity", "POST /users/bulk", "admin", at, rows=rows)
    everybody = yield do("identity", "GET /users", "admin", at, size=200)
    ids = {user["login"]: user["id"] for user in everybody["items"]}
    plot.logins = {user_id: login for login, user_id in ids.items()}
    for code, login in cast.HEADS.items():
        yield do("identity", "PATCH /units/<int:unit_id>", "admin", at, unit_id=units[code], head_id=ids[login])
    plot.story.firm.forget_people()


def products(plot: Plot) -> Thread:
    """The list of products, with new prices in the second year."""
    for year in range(2):
        rows = [_product(place, year) for place in range(len(names.PRODUCTS))]
        yield do("customer", "POST /products/bulk", "sue", plot.story.begins + timedelta(days=365 * year), rows=rows)


def _product(place: int, year: int) -> dict[str, Any]:
    name, unit, price = names.PRODUCTS[place]
    code = code_of(place)
    return {
        "code": code,
        "name": name,
        "model": f"GX-{100 + place}",
        "unit": unit,
        "price": f"{price * (1 + year / 50):.2f}",
    }


def code_of(place: int) -> str:
    return f"P{place + 1:03d}"


def stock(plot: Plot) -> Thread:
    """Counted every two months; now and then a count is corrected."""
    chance = plot.story.chance("stock")
    at = plot.story.begins + timedelta(days=1)
    while True:
        rows = [
            _count(place, warehouse, chance) for place in range(len(names.PRODUCTS)) for warehouse in names.WAREHOUSES
        ]
        yield do("customer", "POST /stock/bulk", "sue", at, rows=rows)
        found = yield do("customer", "GET /stock", "sue", at, size=100)
        for one in chance.sample(found["items"], 3):
            said = {"quantity": chance.randrange(5, 90), "reason": "盘点差异"}
            moment = later(at, chance, 5, 40)
            yield do("customer", "POST /stock/<int:stock_id>/adjustment", "sue", moment, stock_id=one["id"], **said)
        at = later(at, chance, 58, 62)


def _count(place: int, warehouse: str, chance: Any) -> dict[str, Any]:
    return {
        "product_code": code_of(place),
        "warehouse": warehouse,
        "place": SHELVES[place % len(SHELVES)],
        "quantity": chance.randrange(10, 400),
    }


def targets(plot: Plot, team: str, supervisor: str) -> Thread:
    """What a team is to sell each month, split among its account managers."""
    chance = plot.story.chance(f"targets {team}")
    ids = [plot.id_of(login) for login in cast.MANAGERS if cast.ABOVE[login] == supervisor]
    for month in months(plot.story.begins, plot.story.until):
        year, number = map(int, month.split("-"))
        at = max(plot.story.begins, datetime(year, number, 1, 1, tzinfo=plot.story.begins.tzinfo)) + timedelta(hours=2)
        shares = [{"owner_id": one, "amount": chance.randrange(80, 200) * 100_000} for one in ids]
        said = {"month": month, "kind": "sales", "team": team, "amount": sum(one["amount"] for one in shares)}
        yield do("marketing", "POST /targets", supervisor, at, shares=shares, **said)
        leads = {"month": month, "kind": "leads", "team": team, "amount": chance.randrange(15, 40)}
        yield do("marketing", "POST /targets", supervisor, at, **leads)


def forecasts(plot: Plot, login: str) -> Thread:
    """What somebody expects of each month, corrected in its middle."""
    chance = plot.story.chance(f"forecasts {login}")
    for month in months(plot.story.begins + timedelta(days=32), plot.story.until):
        year, number = map(int, month.split("-"))
        at = datetime(year, number, 2, 3, tzinfo=plot.story.begins.tzinfo)
        for day in (0, 13):
            amount = f"{chance.randrange(60, 180) * 1000}.00"
            said = {"month": month, "amount": amount}
            yield do("marketing", "PUT /forecasts", login, at + timedelta(days=day), **said)


def leaving(plot: Plot) -> Thread:
    """Somebody moves away; what he has in charge was counted, and waits for a confirmation."""
    at = plot.story.until - timedelta(days=1)
    yield wait("identity", at)
    said = {"user_id": plot.id_of("luo.hao"), "to_user_id": plot.id_of("gao.yan"), "reason": "调往深圳"}
    yield do("identity", "POST /hand-overs", "admin", at, **said)
