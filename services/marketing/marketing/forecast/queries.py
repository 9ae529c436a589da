"""Looking at the forecast: open deals weighted by their probability, beside what people say and what was asked."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from chassis.dialect import among
from chassis.fields import amount_text
from chassis.pages import Listing, contains, equal
from chassis.people import person
from chassis.problems import NotFound
from chassis.transaction import Transaction
from marketing.deal.life_cycle import Status
from marketing.deal.model import Deal
from marketing.forecast.model import Forecast, Share, Target, TargetKind

TARGETS = Listing(
    columns={name: getattr(Target, name) for name in ("id", "month", "kind", "team", "currency", "amount", "version")},
    key=Target.id,
    filters={"month": equal(Target.month), "kind": equal(Target.kind), "team": equal(Target.team)},
    sorts={"month": Target.month, "id": Target.id},
    default_sort="-month",
    search=(Target.team,),
)
FORECASTS = Listing(
    columns={
        name: getattr(Forecast, name)
        for name in ("id", "month", "owner_id", "owner_name", "currency", "amount_minor", "version")
    },
    key=Forecast.id,
    owners=(Forecast.owner_id,),
    filters={"month": equal(Forecast.month), "owner_id": equal(Forecast.owner_id)},
    sorts={"month": Forecast.month, "owner_name": Forecast.owner_name},
    default_sort="-month",
    search=(Forecast.owner_name,),
)


SHARERS = Listing(
    columns={"user_id": person.c.user_id, "login": person.c.login, "full_name": person.c.full_name},
    key=person.c.user_id,
    where=(person.c.is_active,),
    filters={"login": equal(person.c.login), "full_name": contains(person.c.full_name)},
    sorts={"full_name": person.c.full_name, "user_id": person.c.user_id},
    default_sort="full_name",
    search=(person.c.full_name,),
)
"""Who may have a share of a target: everybody who works here, as far as identity has told us."""


def get_target(tx: Transaction, target_id: int) -> Target:
    """One target with its shares. Raises NotFound."""
    found: Target | None = tx.scalar(sa.select(Target).where(Target.id == target_id))
    if found is None:
        raise NotFound(detail=f"No target {target_id}")
    return with_names(tx, found)


def with_names(tx: Transaction, target: Target) -> Target:
    """The target, and in each share whose it is."""
    names = names_of(tx, [share.owner_id for share in target.shares])
    for share in target.shares:
        share.owner_name = names.get(share.owner_id, "")
    return target


def names_of(tx: Transaction, user_ids: Iterable[int]) -> dict[int, str]:
    """What these people are called, as far as identity has told us; one select."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return {}
    statement = sa.select(person.c.user_id, person.c.full_name).where(among(person.c.user_id, wanted))
    return {row.user_id: row.full_name for row in tx.rows(statement)}


def forecast(tx: Transaction, month: str, currency: str = "CNY") -> dict[str, Any]:
    """A month by salesperson, in the data scope: weighted open deals, won deals, own statement, share of the target."""
    people: dict[int, dict[str, Any]] = {}
    for row in _deals(tx, month, currency):
        _of(people, row)["weighted"] = int(row.weighted)
        people[row.owner_id] |= {"open_amount": int(row.open_amount), "won_amount": int(row.won_amount)}
    for row in _stated(tx, month, currency):
        _of(people, row)["stated"] = row.amount_minor
    for row in _asked(tx, month, currency):
        people.setdefault(row.owner_id, _nobody(row.owner_id, ""))["target"] = int(row.amount)
    names = names_of(tx, [one["owner_id"] for one in people.values() if not one["owner_name"]])
    for one in people.values():
        one["owner_name"] = one["owner_name"] or names.get(one["owner_id"], "")
    items = [_shown(one) for one in sorted(people.values(), key=lambda one: one["owner_id"])]
    totals = {name: amount_text(sum(one[name] for one in people.values())) for name in SUMS}
    return {"month": month, "currency": currency, "items": items, "totals": totals}


SUMS = ("weighted", "open_amount", "won_amount", "stated", "target")


def _deals(tx: Transaction, month: str, currency: str) -> Any:
    first, last = _days(month)
    is_open, is_won = Deal.status == Status.OPEN, Deal.status == Status.WON
    amount = Deal.amount_minor
    columns = (
        Deal.owner_id,
        sa.func.max(Deal.owner_name).label("owner_name"),
        sa.func.sum(sa.case((is_open, amount * Deal.probability / 100), else_=0)).label("weighted"),
        sa.func.sum(sa.case((is_open, amount), else_=0)).label("open_amount"),
        sa.func.sum(sa.case((is_won, amount), else_=0)).label("won_amount"),
    )
    mine = (Deal.expected_on >= first, Deal.expected_on <= last, Deal.currency == currency)
    return tx.rows(sa.select(*columns).where(*mine, tx.principal.only_seen(Deal.owner_id)).group_by(Deal.owner_id))


def _stated(tx: Transaction, month: str, currency: str) -> Any:
    columns = (Forecast.owner_id, Forecast.owner_name, Forecast.amount_minor)
    mine = (Forecast.month == month, Forecast.currency == currency, tx.principal.only_seen(Forecast.owner_id))
    return tx.rows(sa.select(*columns).where(*mine))


def _asked(tx: Transaction, month: str, currency: str) -> Any:
    mine = (Target.month == month, Target.kind == TargetKind.SALES, Target.currency == currency)
    statement = sa.select(Share.owner_id, sa.func.sum(Share.amount).label("amount")).join(
        Target, Target.id == Share.target_id
    )
    return tx.rows(statement.where(*mine, tx.principal.only_seen(Share.owner_id)).group_by(Share.owner_id))


def _of(people: dict[int, dict[str, Any]], row: Any) -> dict[str, Any]:
    return people.setdefault(row.owner_id, _nobody(row.owner_id, row.owner_name))


def _nobody(owner_id: int, name: str) -> dict[str, Any]:
    return {"owner_id": owner_id, "owner_name": name, **dict.fromkeys(SUMS, 0)}


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, **{name: amount_text(one[name]) for name in SUMS}}


def _days(month: str) -> tuple[date, date]:
    year, number = (int(part) for part in month.split("-"))
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])
