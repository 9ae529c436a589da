"""Looking at remarks beside one record."""

from __future__ import annotations

from typing import Any

from chassis.pages import Listing, contains, equal
from marketing.remark.model import Remark

SHOWN = ("id", "record_id", "text", "author_id", "author_name", "written_at", "edited_at", "version")


def remarks_beside(noun: str, key: Any, owners: tuple[Any, ...]) -> Listing:
    """The remarks of a noun, seen by whoever sees the record."""
    return Listing(
        columns={name: getattr(Remark, name) for name in SHOWN},
        key=Remark.id,
        where=(Remark.about == noun,),
        filters={"author_id": equal(Remark.author_id), "text": contains(Remark.text)},
        sorts={"written_at": Remark.written_at, "id": Remark.id},
        default_sort="-id",
        search=(Remark.text,),
        owned_through=(Remark.record_id, key, owners),
    )
