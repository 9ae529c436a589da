"""Bulk requests, told with a shelf of books: good rows, wrong rows, trials, repeats."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import marshmallow as ma
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import validate
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.bulk import MOST_ROWS, Batch, BulkAnswer, RowsRefused, bulk_of, in_bulk
from chassis.database import COLUMN_TYPES, BigId, Database, new_metadata
from chassis.events import Event
from chassis.fields import Body, Choice, Money, Number, Required, Text, When
from chassis.manifest import Service
from chassis.problems import Conflict
from chassis.routes import Route
from chassis.row_check import RowCheck
from chassis.tables import add_bus_tables
from chassis.testing.stage import Client, Stage, prepare, some_settings
from chassis.transaction import Aggregate, Transaction


class Base(DeclarativeBase):
    """The base of the mapped classes here."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


add_bus_tables(Base.metadata)


class BookBought(Event, type="shelf.book.bought"):
    """There is a new book."""

    book_id: int
    title: str


class BookPriced(Event, type="shelf.book.priced"):
    """A book costs something else now."""

    book_id: int
    price_minor: int


class Forbidden(Conflict):
    """This book is forbidden."""


class Book(Aggregate, Base):
    """One book."""

    __tablename__ = "book"
    noun = "book"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(20), unique=True)
    price_minor: Mapped[int] = mapped_column(sa.BigInteger)

    def price(self, price_minor: int) -> BookPriced | None:
        if self.title == "Necronomicon":
            raise Forbidden
        changed = self.change(price_minor=price_minor)
        return BookPriced(book_id=self.id, price_minor=price_minor) if changed else None


class BookRow(Body):
    """A book on a list."""

    title = Required(20)
    price = Money(attribute="price_minor", required=True)


@in_bulk
def import_books(tx: Transaction, batch: Batch) -> None:
    """Buy or price many books."""
    batch.refuse_repeats("title")
    wanted = sa.select(Book).where(Book.title.in_([row.values["title"] for row in batch]))
    known = {book.title: book for book in tx.load(Book, wanted)}
    new = []
    for row in batch:
        book = known.get(row.values["title"])
        if book is None:
            new.append(Book(**row.values))
            continue
        with batch.judging(row):
            event = book.price(row.values["price_minor"])
            batch.updated += event is not None
            batch.unchanged += event is None
            tx.publish(event)
    for book in tx.add_all(new):
        tx.publish(BookBought(book_id=book.id, title=book.title))
    batch.created = len(new)


service = Service(
    name="shelf",
    title="Shelf",
    metadata=Base.metadata,
    migrations=Path(),
    routes=[
        Route(method="POST", path="/books/bulk", calls=import_books, takes=bulk_of(BookRow), gives=BulkAnswer,
              needs="book:write", refuses=(RowsRefused,)),
    ],
    says=[BookBought, BookPriced],
)  # fmt: skip


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    url = f"sqlite:///{tmp_path}/shelf.db"
    database = Database(url)
    prepare(service, database, some_settings("shelf", url))
    yield Stage(service, database, some_settings("shelf", url))
    database.close()


@pytest.fixture
def shelf(stage: Stage) -> Client:
    return stage.client()


def book(title: str, price: str = "10.00") -> dict[str, Any]:
    return {"title": title, "price": price}


def send(shelf: Client, *rows: Any, expect: int = 200, **more: Any) -> Any:
    return shelf.post("/books/bulk", expect=expect, rows=list(rows), **more)


def test_rows_are_created_updated_or_left_as_they_are(stage: Stage, shelf: Client) -> None:
    send(shelf, book("Emma"), book("Ulysses"))
    stage.said()

    answer = send(shelf, book("Emma", "12.50"), book("Ulysses"), book("Faust"))

    assert answer == {"created": 1, "updated": 1, "unchanged": 1, "refused": [], "dry_run": False}
    assert [kind.split(".")[-1] for kind, _ in stage.said()] == ["priced", "bought"]


def test_one_wrong_row_stops_all_and_every_reason_is_named(stage: Stage, shelf: Client) -> None:
    problem = send(shelf, book("Emma"), book("", "x"), {"title": "Faust"}, "no row", expect=422)

    assert problem["type"] == "/problems/rows-refused"
    assert [error["pointer"] for error in problem["errors"]] == [
        "/rows/1/title", "/rows/1/price", "/rows/2/price", "/rows/3",
    ]  # fmt: skip
    assert stage.count(Base.metadata.tables["book"]) == 0
    assert stage.said() == []


