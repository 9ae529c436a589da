"""Remarks over HTTP: the same rows beside every noun that has them."""

from __future__ import annotations

import dataclasses
from typing import Any

import marshmallow as ma

from chassis.fields import Body, Required, View
from chassis.personal import PersonErased
from chassis.routes import Route
from marketing.remark import commands
from marketing.remark.model import NotTheAuthor, Remark
from marketing.remark.queries import remarks_beside


class RemarkFields(Body):
    """What to write down."""

    text = Required(2000)


class RemarkView(View):
    """A remark; ``edited_at`` is set when it was written otherwise."""

    id = ma.fields.Integer(required=True)
    record_id = ma.fields.Integer(required=True)
    text = ma.fields.String(required=True)
    author_id = ma.fields.Integer(required=True)
    author_name = ma.fields.String(required=True)
    written_at = ma.fields.AwareDateTime(required=True)
    edited_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    version = ma.fields.Integer(required=True)


@dataclasses.dataclass(frozen=True)
class Beside:
    """A noun that has remarks: its address, how to look at a record, its key and owners, and the rights."""

    noun: str
    address: str
    look: commands.Look
    key: Any
    owners: tuple[Any, ...]
    reads: str
    writes: str


def remark_routes(beside: Beside) -> list[Route]:
    """The four rows."""
    every = f"{beside.address}/<int:record_id>/remarks"
    one = every + "/<int:remark_id>"
    listing = remarks_beside(beside.noun, beside.key, beside.owners)
    writing = commands.writing_beside(beside.noun, beside.look)
    editing = commands.editing_beside(beside.noun, beside.look)
    deleting = commands.deleting_beside(beside.noun, beside.look)
    return [
        Route(method="GET", path=every, lists=listing, within={"record_id": Remark.record_id}, gives=RemarkView,
              needs=beside.reads),
        Route(method="POST", path=every, calls=writing, takes=RemarkFields, gives=RemarkView, needs=beside.writes,
              status=201, refuses=(PersonErased,)),
        Route(method="PATCH", path=one, calls=editing, takes=RemarkFields, gives=RemarkView, needs=beside.writes,
              needs_version=True, refuses=(NotTheAuthor, PersonErased),
              most_statements=7),  # what it is about, and whether that was erased
        Route(method="DELETE", path=one, calls=deleting, needs=beside.writes, status=204, needs_version=True,
              refuses=(NotTheAuthor,)),
    ]  # fmt: skip
