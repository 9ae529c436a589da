"""Pipelines over HTTP."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.fields import Body, Number, Required, Text, View
from chassis.history import History
from chassis.routes import Route
from marketing.pipeline import commands, queries
from marketing.pipeline.model import CAN_BE_ASKED, Kind, StageInUse

MOST_STAGES = 30
CODE = validate.Regexp(r"^[a-z0-9-]+$", error="Small letters, digits and hyphens.")


class Code(Required):
    """What a pipeline or a stage is named by; it stands in addresses and never changes."""

    def __init__(self) -> None:
        super().__init__(30)
        self.validators.append(CODE)


class StageFields(Body):
    """One stage."""

    code = Code()
    name = Required(50)
    name_en = Text(50)
    probability = Number(0, 100, required=True)
    kind = Required(20, choices=tuple(Kind))
    required = ma.fields.List(Text(30, choices=CAN_BE_ASKED), metadata={"description": "What a deal must have here"})


class PipelineFields(Body):
    """A new pipeline."""

    code = Code()
    name = Required(50)
    stages = ma.fields.List(
        ma.fields.Nested(StageFields), required=True, validate=validate.Length(min=4, max=MOST_STAGES)
    )


class PipelineEdit(Body):
    """Any part of it, to change it; the stages as a whole."""

    name = Text(50, shortest=1)
    is_active = ma.fields.Boolean()
    stages = ma.fields.List(ma.fields.Nested(StageFields), validate=validate.Length(min=4, max=MOST_STAGES))


class StageView(View):
    """One stage."""

    code = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    name_en = ma.fields.String(required=True)
    position = ma.fields.Integer(required=True)
    probability = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True)
    required = ma.fields.List(ma.fields.String(), required=True)


class PipelineRow(View):
    """A pipeline in a list."""

    code = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    is_active = ma.fields.Boolean(required=True)
    version = ma.fields.Integer(required=True)


class PipelineView(PipelineRow):
    """A pipeline with its stages in order."""

    stages = ma.fields.List(ma.fields.Nested(StageView), required=True)


ONE = "/pipelines/<string:code>"

routes = [
    Route(method="GET", path="/pipelines", lists=queries.PIPELINES, gives=PipelineRow, needs="pipeline:read"),
    Route(method="GET", path=ONE, calls=queries.get_pipeline, gives=PipelineView, needs="pipeline:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.pipeline_history, gives=History, needs="pipeline:read"),
    Route(method="POST", path="/pipelines", calls=commands.create_pipeline, takes=PipelineFields, gives=PipelineView,
          needs="pipeline:write", status=201),
    Route(method="PATCH", path=ONE, calls=commands.edit_pipeline, takes=PipelineEdit, gives=PipelineView,
          needs="pipeline:write", needs_version=True, refuses=(StageInUse,),
          most_statements=8),  # its stages: read, asked for in deals, added, changed, removed
]  # fmt: skip