def test_skip_keeps_the_good_rows(stage: Stage, shelf: Client) -> None:
    answer = send(shelf, book("Emma"), book("Faust", "-1"), on_error="skip")

    assert (answer["created"], [refusal["row"] for refusal in answer["refused"]]) == (1, [1])
    assert len(stage.said()) == 1


def test_a_refusing_rule_refuses_its_row_only(shelf: Client) -> None:
    send(shelf, book("Necronomicon"))

    answer = send(shelf, book("Necronomicon", "1.00"), book("Emma"), on_error="skip")

    assert answer["refused"] == [{"row": 0, "pointer": "/rows/0", "detail": "This book is forbidden"}]
    assert answer["created"] == 1


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(stage: Stage, shelf: Client) -> None:
    headers = {"Idempotency-Key": "trial"}
    answer = shelf.post("/books/bulk", expect=200, rows=[book("Emma"), book("")], dry_run=True, headers=headers)

    assert (answer["created"], len(answer["refused"]), answer["dry_run"]) == (1, 1, True)
    assert stage.count(Base.metadata.tables["book"]) == 0
    assert stage.said() == []


def test_a_row_that_repeats_an_earlier_one_is_refused(shelf: Client) -> None:
    problem = send(shelf, book("Emma"), book("Emma", "11.00"), expect=422)

    assert problem["errors"] == [{"pointer": "/rows/1/title", "detail": "Row 0 says this already"}]


def test_no_rows_and_too_many_rows_are_refused(shelf: Client) -> None:
    for rows in ([], [book("Emma")] * (MOST_ROWS + 1)):
        assert send(shelf, *rows, expect=422)["errors"][0]["pointer"] == "/rows"
    shelf.post("/books/bulk", expect=422, rows="many")


class LineRow(Body):
    """A part of a row."""

    product = Required(10)
    quantity = Number(1, 1000, required=True)


class MixedRow(Body):
    """A row with every kind of field."""

    name = Required(8)
    memo = Text(5, allow_none=True)
    level = Choice((1, 2, 3))
    count = Number(0, 9, load_default=1)
    amount = Money(negative=True, attribute="amount_minor")
    at = When()
    day = ma.fields.Date()
    is_paid = ma.fields.Boolean()
    lines = ma.fields.List(ma.fields.Nested(LineRow), validate=validate.Length(min=1, max=2))


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 12), st.floats(allow_nan=False), st.text(max_size=9),
    st.sampled_from(["12.30", "-1.5", "1.234", "2026-01-31", "2026-01-31T09:00:00Z", "2026-01-31T09:00:00", " a "]),
    st.lists(
        st.one_of(st.integers(), st.fixed_dictionaries({"product": st.text(max_size=12)}, optional={
            "quantity": st.one_of(st.integers(-1, 1001), st.text(max_size=2)), "x": st.none(),
        })),
        max_size=3,
    ),
)  # fmt: skip
NAMES = ("name", "memo", "level", "count", "amount", "at", "day", "is_paid", "lines", "nonsense")


def judged(check: Any, row: Any) -> Any:
    try:
        return check(row)
    except ma.ValidationError as error:
        return error.normalized_messages()


@given(st.one_of(ANYTHING, st.dictionaries(st.sampled_from(NAMES), ANYTHING), st.fixed_dictionaries(
    {"name": st.text(max_size=9)}, optional={name: ANYTHING for name in NAMES[1:-1]})))  # fmt: skip
def test_the_quick_check_judges_as_marshmallow_does(row: Any) -> None:
    check = RowCheck(MixedRow)

    assert check.quick is not None
    assert judged(check, row) == judged(check.schema.load, row)


def test_a_schema_with_hooks_is_left_to_marshmallow() -> None:
    class Twins(Body):
        one, two = Required(5), Required(5)

        @ma.validates_schema
        def must_differ(self, row: dict[str, str], **_: Any) -> None:
            if row["one"] == row["two"]:
                raise ma.ValidationError("Twins")

    check = RowCheck(Twins)

    assert check.quick is None
    assert judged(check, {"one": "a", "two": "a"}) == {"_schema": ["Twins"]}


def test_a_good_row_is_checked_quickly() -> None:
    check = RowCheck(MixedRow)
    row = {"name": "Acme", "level": 2, "amount": "12.30", "at": "2026-01-31T09:00:00Z",
           "lines": [{"product": "P1", "quantity": 3}]}  # fmt: skip
    began = time.process_time()

    for _ in range(2000):
        check(row)

    assert (time.process_time() - began) / 2000 < 0.000_2, "far more than the 50 microseconds of an idle machine"
