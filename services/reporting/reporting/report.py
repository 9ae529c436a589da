"""A report over HTTP: as it is or as it was, with a link at each figure to the records that it counts.

What a report shows is declared once: the function that looks, its figures and where in the answer they stand. From
that follow its route, its file, ``as_of`` and ``<path>/drill``.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
import sqlalchemy as sa
from marshmallow import validate

from chassis.fields import Body, Money, QueryNumber, Text, View, compiled
from chassis.pages import LARGEST_SIZE, Condition, Listing, Page
from chassis.problems import wrong_field
from chassis.routes import Misfit, Route, page_view
from chassis.transaction import Transaction
from reporting.as_of import ReportQuery, looking_at
from reporting.facts.person import person_fact

NO_FILTERS = ("as_of", "by", "sort", "page", "size", "cursor", "total")
"""What a report can be asked that does not change which records it counts."""


PAGES = {
    "customer": "customers",
    "order": "orders",
    "loss": "losses",
    "lead": "leads",
    "opportunity": "opportunities",
    "deal": "deals",
    "campaign": "campaigns",
    "request": "requests",
    "complaint": "complaints",
    "visit": "visits",
}
"""The records that have an address of their own, by their ids."""


class How(enum.Enum):
    """How a figure follows from its records."""

    COUNT = "count"
    MONEY = "money"
    SUM = "sum"
    MEAN = "mean"


def exactly(column: Any) -> Condition:
    """The very text, commas and all; empty is what has no value."""

    def condition(text: str) -> sa.ColumnElement[bool]:
        if text:
            found: sa.ColumnElement[bool] = column == (text if isinstance(column.type, sa.String) else _number(text))
            return found
        return sa.or_(column.is_(None), column == "") if isinstance(column.type, sa.String) else column.is_(None)

    return condition


def _number(text: str) -> int:
    """Raises ValueError for what is no number that a column can hold."""
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise ValueError(f"{text!r} is no number")
    return int(text)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Records:
    """The records of one kind that figures count: whose they are, by what they are found and put together.

    ``part_of`` is the kind and the id of the record that each is a part of, where it has no address of its own.
    """

    noun: str
    id: Any
    source: sa.FromClause
    owners: Sequence[Any]
    filters: Mapping[str, Condition]
    where: Sequence[sa.ColumnElement[bool]] = ()
    groups: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    customer_no: Any = None
    customer_name: Any = None
    person_id: Any = None
    amount_minor: Any = None
    currency: Any = None
    part_of: tuple[str, Any] | None = None

    @property
    def link(self) -> sa.ColumnElement[Any] | None:
        """The address of each, without ``/api``."""
        noun, key = self.part_of or (self.noun, self.id)
        return sa.literal(f"/{PAGES[noun]}/") + sa.cast(key, sa.String) if noun in PAGES else None

    def conditions(self, tx: Transaction, asked: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
        """What the records have in common that somebody asks for and may see. Raises Invalid."""
        found = [*self.where, *([tx.principal.only_seen(*self.owners)] if self.owners else [])]
        for name, value in asked.items():
            if name in self.filters:
                try:
                    found.append(self.filters[name](str(value)))
                except ValueError as error:
                    raise wrong_field(f"/{name}", str(error)) from error
        return found


@dataclasses.dataclass(frozen=True)
class Figure:
    """One number of a report, and which records are behind it."""

    records: Records
    where: Sequence[sa.ColumnElement[bool]] = ()
    how: How = How.COUNT
    measured: Any = None

    def listing(self) -> Listing:
        """The records, in the order of their ids."""
        of = self.records
        source = of.source
        name: sa.ColumnElement[Any] = sa.null()
        if of.person_id is not None:
            person = person_fact.alias("person")
            source, name = source.outerjoin(person, person.c.user_id == of.person_id), person.c.full_name
        columns = {
            "record": sa.literal(of.noun),
            "id": sa.cast(of.id, sa.String),
            "link": of.link,
            "customer_no": of.customer_no,
            "customer_name": of.customer_name,
            "person_id": of.person_id,
            "person_name": name,
            "amount_minor": self.measured if self.how == How.MONEY and self.measured is not None else of.amount_minor,
            "currency": of.currency,
            "measured": None if self.how == How.MONEY else self.measured,
        }
        return Listing(
            columns={name: sa.null() if column is None else column for name, column in columns.items()},
            key=of.id,
            source=source,
            owners=of.owners,
            where=(*of.where, *self.where),
            filters=of.filters,
            sorts={"id": of.id},
            default_sort="id",
        )


@dataclasses.dataclass(frozen=True)
class Cells:
    """A part of an answer: which of its fields are figures, and which tell it from other parts of its kind.

    A field of ``by`` that is null says nothing. With ``aspects`` the field ``value`` is of the one of them that the
    answer's ``by`` names; there null is a value like any other. What a figure without a name is called stands in the
    field ``called_in``.
    """

    figures: Mapping[str, str]
    by: Sequence[str] = ()
    called_in: str = ""
    aspects: Sequence[str] = ()
    within: Mapping[str, Cells] = dataclasses.field(default_factory=dict)

    def named(self, part: Mapping[str, Any]) -> dict[str, str]:
        """By field, the figure."""
        return {field: figure or part[self.called_in] for field, figure in self.figures.items()}

    def coordinates(self) -> set[str]:
        return {*self.by, *self.aspects}.union(*(one.coordinates() for one in self.within.values()))


def drill_field() -> ma.fields.Field[Any]:
    """In the views of whatever has figures."""
    return _Drill(
        ma.fields.String(),
        ma.fields.String(),
        required=True,
        metadata={"description": "By figure: where the records are that it counts"},
    )


class _Drill(ma.fields.Dict):
    filled_in = True


class RecordView(View):
    """One record behind a figure."""

    record = ma.fields.String(required=True, metadata={"description": "What it is: order, opportunity, loss, …"})
    id = ma.fields.String(required=True)
    link = ma.fields.String(
        allow_none=True, required=True, metadata={"description": "Its address, or that of what it is a part of"}
    )
    customer_no = ma.fields.String(allow_none=True, required=True)
    customer_name = ma.fields.String(allow_none=True, required=True)
    person_id = ma.fields.Integer(allow_none=True, required=True)
    person_name = ma.fields.String(allow_none=True, required=True)
    amount = Money(attribute="amount_minor", allow_none=True, required=True, negative=True)
    currency = ma.fields.String(allow_none=True, required=True)
    measured = ma.fields.Integer(
        allow_none=True, required=True, metadata={"description": "What the figure adds up or averages, if not money"}
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """One report: ``calls`` gets the transaction and what was asked, and answers what ``gives`` shows.

    ``always`` are coordinates without which no figure means anything.
    """

    path: str
    calls: Callable[[Transaction, Mapping[str, Any]], Any]
    asks: type[ReportQuery]
    gives: type[View]
    needs: str
    figures: Mapping[str, Figure]
    cells: Cells
    always: Sequence[str] = ()

    def __post_init__(self) -> None:
        narrowing = {name for name in self.asks().fields if name not in NO_FILTERS} | self.cells.coordinates()
        for name, figure in self.figures.items():
            if missing := narrowing - figure.records.filters.keys():
                raise Misfit(f"{self.path}: the records of {name} cannot be found by {sorted(missing)}")

    def choices_of(self, name: str) -> list[str]:
        """What a question may say in this field, if it may not say anything."""
        field = self.asks().fields.get(name)
        checks = field.validators if field else []
        return [str(one) for check in checks if isinstance(check, validate.OneOf) for one in check.choices]

    def routes(self) -> list[Route]:
        return [
            Route(method="GET", path=self.path, calls=_Answer(self), asks=self.asks, gives=self.gives,
                  needs=self.needs, exports=True, summary=self.calls.__doc__ or ""),
            Route(method="GET", path=f"{self.path}/drill", calls=_Behind(self), asks=self._drill_query(),
                  gives=page_view(RecordView), needs=self.needs, exports=True,
                  summary=f"The records behind a figure of {self.path}"),
        ]  # fmt: skip

    def _drill_query(self) -> type[Body]:
        known = self.asks._declared_fields
        fields: dict[str, Any] = {
            name: Text(200, required=name in self.always) for name in sorted(self.cells.coordinates())
        }
        fields |= {name: field for name, field in known.items() if name not in ("by", "sort")}
        fields |= {
            "figure": Text(40, choices=sorted(self.figures), required=True),
            "page": QueryNumber(1, 1_000_000),
            "size": QueryNumber(1, LARGEST_SIZE),
            "cursor": Text(400),
            "total": ma.fields.Boolean(metadata={"description": "false: do not count, for speed"}),
        }
        return Body.from_dict(fields)  # type: ignore[return-value]


class _Answer:
    """What the route of a report calls."""

    def __init__(self, report: Report) -> None:
        self.report, self.dump = report, compiled(report.gives)

    def __call__(self, tx: Transaction, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        asked = dict(fields)
        moment = asked.pop("as_of", None)
        answer = self.dump(self.report.calls(looking_at(tx, moment), asked))
        answer["as_of"] = moment
        same = {name: value for name, value in fields.items() if name not in NO_FILTERS}
        self._link(answer, self.report.cells, same | ({"as_of": moment.isoformat()} if moment else {}), answer)
        return answer

    def _link(self, part: dict[str, Any], cells: Cells, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """A link at each figure: what was asked, and what tells this part from others."""
        asked = {**asked, **{name: part[name] for name in cells.by if part[name] is not None}}
        if cells.aspects:
            asked = {**asked, answer["by"]: "" if part["value"] is None else part["value"]}
        address = f"/api{self.report.path}/drill?{urlencode(asked)}{'&' if asked else ''}figure="
        part["drill"] = {field: f"{address}{figure}" for field, figure in cells.named(part).items()}
        for name, inner in cells.within.items():
            found = part[name]
            for one in found if isinstance(found, list) else [found]:
                self._link(one, inner, asked, answer)


class _Behind:
    """What the route of the records behind a report's figures calls."""

    def __init__(self, report: Report) -> None:
        self.listings = {name: figure.listing() for name, figure in report.figures.items()}

    def __call__(self, tx: Transaction, fields: Mapping[str, Any]) -> Page:
        asked = dict(fields)
        listing, moment = self.listings[asked.pop("figure")], asked.pop("as_of", None)
        told = {name: str(value) if name in listing.filters else value for name, value in asked.items()}
        return listing.page(looking_at(tx, moment), told)


def answer_of(report: Report, tx: Transaction, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the report answers to this question, for whoever shows a part of it elsewhere."""
    return _Answer(report)(tx, asked)
