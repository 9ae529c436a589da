"""Records that are about somebody, who may want to be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.machine import Case
from chassis.personal import PersonErased, gone_with


class Erasable:
    """A record that is about somebody; ``erased`` names as what he or she was erased in it."""

    erased: Mapped[str] = mapped_column(sa.String(80), default="", server_default="")

    def must_not_be_erased(self) -> None:
        """Raises PersonErased."""
        if self.erased:
            raise PersonErased(subject=self.erased)

    def must_take_text(self) -> None:
        """Text about somebody who had all text erased would be gone tomorrow: rather say so now."""
        if ":text" in self.erased:
            raise PersonErased(subject=self.erased)

    def is_gone(self, name: str) -> bool:
        """Whether this field is blank because somebody was erased, and will stay so."""
        return gone_with(sa.inspect(type(self)).local_table, self.erased, name) is not None


def is_not_erased(case: Case) -> None:
    """The guard of a move that nobody makes with somebody who was erased."""
    case.record.must_not_be_erased()
