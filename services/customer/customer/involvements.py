"""What others have with our customers: a small replica of opportunities, deals, tasks, requests, complaints and visits.

Written by reactions only. It answers "what is under way with this customer?" without a call to another service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.database import Moment
from chassis.dialect import insert
from chassis.personal import personal_column, text_column, whoever
from chassis.transaction import Transaction
from customer import heard
from customer.base import Base
from customer.customer.model import Customer
from customer.keys import name_key

OPPORTUNITY, DEAL, TASK = "opportunity", "deal", "task"
REQUEST, COMPLAINT, VISIT = "request", "complaint", "visit"
OPEN_STATES = ("open", "new", "allocated", "handled")
"""The last three are a request's."""

ABOUT_IT = text_column(whoever("noun", "record_id"), customer="customer_no")
NAMED = personal_column(customer="customer_no", prospect="record_id", buyer="record_id")
"""A deal of the same number as an erased prospect's opportunity loses its link, too, unless it knows its customer."""

involvement = sa.Table(
    "involvement",
    Base.metadata,
    sa.Column("noun", sa.String(12), primary_key=True),
    sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("customer_no", sa.String(17), index=True),
    sa.Column("name_key", sa.String(300), index=True, info=NAMED),
    sa.Column(
        "title",
        sa.String(500),
        nullable=False,
        server_default="",
        info=ABOUT_IT,
    ),
    sa.Column("state", sa.String(20), nullable=False, server_default="open"),
    sa.Column("amount_minor", sa.BigInteger),
    sa.Column("currency", sa.String(3)),
    sa.Column("owner_id", sa.BigInteger),
    sa.Column("other_id", sa.BigInteger),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
)
"""``owner_id`` and ``other_id`` are whose record it is there; ``name_key`` is for those that know the name alone."""


def is_open() -> sa.ColumnElement[bool]:
    """Something is still to be done about it."""
    return involvement.c.state.in_(OPEN_STATES)


def keep(tx: Transaction, noun: str, record_id: int, **values: Any) -> None:
    """Keep what is told of a record; what is not told stays as it was."""
    at = tx.cause.time if tx.cause else tx.now
    new = {"noun": noun, "record_id": record_id, "began_at": at, "changed_at": at, **values}
    told = {**values, "changed_at": at}
    statement = insert(tx.session, involvement).values(new)
    tx.execute(statement.on_conflict_do_update(index_elements=["noun", "record_id"], set_=told))


def drop(tx: Transaction, noun: str, record_id: int) -> None:
    mine = (involvement.c.noun == noun, involvement.c.record_id == record_id)
    tx.execute(sa.delete(involvement).where(*mine))


def relink(tx: Transaction, customer_no: str, *, to: str) -> None:
    """What was under way with one customer is under way with another."""
    tx.execute(sa.update(involvement).where(involvement.c.customer_no == customer_no).values(customer_no=to))


def know_opportunity(tx: Transaction, event: heard.OpportunityCreated | heard.OpportunityEdited) -> None:
    more = {"owner_id": event.owner_id} if isinstance(event, heard.OpportunityCreated) else {}
    worth = {"amount_minor": event.amount_minor, "currency": event.currency}
    known = {"name_key": name_key(event.customer_name), "title": event.title}
    keep(tx, OPPORTUNITY, event.opportunity_id, **known, **worth, **more)


def know_assignee(tx: Transaction, event: heard.OpportunityAssigned) -> None:
    keep(tx, OPPORTUNITY, event.opportunity_id, other_id=event.assignee_id)


def know_progress(tx: Transaction, event: heard.OpportunityProgressed) -> None:
    keep(tx, OPPORTUNITY, event.opportunity_id, amount_minor=event.amount_minor, currency=event.currency)


def know_win(tx: Transaction, event: Any) -> None:
    keep(tx, OPPORTUNITY, event.opportunity_id, state="won", name_key=name_key(event.customer_name))


def know_failure(tx: Transaction, event: heard.OpportunityFailed) -> None:
    keep(tx, OPPORTUNITY, event.opportunity_id, state="failed")


def know_link(tx: Transaction, event: heard.OpportunityLinked) -> None:
    """From now on its number counts and its name does not."""
    keep(tx, OPPORTUNITY, event.opportunity_id, customer_no=present_number(tx, event.customer_no), name_key=None)


def forget_opportunity(tx: Transaction, event: heard.OpportunityDeleted) -> None:
    drop(tx, OPPORTUNITY, event.opportunity_id)


def know_deal(tx: Transaction, event: Any, state: str = "open") -> None:
    worth = {"amount_minor": event.amount_minor, "currency": event.currency, "title": event.name}
    whose = {"customer_no": present_number(tx, event.customer_no), "owner_id": event.owner_id}
    keep(tx, DEAL, event.deal_id, state=state, **worth, **whose)


def know_won_deal(tx: Transaction, event: heard.DealWon) -> None:
    know_deal(tx, event, "won")


def know_lost_deal(tx: Transaction, event: heard.DealLost) -> None:
    know_deal(tx, event, "lost")


