"""Changing remarks: whoever sees the record may write beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.problems import NotFound
from chassis.row_blanking import must_not_be_erased
from chassis.transaction import Transaction
from marketing.remark.model import Remark

Look = Callable[[Transaction, int], Any]
"""Gives the record if it is in the data scope, else raises NotFound."""


def writing_beside(noun: str, look: Look) -> Callable[[Transaction, int, str], Remark]:
    def write_remark(tx: Transaction, record_id: int, text: str) -> Remark:
        """Write something down."""
        look(tx, record_id)
        must_not_be_erased(tx, noun, str(record_id), is_text=True)
        remark = tx.add(Remark.begin(noun, record_id, text, by=tx.principal, at=tx.now))
        tx.publish(remark.written())
        return remark

    return write_remark


def editing_beside(noun: str, look: Look) -> Callable[[Transaction, int, int, str], Remark]:
    def edit_remark(tx: Transaction, record_id: int, remark_id: int, text: str) -> Remark:
        """Write it otherwise."""
        remark = _own(tx, (noun, record_id), remark_id, look)
        must_not_be_erased(tx, noun, str(record_id), is_text=True)
        tx.publish(remark.edit(text, at=tx.now))
        return remark

    return edit_remark


def deleting_beside(noun: str, look: Look) -> Callable[[Transaction, int, int], None]:
    def delete_remark(tx: Transaction, record_id: int, remark_id: int) -> None:
        """Take it back."""
        remark = _own(tx, (noun, record_id), remark_id, look)
        tx.publish_removal(remark, remark.delete())

    return delete_remark


def _own(tx: Transaction, place: tuple[str, int], remark_id: int, look: Look) -> Remark:
    look(tx, place[1])
    remark = tx.get(Remark, remark_id)
    if (remark.about, remark.record_id) != place:
        raise NotFound(detail=f"No remark {remark_id} there")
    remark.must_be_by(tx.principal)
    return remark
