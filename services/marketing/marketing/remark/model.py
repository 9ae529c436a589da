"""Remarks: a text with its author; whoever changes it leaves a trace."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.personal import free_text, personal, personal_column, text_column, whoever
from chassis.principal import Principal
from chassis.problems import Forbidden
from chassis.transaction import Aggregate
from marketing.base import Base

Written = Annotated[str, free_text(whoever("noun", "record_id"), remark="remark_id")]


class RemarkWritten(Event, type="marketing.remark.written"):
    """Somebody wrote something down."""

    remark_id: int
    noun: str
    record_id: int
    author_id: int
    author_name: Annotated[str, personal(user="author_id")]
    text: Written


class RemarkEdited(Event, type="marketing.remark.edited"):
    """Somebody wrote it otherwise."""

    remark_id: int
    noun: str
    record_id: int
    text: Written


class RemarkDeleted(Event, type="marketing.remark.deleted"):
    """Somebody took it back."""

    remark_id: int
    noun: str
    record_id: int


class NotTheAuthor(Forbidden):
    """Only the author may change a remark."""


class Remark(Aggregate, Base):
    """One remark; ``noun`` and ``record_id`` say beside what."""

    __tablename__ = "sal_remark"
    __table_args__ = (sa.Index("sal_remark_of_record", "noun", "record_id", "id"),)
    noun = "remark"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    about: Mapped[str] = mapped_column("noun", sa.String(20))
    record_id: Mapped[int] = mapped_column(sa.BigInteger)
    text: Mapped[str] = mapped_column(sa.String(2000), info=text_column(whoever("noun", "record_id"), remark="id"))
    author_id: Mapped[int] = mapped_column(sa.BigInteger)
    author_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="author_id"))
    written_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]

    @classmethod
    def begin(cls, about: str, record_id: int, text: str, *, by: Principal, at: datetime) -> Remark:
        author = {"author_id": by.user_id, "author_name": by.name, "written_at": at}
        return cls(about=about, record_id=record_id, text=text, **author)

    def written(self) -> RemarkWritten:
        return RemarkWritten(
            remark_id=self.id,
            noun=self.about,
            record_id=self.record_id,
            author_id=self.author_id,
            author_name=self.author_name,
            text=self.text,
        )

    def edit(self, text: str, *, at: datetime) -> RemarkEdited | None:
        """Write it otherwise; it is marked as edited from then on."""
        if not self.change(text=text):
            return None
        self.edited_at = at
        return RemarkEdited(remark_id=self.id, noun=self.about, record_id=self.record_id, text=text)

    def delete(self) -> RemarkDeleted:
        return RemarkDeleted(remark_id=self.id, noun=self.about, record_id=self.record_id)

    def must_be_by(self, who: Principal) -> None:
        if who.user_id != self.author_id:
            raise NotTheAuthor(detail=f"{self.author_name} wrote it")
