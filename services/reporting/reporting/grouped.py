"""Reports that put records together: by person, unit, month or whatever they have in common.

Such a report is its figures and its dimensions. What each figure adds up is worked out from the very conditions by
which its records are found, so that the two cannot say different things.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from chassis.dialect import among
from chassis.fields import Money, QueryNumber, Text, View
from chassis.pages import Condition
from chassis.transaction import Row, Transaction
from reporting.as_of import ReportQuery, ReportView
from reporting.completeness import Completeness, complete_up_to
from reporting.facts.person import in_unit, person_fact
from reporting.facts.unit import unit_fact
from reporting.months import before, month_text, months_between
from reporting.projection import total
from reporting.report import Cells, Figure, How, Records, Report, drill_field, exactly

Part = Callable[[Any], float | None]
"""A number that follows from figures beside it."""


@dataclasses.dataclass(frozen=True)
class Dimension:
    """Something by which records are put together; ``names`` gives its values a name: (key, name)."""

    description: str
    names: tuple[Any, Any] | None = None


PERSON = Dimension("A person's id", (person_fact.c.user_id, person_fact.c.full_name))
UNIT = Dimension("A unit's id", (unit_fact.c.unit_id, unit_fact.c.name))
IN_A_MONTH = Dimension("A month like 2026-11, UTC")


def share(part: int, of: int) -> float | None:
    """None where there is nothing to have a share of."""
    return part / of if of else None


def to_be_grouped(groups: Mapping[str, Any], *, month: Any, person: Any, **known: Any) -> Records:
    """Records that are found by whatever they are grouped by, by month, unit and currency."""
    currency = known.get("currency")
    filters: dict[str, Condition] = {name: exactly(column) for name, column in groups.items()}
    filters |= {
        "from": lambda text: month >= month_text(text),
        "to": lambda text: month <= month_text(text),
        "unit_id": in_unit(person),
        "currency": (lambda _text: sa.true()) if currency is None else exactly(currency),
    }
    return Records(groups=groups, filters=filters, person_id=person, **known)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grouping:
    """What a report shows of each group: figures, and what follows from them (of the group, and of its amounts).

    ``growing`` are the figures that are compared with those of the period before.
    """

    figures: Mapping[str, Figure]
    dimensions: Mapping[str, Dimension]
    sources: Sequence[str]
    default_sort: str = "value"
    parts: Mapping[str, tuple[str, Part]] = dataclasses.field(default_factory=dict)
    parts_of_amounts: Mapping[str, tuple[str, Part]] = dataclasses.field(default_factory=dict)
    growing: Sequence[str] = ()

    @property
    def money(self) -> list[str]:
        return [name for name, figure in self.figures.items() if figure.how == How.MONEY]

    @property
    def numbers(self) -> list[str]:
        return [name for name, figure in self.figures.items() if figure.how != How.MONEY]

    @property
    def sorts(self) -> list[str]:
        return [sign + name for name in ("value", *self.figures) for sign in ("", "-")]

    def cells(self) -> Cells:
        amounts = {"amounts": Cells(figures={name: name for name in self.money}, by=("currency",))}
        numbers = {name: name for name in self.numbers}
        return Cells(
            figures={},
            within={
                "items": Cells(figures=numbers, aspects=tuple(self.dimensions), within=amounts),
                "totals": Cells(figures=numbers, within=amounts),
            },
        )


@dataclasses.dataclass
class _Sum:
    """What is known of a group so far; averages are kept as what they are made of."""

    numbers: dict[str, int] = dataclasses.field(default_factory=dict)
    counted: dict[str, int] = dataclasses.field(default_factory=dict)
    amounts: dict[str, dict[str, int]] = dataclasses.field(default_factory=dict)

    def add(self, name: str, how: How, currency: str, value: int, counted: int) -> None:
        if how == How.MONEY:
            if counted:
                of_currency = self.amounts.setdefault(currency, {})
                of_currency[name] = of_currency.get(name, 0) + value
            return
        self.numbers[name] = self.numbers.get(name, 0) + value
        self.counted[name] = self.counted.get(name, 0) + counted


@dataclasses.dataclass(frozen=True)
class Groups:
    """All groups in the order that was asked for, and all of them together."""

    by: str
    items: list[Any]
    totals: Any
    complete_up_to: Completeness


class Looking:
    """What the route of a grouped report calls."""

    def __init__(self, grouping: Grouping, summary: str) -> None:
        self.grouping, self.__doc__ = grouping, summary
        self.by_records: dict[int, tuple[Records, list[str]]] = {}
        for name, figure in grouping.figures.items():
            self.by_records.setdefault(id(figure.records), (figure.records, []))[1].append(name)

    def __call__(self, tx: Transaction, fields: Mapping[str, Any]) -> Groups:
        by = fields.get("by", next(iter(self.grouping.dimensions)))
        sums, everything = self._sums(tx, by, fields)
        earlier, all_earlier = self._earlier(tx, by, fields)
        names = self._names(tx, by, list(sums))
        items = [
            self._shown(one, earlier.get(value), value=value, name=names.get(value)) for value, one in sums.items()
        ]
        return Groups(
            by=by,
            items=self._in_order(items, fields.get("sort", self.grouping.default_sort)),
            totals=self._shown(everything, all_earlier),
            complete_up_to=complete_up_to(tx, *self.grouping.sources),
        )

    def _sums(self, tx: Transaction, by: str, fields: Mapping[str, Any]) -> tuple[dict[Any, _Sum], _Sum]:
        sums: dict[Any, _Sum] = {}
        everything = _Sum()
        for records, names in self.by_records.values():
            for row in tx.rows(self._statement(tx, records, names, by, fields)):
                value = None if row.value is None or row.value == "" else str(row.value)
                for one in (sums.setdefault(value, _Sum()), everything):
                    self._add(one, row, names)
        return sums, everything

    def _earlier(self, tx: Transaction, by: str, fields: Mapping[str, Any]) -> tuple[dict[Any, _Sum], _Sum | None]:
        """The groups of the period before, which is as long; a month is compared with the month before."""
        if not self.grouping.growing or "from" not in fields or "to" not in fields:
            return {}, None
        first, last = month_text(fields["from"]), month_text(fields["to"])
        length = len(months_between(first, last))
        period = {"from": before(first, length), "to": before(last, length)}
        groups, everything = self._sums(tx, by, {**fields, **period})
        if by != "month":
            return groups, everything
        month_earlier, _ = self._sums(tx, by, {**fields, "from": before(first), "to": before(last)})
        return {before(month, -1): one for month, one in month_earlier.items() if month}, everything

    def _statement(
        self, tx: Transaction, records: Records, names: Sequence[str], by: str, fields: Mapping[str, Any]
    ) -> sa.Select[Any]:
        """One for all figures that count the same records; those that a group has none of do not count."""
        group = records.groups[by]
        has_money = any(name in self.grouping.money for name in names)
        currency = records.currency if has_money else sa.literal("")
        columns = [column for name in names for column in self._columns(name, self.grouping.figures[name])]
        statement = sa.select(group.label("value"), currency.label("currency"), *columns).select_from(records.source)
        any_of_them = [sa.and_(sa.true(), *self.grouping.figures[name].where) for name in names]
        statement = statement.where(*records.conditions(tx, fields), sa.or_(*any_of_them))
        return statement.group_by(group, *([currency] if has_money else []))

    def _columns(self, name: str, figure: Figure) -> list[Any]:
        counts = sa.and_(sa.true(), *figure.where)
        number = total(sa.case((counts, 1), else_=0))
        if figure.how == How.COUNT:
            return [number.label(name), number.label(f"{name}_counted")]
        measured = figure.records.amount_minor if figure.measured is None else figure.measured
        return [total(sa.case((counts, measured), else_=0)).label(name), number.label(f"{name}_counted")]

    def _add(self, one: _Sum, row: Row, names: Sequence[str]) -> None:
        for name in names:
            how = self.grouping.figures[name].how
            one.add(name, how, row.currency, row._mapping[name], row._mapping[f"{name}_counted"])

    def _names(self, tx: Transaction, by: str, values: list[Any]) -> dict[str, str]:
        found = self.grouping.dimensions[by].names
        known = sorted(int(value) for value in values if value is not None) if found else []
        if found is None or not known:
            return {}
        key, name = found
        statement = sa.select(key.label("key"), name.label("name")).where(among(key, known))
        return {str(row.key): row.name for row in tx.rows(statement)}

    def _shown(self, one: _Sum, earlier: _Sum | None, **told: Any) -> SimpleNamespace:
        shown = SimpleNamespace(**told)
        for name in self.grouping.numbers:
            how, counted = self.grouping.figures[name].how, one.counted.get(name, 0)
            number = one.numbers.get(name, 0)
            is_mean = how == How.MEAN
            setattr(shown, name, (round(number / counted, 2) if counted else None) if is_mean else number)
        was = earlier.amounts if earlier else {}
        shown.amounts = [self._amounts(name, one.amounts[name], was.get(name, {})) for name in sorted(one.amounts)]
        self._compare(shown, self.grouping.numbers, one.numbers, earlier.numbers if earlier else {})
        for name, (_, part) in self.grouping.parts.items():
            setattr(shown, name, part(shown))
        return shown

    def _amounts(self, currency: str, amounts: Mapping[str, int], earlier: Mapping[str, int]) -> SimpleNamespace:
        found = SimpleNamespace(currency=currency, **{name: amounts.get(name, 0) for name in self.grouping.money})
        self._compare(found, self.grouping.money, amounts, earlier)
        for name, (_, part) in self.grouping.parts_of_amounts.items():
            setattr(found, name, part(found))
        return found

    def _compare(
        self, shown: SimpleNamespace, names: Sequence[str], now: Mapping[str, int], earlier: Mapping[str, int]
    ) -> None:
        for name in (one for one in names if one in self.grouping.growing):
            was = earlier.get(name, 0)
            setattr(shown, f"{name}_growth", share(now.get(name, 0) - was, was))

    def _in_order(self, items: list[Any], sort: str) -> list[Any]:
        """By value, or by a figure, then by value; of amounts the largest in any one currency counts."""
        name, is_down = sort.removeprefix("-"), sort.startswith("-")
        items = sorted(items, key=lambda one: (one.value is None, _natural(one.value)))
        if name in self.grouping.money:
            return sorted(items, key=lambda one: max([getattr(a, name) for a in one.amounts] or [0]), reverse=is_down)
        if name in self.grouping.numbers:
            return sorted(items, key=lambda one: getattr(one, name) or 0, reverse=is_down)
        return items[::-1] if is_down else items


def _natural(value: str | None) -> tuple[int, str]:
    """Numbers as numbers, texts as texts."""
    return (int(value), "") if value and value.isascii() and value.isdigit() else (-1, value or "")


def grouped_report(path: str, *, name: str, needs: str, grouping: Grouping, summary: str) -> Report:
    """The report over HTTP; ``name`` begins the names of its schemas."""
    return Report(
        path=path,
        calls=Looking(grouping, summary),
        asks=_query(grouping, name),
        gives=_view(grouping, name),
        needs=needs,
        figures=grouping.figures,
        cells=grouping.cells(),
    )


def _query(grouping: Grouping, name: str) -> type[ReportQuery]:
    fields: dict[str, Any] = {
        "by": Text(20, choices=list(grouping.dimensions)),
        "from": Text(7, metadata={"description": "The first month, like 2026-01"}),
        "to": Text(7, metadata={"description": "The last month"}),
        "unit_id": QueryNumber(1, metadata={"description": "A unit; those below it count too"}),
        "currency": Text(3),
        "sort": Text(40, choices=grouping.sorts),
    }
    fields |= {
        one: Text(200, metadata={"description": f"{dimension.description}; empty: without one"})
        for one, dimension in grouping.dimensions.items()
    }
    return ReportQuery.from_dict(fields, name=f"{name}Query")  # type: ignore[return-value]


def _number(how: How) -> ma.fields.Field[Any]:
    return ma.fields.Float(allow_none=True, required=True) if how == How.MEAN else ma.fields.Integer(required=True)


def _parts(parts: Mapping[str, tuple[str, Part]]) -> dict[str, ma.fields.Field[Any]]:
    return {
        name: ma.fields.Float(allow_none=True, required=True, metadata={"description": words})
        for name, (words, _) in parts.items()
    }


def _growth(grouping: Grouping, names: Sequence[str]) -> dict[str, ma.fields.Field[Any]]:
    words = "Against the period before, which is as long; null without one, or from nothing"
    return _parts({f"{name}_growth": (words, lambda _one: None) for name in names if name in grouping.growing})


def _view(grouping: Grouping, name: str) -> type[View]:
    amounts: dict[str, Any] = {"currency": ma.fields.String(required=True)}
    amounts |= {one: Money(required=True, negative=True) for one in grouping.money}
    amounts |= _parts(grouping.parts_of_amounts) | _growth(grouping, grouping.money) | {"drill": drill_field()}
    shown: dict[str, Any] = {one: _number(grouping.figures[one].how) for one in grouping.numbers}
    shown |= _parts(grouping.parts) | _growth(grouping, grouping.numbers)
    of_amounts = View.from_dict(amounts, name=f"{name}Amounts")
    shown |= {"amounts": ma.fields.List(ma.fields.Nested(of_amounts), required=True), "drill": drill_field()}
    group: dict[str, Any] = {
        "value": ma.fields.String(allow_none=True, required=True),
        "name": ma.fields.String(allow_none=True, required=True),
    }
    item, totals = View.from_dict(group | shown, name=f"{name}Group"), View.from_dict(shown, name=f"{name}Totals")
    fields: dict[str, Any] = {
        "by": ma.fields.String(required=True),
        "items": ma.fields.List(ma.fields.Nested(item), required=True),
        "totals": ma.fields.Nested(totals, required=True),
        "drill": drill_field(),
    }
    return ReportView.from_dict(fields, name=f"{name}View")  # type: ignore[return-value]
