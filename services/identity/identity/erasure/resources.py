"""Erasures over HTTP."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from chassis.fields import Body, Text, View
from chassis.flows import FlowClosed, FlowStillRunning, FlowUndone
from chassis.personal import PATTERN
from chassis.routes import Route
from identity.erasure import commands, queries
from identity.erasure.model import KINDS, MOST_SUBJECTS, Ground, TextsOnly, UserStillActive


class SubjectName(Text):
    """Somebody, named by the record about him or her: ``contact/7``."""

    def __init__(self) -> None:
        super().__init__(100, metadata={"examples": ["contact/7"]})
        self.validators.append(validate.Regexp(PATTERN, error="Write it like contact/7."))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text.partition("/")[0] not in KINDS:
            raise ma.ValidationError(f"Begin with one of {', '.join(KINDS)}.")
        return text


class ErasureFields(Body):
    """Who is to be forgotten, and on which ground; there is no room for names."""

    subjects = ma.fields.List(SubjectName(), required=True, validate=validate.Length(min=1, max=MOST_SUBJECTS))
    ground = Text(20, choices=tuple(Ground), required=True)
    case_no = Text(40, metadata={"description": "The number of your own file about it"})
    with_texts = ma.fields.Boolean(metadata={"description": "Also what people wrote about these records"})

    @ma.validates("case_no")
    def must_be_a_number(self, value: str, data_key: str) -> None:
        """A file's number, not a sentence: it stays when all else is gone."""
        if not all(sign.isascii() and (sign.isalnum() or sign in "-/.") for sign in value):
            raise ma.ValidationError("Use letters, digits, and - / . only.")


class ErasureRow(View):
    """An erasure in a list."""

    id = ma.fields.Integer(required=True)
    state = ma.fields.String(required=True)
    ground = ma.fields.String(required=True)
    case_no = ma.fields.String(required=True)
    with_texts = ma.fields.Boolean(required=True)
    requested_by = ma.fields.Integer(required=True)
    requested_by_name = ma.fields.String(required=True)
    requested_at = ma.fields.AwareDateTime(required=True)
    completed_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    version = ma.fields.Integer(required=True)


class ErasurePartView(View):
    """How far one service is: not yet, or since when and how many rows of which tables."""

    service = ma.fields.String(required=True)
    erased_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    tables = ma.fields.Dict(required=True, metadata={"description": "How many rows were blanked, by table"})


class ErasureView(ErasureRow):
    """An erasure, and how far each service is."""

    subjects = ma.fields.List(ma.fields.String(), required=True)
    parts = ma.fields.List(ma.fields.Nested(ErasurePartView), required=True)


ONE = "/erasures/<int:erasure_id>"
ERASE = "personal-data:erase"

routes = [
    Route(method="GET", path="/erasures", lists=queries.ERASURES, gives=ErasureRow, needs=ERASE),
    Route(method="GET", path=ONE, calls=queries.get_erasure, gives=ErasureView, needs=ERASE),
    Route(method="POST", path="/erasures", calls=commands.request_erasure, takes=ErasureFields, gives=ErasureView,
          needs=ERASE, status=202, refuses=(UserStillActive, TextsOnly),
          most_statements=9),  # whether users have left; a part for each service; the flow and its deadline
    Route(method="POST", path=ONE + "/retry", calls=commands.retry_erasure, gives=ErasureView, needs=ERASE,
          refuses=(FlowClosed, FlowStillRunning, FlowUndone),
          most_statements=11),  # its parts; the flow, its deadlines old and new, and a note
]  # fmt: skip
