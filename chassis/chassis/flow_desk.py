"""What an operator sees of long flows, and what he or she may do: over HTTP, and for the command line."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from chassis import flowing, telemetry
from chassis.database import Database
from chassis.fields import Body, Required, View
from chassis.flowing import FlowNotFound
from chassis.flows import OPEN, Flow, FlowClosed, FlowMustEnd, FlowStillRunning, FlowUndone, Run, State
from chassis.pages import Listing, equal, since, until
from chassis.routes import Route
from chassis.tables import flow, flow_step
from chassis.transaction import Transaction

READ, OPERATE = "flow:read", "flow:operate"
COUNT_EVERY_SECONDS = 5.0

SHOWN = ("id", "flow_type", "correlation_id", "state", "step", "waiting_for", "waiting_since", "deadline_at", "reason")
MOMENTS = ("started_at", "updated_at", "version")
FLOWS = Listing(
    columns={name: flow.c[name] for name in (*SHOWN, *MOMENTS)},
    key=flow.c.id,
    filters={
        "flow_type": equal(flow.c.flow_type),
        "correlation_id": equal(flow.c.correlation_id),
        "state": equal(flow.c.state),
        "step": equal(flow.c.step),
        "started_from": since(flow.c.started_at),
        "started_to": until(flow.c.started_at),
    },
    sorts={name: flow.c[name] for name in ("started_at", "updated_at", "deadline_at", "id")},
    default_sort="-started_at",
    search=(flow.c.id, flow.c.reason),
)


class FlowRow(View):
    """A long flow: which step it is in, what it waits for, since when and until when, and why it stopped."""

    id = ma.fields.String(required=True)
    flow_type = ma.fields.String(required=True)
    correlation_id = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    step = ma.fields.String(required=True)
    waiting_for = ma.fields.String(required=True)
    waiting_since = ma.fields.AwareDateTime(required=True)
    deadline_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    reason = ma.fields.String(required=True)
    started_at = ma.fields.AwareDateTime(required=True)
    updated_at = ma.fields.AwareDateTime(required=True)
    version = ma.fields.Integer(required=True)


class FlowStepView(View):
    """One thing that happened to a flow."""

    step = ma.fields.String(required=True)
    outcome = ma.fields.String(required=True)
    event_id = ma.fields.UUID(allow_none=True, required=True)
    by_name = ma.fields.String(required=True)
    detail = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)


class FlowView(FlowRow):
    """A long flow with all that happened to it."""

    data = ma.fields.Dict(required=True, metadata={"description": "What the flow has gathered on its way"})
    steps = ma.fields.List(ma.fields.Nested(FlowStepView), required=True)


class FlowReason(Body):
    """Why a flow is ended by hand."""

    reason = Required(500)


@dataclasses.dataclass
class Told(Run):
    """A run with its story."""

    steps: Sequence[sa.Row[Any]] = ()


def get_flow(tx: Transaction, flow_id: str) -> Told:
    """One flow with all that happened to it. Raises FlowNotFound."""
    row = tx.row(sa.select(flow).where(flow.c.id == flow_id))
    if row is None:
        raise FlowNotFound(detail=f"No flow {flow_id}")
    steps = tx.rows(sa.select(flow_step).where(flow_step.c.flow_id == flow_id).order_by(flow_step.c.id))
    return Told(**{**row._mapping, "data": json.loads(row.data)}, steps=steps)


class Desk:
    """What may be done about the flows of one service."""

    def __init__(self, flows: Sequence[Flow]) -> None:
        self.flows = {one.name: one for one in flows}

    def retry_flow(self, tx: Transaction, flow_id: str) -> Run:
        """Ask again, and wait as long as the first time."""
        return flowing.retry(tx, self._flow_of(flow_id), flow_id)

    def cancel_flow(self, tx: Transaction, flow_id: str, reason: str) -> Run:
        """Wait no longer, and take back what the flow had done."""
        return flowing.cancel(tx, self._flow_of(flow_id), flow_id, reason)

    def _flow_of(self, flow_id: str) -> Flow:
        name = flow_id.partition(":")[0]
        if name not in self.flows:
            raise FlowNotFound(detail=f"No flow {flow_id}")
        return self.flows[name]


def routes_of(*flows: Flow, below: str = "/flows") -> list[Route]:
    """The endpoints for the long flows of a service; ``below`` ends with its name where others have flows, too."""
    desk, one = Desk(flows), below + "/<flow_id>"
    return [
        Route(method="GET", path=below, lists=FLOWS, gives=FlowRow, needs=READ),
        Route(method="GET", path=one, calls=get_flow, gives=FlowView, needs=READ),
        Route(method="POST", path=one + "/retry", calls=desk.retry_flow, gives=FlowRow, needs=OPERATE,
              refuses=(FlowClosed, FlowStillRunning, FlowUndone), most_statements=12),  # whatever the step does again
        Route(method="POST", path=one + "/cancellation", calls=desk.cancel_flow, takes=FlowReason, gives=FlowRow,
              needs=OPERATE, refuses=(FlowClosed, FlowMustEnd), most_statements=12),  # whatever has to be undone
    ]  # fmt: skip


class Census:
    """Counts the flows that wait, are stuck or have failed, for the metrics."""

    def __init__(self, database: Database, service: str, flows: Sequence[Flow]) -> None:
        self.database, self.service, self.flows = database, service, flows
        self._next = 0.0

    def run_due(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Count, unless it was done a moment ago."""
        if self.flows and monotonic() >= self._next:
            self._next = monotonic() + COUNT_EVERY_SECONDS
            self._count()

    def _count(self) -> None:
        states = (flow.c.flow_type, flow.c.state)
        unfinished = flow.c.state.in_((*OPEN, State.FAILED))
        statement = sa.select(*states, sa.func.count().label("number")).where(unfinished).group_by(*states)
        with self.database.reading() as session:
            found = {(row.flow_type, row.state): row.number for row in session.execute(statement)}
        for one in self.flows:
            running, stuck, failed = (found.get((one.name, state), 0) for state in (*OPEN, State.FAILED))
            telemetry.FLOWS_OPEN.labels(self.service, one.name).set(running + stuck)
            telemetry.FLOWS_STUCK.labels(self.service, one.name).set(stuck)
            telemetry.FLOWS_FAILED.labels(self.service, one.name).set(failed)
