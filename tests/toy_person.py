"""Two toy services that know people: a nursery that takes children in, and a diary that remembers what it heard."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis import flowing, schedule
from chassis.database import BigId, Database, new_metadata
from chassis.dialect import insert
from chassis.erasable import Erasable
from chassis.erasure import said_by
from chassis.events import Event, Heard, PersonalText
from chassis.flows import Flow, Run, Step
from chassis.manifest import Service
from chassis.marks_file import written
from chassis.personal import ENVELOPE, Subject, blank_as, free_text, personal, personal_column, text_column
from chassis.problems import Conflict
from chassis.tables import add_bus_tables
from chassis.transaction import Aggregate, Transaction, transaction
from tests import toy
from tests.toy import Base

# The nursery


class ChildCame(Event, type="nursery.child.came"):
    """A child is with us."""

    child_id: int
    name: Annotated[str, personal(child="child_id")]
    carer_id: int
    carer_name: Annotated[str, personal(user="carer_id")]
    story: Annotated[str, free_text(child="child_id")]
    cots: int = 1


class ChildRenamed(Event, type="nursery.child.renamed"):
    """We had it wrong, or somebody else takes care."""

    child_id: int
    name: Annotated[str, personal(child="child_id")]
    carer_id: int


class Child(Erasable, Aggregate, Base):
    """One child."""

    __tablename__ = "child"
    noun = "child"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(child="id"))
    peg: Mapped[str] = mapped_column(
        sa.String(50),
        unique=True,
        info=personal_column(child="id") | blank_as(lambda table: "peg " + sa.cast(table.c.id, sa.String)),
    )
    nickname: Mapped[str | None] = mapped_column(sa.String(50), info=personal_column(child="id"))
    carer_id: Mapped[int]
    carer_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="carer_id"))
    story: Mapped[str] = mapped_column(sa.String(200), info=text_column(child="id"))
    cots: Mapped[int] = mapped_column(default=1)

    def came(self) -> ChildCame:
        said = {name: getattr(self, name) for name in ("name", "carer_id", "carer_name", "story")}
        return ChildCame(child_id=self.id, **said)

    def edit(self, **fields: object) -> ChildRenamed | None:
        changed = self.change(**fields)
        return ChildRenamed(child_id=self.id, name=self.name, carer_id=self.carer_id) if changed else None


sibling = sa.Table("sibling", Base.metadata, sa.Column("child_id", sa.BigInteger), sa.Column("other_id", sa.BigInteger))


def same_child(tx: Transaction, subjects: Sequence[Subject]) -> set[Subject]:
    """Children whom we have twice."""
    ids = [int(one.key) for one in subjects if one.kind == "child"]
    rows = tx.rows(sa.select(sibling.c.other_id).where(sibling.c.child_id.in_(ids)))
    return {*subjects, *(Subject("child", str(row.other_id)) for row in rows)}


# The diary


class HeardCame(Heard, type="nursery.child.came"):
    child_id: int
    name: PersonalText
    carer_id: int
    carer_name: PersonalText
    story: str
    cots: int


class HeardRenamed(Heard, type="nursery.child.renamed"):
    child_id: int
    name: PersonalText


class Fed(Heard, type="kitchen.meal.served"):
    meal_id: int
    child_id: int


page = sa.Table(
    "page",
    Base.metadata,
    sa.Column("child_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(50), nullable=False, info=personal_column(child="child_id")),
    sa.Column("carer_id", sa.BigInteger, nullable=False),
    sa.Column("carer_name", sa.String(50), nullable=False, info=personal_column(user="carer_id")),
    sa.Column("story", sa.String(200), nullable=False, info=text_column(child="child_id")),
    sa.Column("cots", sa.BigInteger, nullable=False),
)
carer = sa.Table(
    "carer",
    Base.metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(50), nullable=False, info=personal_column(user="user_id")),
)
memory = sa.Table(
    "memory",
    Base.metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False, info=ENVELOPE),
)


class Unspeakable(Conflict):
    """The pen does not write this name."""


def write(tx: Transaction, event: HeardCame) -> None:
    """A page of the diary, a memory, a wait for the next meal, and a reminder of it."""
    if tx.row(sa.select(toy.jam).where(toy.jam.c.colour == event.name)):
        raise Unspeakable(detail=f"Cannot write {event.name}")
    assert tx.cause
    row = dataclasses.asdict(event)
    tx.execute(insert(tx.session, page).values(row).on_conflict_do_update(index_elements=["child_id"], set_=row))
    who = {"user_id": event.carer_id, "name": event.carer_name}
    tx.execute(insert(tx.session, carer).values(who).on_conflict_do_nothing())
    tx.execute(sa.insert(memory).values(body=tx.cause.raw))
    told = {"child_id": event.child_id, "name": event.name}
    flowing.start(tx, CARE, event.child_id, {"who": [told]})
    schedule.schedule(tx, "remind", told, at=tx.now + timedelta(days=1), key=f"remind:{event.child_id}")


def rewrite(tx: Transaction, event: HeardRenamed) -> None:
    assert tx.cause
    tx.execute(sa.update(page).where(page.c.child_id == event.child_id).values(name=event.name))
    tx.execute(sa.insert(memory).values(body=tx.cause.raw))


def thank(tx: Transaction, run: Run, event: Any) -> None:
    return


CARE = Flow(
    name="care",
    steps=[Step(name="meal", within=timedelta(days=1), answers={"kitchen.meal.served": thank})],
    about=("child",),
)


def go_on(tx: Transaction, event: Fed) -> None:
    flowing.hear(tx, CARE, event.child_id, event)


def own_tables(*tables: sa.Table) -> sa.MetaData:
    """Only these and the bus's: the diary keeps no records of its own."""
    metadata = new_metadata()
    add_bus_tables(metadata)
    for table in tables:
        table.to_metadata(metadata)
    return metadata


nursery = Service(
    name="nursery",
    title="Nursery",
    metadata=Base.metadata,
    migrations=Path(),
    routes=[],
    says=[ChildCame, ChildRenamed, *said_by("nursery")],
    same_person=same_child,
)
diary = Service(
    name="diary",
    title="Diary",
    metadata=own_tables(page, carer, memory),
    migrations=Path(),
    routes=[],
    says=[said_by("diary").erased],
    hears={HeardCame: write, HeardRenamed: rewrite, Fed: go_on},
    flows=[CARE],
)


def with_marks(service: Service, folder: Path) -> Service:
    """The service with the file that ``make contracts`` would write beside its page."""
    file = folder / f"{service.name}-personal.json"
    file.write_text(written(nursery.marks()))
    return dataclasses.replace(service, personal=file)


def take_in(database: Database, name: str, **more: Any) -> int:
    """A new child's id."""
    fields = {"peg": f"peg of {name}", "nickname": None, "carer_id": 7, "carer_name": "Ada", "story": "", "cots": 1}
    with transaction(database, "nursery") as tx:
        child = tx.add(Child(**{**fields, "name": name, **more}))
        tx.publish(child.came())
        return child.id


def edit(database: Database, child_id: int, **fields: Any) -> None:
    with transaction(database, "nursery") as tx:
        tx.publish(tx.get(Child, child_id).edit(**fields))
