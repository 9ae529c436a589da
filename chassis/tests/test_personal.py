"""Marks: what is personal and whose, read from events, tables and contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from chassis.database import Database
from chassis.events import Event
from chassis.marks_file import read_marks
from chassis.personal import (
    GOES,
    NOUN,
    EventMarks,
    Mark,
    PersonErased,
    Subject,
    contract_of,
    free_text,
    marked_columns,
    marks_of,
    owned_kinds,
    personal,
    subject_of,
)
from chassis.transaction import Aggregate
from tests.toy import Base
from tests.toy_person import Child, ChildCame, diary, edit, nursery, take_in, with_marks

OF_CHILD = Mark({"child": "child_id"})


class ChildLeft(Event, type="nursery.child.left"):
    """Somebody came for the child, or nobody."""

    child_id: int
    fetched_by: Annotated[str, personal(child="child_id")] | None
    note: Annotated[str, free_text(child="child_id")] = ""


def test_a_subject_is_a_kind_and_a_key() -> None:
    assert subject_of("contact/7") == Subject("contact", "7")
    assert str(Subject("order", "A 1")) == "order/A 1"


@pytest.mark.parametrize("text", ["", "contact", "contact/", "/7", "Contact/7", "a/b/c", "contact/ 7", "x/" + "9" * 90])
def test_what_is_no_subject_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="contact/7"):
        subject_of(text)


def test_an_event_says_whose_its_fields_are_also_when_they_may_be_empty() -> None:
    marks = marks_of(ChildLeft, Base.metadata)

    assert marks.fields == {"fetched_by": OF_CHILD, "note": Mark({"child": "child_id"}, is_text=True)}


def test_changes_speak_of_columns_and_of_the_aggregate_itself() -> None:
    changes = marks_of(ChildCame, Base.metadata).changes

    assert changes["nickname"] == Mark({"child": ""})
    assert changes["carer_name"] == Mark({"user": "carer_id"})
    assert changes["story"] == Mark({"child": ""}, is_text=True)
    assert "cots" not in changes


def test_the_contract_says_what_is_personal() -> None:
    properties = contract_of(ChildCame, Base.metadata)["properties"]

    assert properties["name"]["x-personal"] == {"child": "child_id"}
    assert properties["story"]["x-free-text"] == {"child": "child_id"}
    assert properties["changes"]["x-personal"]["nickname"] == {"child": "child_id"}
    assert properties["changes"]["x-free-text"] == {"story": {"child": "child_id"}}
    assert "x-personal" not in properties["cots"]


def test_who_listens_knows_what_is_personal_from_a_file(tmp_path: Path) -> None:
    marks = with_marks(diary, tmp_path).marks()

    assert marks["crm.nursery.child.came"] == nursery.marks()["crm.nursery.child.came"]
    assert read_marks(None) == {}
    assert read_marks(tmp_path / "missing") == {}


def test_a_damaged_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "damaged.json").write_text('{"crm.x.y.z": 1}')

    with pytest.raises(msgspec.ValidationError):
        read_marks(tmp_path / "damaged.json")


def test_a_service_owns_the_kinds_of_its_records() -> None:
    assert owned_kinds(Base.metadata)["child"].name == "child"
    assert owned_kinds(diary.metadata) == {}
    assert marked_columns(diary.metadata.tables["page"])["carer_name"] == Mark({"user": "carer_id"})


def test_a_type_without_marks_is_none() -> None:
    assert marks_of(nursery.says[2], Base.metadata) == EventMarks()


def test_what_was_erased_cannot_be_written_again_but_the_rest_can(any_database: Database) -> None:
    child_id = take_in(any_database, "Mia", story="has a cat")
    with any_database.connection() as connection:
        connection.execute(sa.update(Child).values(erased="child", name=""))

    with pytest.raises(PersonErased):
        edit(any_database, child_id, name="Mia")
    with pytest.raises(PersonErased):
        edit(any_database, child_id, nickname="Mimi", cots=2)

    edit(any_database, child_id, cots=2, story="has two cats", carer_name="Bo")


def test_where_the_text_was_erased_there_is_no_new_text(any_database: Database) -> None:
    child_id = take_in(any_database, "Mia", story="has a cat")
    with any_database.connection() as connection:
        connection.execute(sa.update(Child).values(erased="child child:text"))

    with pytest.raises(PersonErased):
        edit(any_database, child_id, story="Mia is back")


def test_two_tables_that_share_a_declaration_keep_their_own_nouns() -> None:
    """One process may hold several services, and ``GOES`` stands at tables of several of them."""

    class Base(orm.DeclarativeBase):
        pass

    class Shown(Aggregate, Base):
        noun = "view"
        __tablename__ = "shown"
        __table_args__ = ({"info": GOES},)
        id: orm.Mapped[int] = orm.mapped_column(primary_key=True)

    word = sa.Table("word", Base.metadata, sa.Column("id", sa.BigInteger, primary_key=True), info=GOES)

    assert Shown.__table__.info == {**GOES, NOUN: "view"}
    assert NOUN not in word.info
    assert NOUN not in GOES