def link_deal(tx: Transaction, event: heard.DealLinked) -> None:
    keep(tx, DEAL, event.deal_id, customer_no=present_number(tx, event.customer_no))


def know_task(tx: Transaction, event: heard.ToDo) -> None:
    """Tasks about something else than a customer are none of ours."""
    ends: Mapping[type[Any], str] = {heard.TaskDone: "done", heard.TaskDropped: "dropped"}
    state = ends.get(type(event), "open")
    if event.about == "customer":
        whose = {"owner_id": event.owner_id, "other_id": event.creator_id}
        number = present_number(tx, event.about_id)
        keep(tx, TASK, event.task_id, title=event.title, state=state, customer_no=number, **whose)
    else:
        drop(tx, TASK, event.task_id)


def know_request(tx: Transaction, event: heard.RequestCreated) -> None:
    known = {"title": event.title, "state": "new", "owner_id": event.creator_id}
    keep(tx, REQUEST, event.request_id, customer_no=present_number(tx, event.customer_no), **known)


def know_state_of_request(tx: Transaction, event: Any) -> None:
    states = {heard.RequestHandled: "handled", heard.RequestArchived: "archived"}
    assigned = {"other_id": event.assignee_id} if hasattr(event, "assignee_id") else {}
    keep(tx, REQUEST, event.request_id, state=states.get(type(event), "allocated"), **assigned)


def know_other_assignee(tx: Transaction, event: heard.RequestHandedOver) -> None:
    """However far it is."""
    keep(tx, REQUEST, event.request_id, other_id=event.assignee_id)


def move_request(tx: Transaction, event: heard.RequestMoved) -> None:
    keep(tx, REQUEST, event.request_id, customer_no=present_number(tx, event.customer_no))


def forget_request(tx: Transaction, event: heard.RequestDeleted) -> None:
    drop(tx, REQUEST, event.request_id)


def know_complaint(tx: Transaction, event: heard.Grievance) -> None:
    state = "closed" if isinstance(event, heard.ComplaintClosed) else "open"
    whose = {"owner_id": event.creator_id, "other_id": event.assignee_id}
    number = present_number(tx, event.customer_no)
    more = {} if isinstance(event, heard.ComplaintMoved) else {"state": state}
    keep(tx, COMPLAINT, event.complaint_id, title=event.title, customer_no=number, **more, **whose)


def know_visit(tx: Transaction, event: heard.Plan) -> None:
    state = "done" if isinstance(event, heard.VisitDone) else "open"
    more = {} if isinstance(event, heard.VisitMoved) else {"state": state}
    number = present_number(tx, event.customer_no)
    keep(tx, VISIT, event.visit_id, title=event.subject, customer_no=number, owner_id=event.owner_id, **more)


def forget_visit(tx: Transaction, event: heard.VisitDeleted) -> None:
    drop(tx, VISIT, event.visit_id)


def present_number(tx: Transaction, customer_no: str | None) -> str | None:
    """What is heard late may name a customer that became part of another one."""
    if not customer_no:
        return None
    mine = Customer.customer_no == customer_no
    return tx.scalar(sa.select(Customer.merged_into).where(mine)) or customer_no


REACTIONS: Mapping[type[Any], Callable[[Transaction, Any], None]] = {
    heard.OpportunityCreated: know_opportunity,
    heard.OpportunityEdited: know_opportunity,
    heard.OpportunityAssigned: know_assignee,
    heard.OpportunityProgressed: know_progress,
    heard.OpportunityFailed: know_failure,
    heard.OpportunityLinked: know_link,
    heard.OpportunityDeleted: forget_opportunity,
    heard.DealEdited: know_deal,
    heard.DealStageChanged: know_deal,
    heard.DealTransferred: know_deal,
    heard.DealLinked: link_deal,
    heard.DealWon: know_won_deal,
    heard.DealLost: know_lost_deal,
    heard.TaskAdded: know_task,
    heard.TaskEdited: know_task,
    heard.TaskTakenUp: know_task,
    heard.TaskDone: know_task,
    heard.TaskDropped: know_task,
    heard.RequestCreated: know_request,
    heard.RequestAllocated: know_state_of_request,
    heard.RequestReopened: know_state_of_request,
    heard.RequestHandedOver: know_other_assignee,
    heard.RequestHandled: know_state_of_request,
    heard.RequestArchived: know_state_of_request,
    heard.RequestMoved: move_request,
    heard.RequestDeleted: forget_request,
    heard.ComplaintEntered: know_complaint,
    heard.ComplaintEdited: know_complaint,
    heard.ComplaintAssigned: know_complaint,
    heard.ComplaintHandled: know_complaint,
    heard.ComplaintReturned: know_complaint,
    heard.ComplaintClosed: know_complaint,
    heard.ComplaintMoved: know_complaint,
    heard.VisitPlanned: know_visit,
    heard.VisitEdited: know_visit,
    heard.VisitDone: know_visit,
    heard.VisitMoved: know_visit,
    heard.VisitDeleted: forget_visit,
}
"""For ``hears={**involvements.REACTIONS, …}`` on the service's page; wins and new deals cause more and stand there."""
