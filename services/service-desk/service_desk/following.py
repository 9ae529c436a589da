"""What becomes of our records when a customer becomes part of another one, or goes to another account manager."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.people import person
from chassis.transaction import Transaction
from service_desk.complaint.life_cycle import Status as ComplaintStatus
from service_desk.complaint.model import Complaint
from service_desk.request.life_cycle import IN_HAND
from service_desk.request.model import Request
from service_desk.visit.life_cycle import OPEN
from service_desk.visit.model import Visit


def relink(tx: Transaction, customer_no: str, *, to: str) -> None:
    """Requests, complaints and visits of one customer are another's; each says so, once."""
    requests = sa.select(Request).where(Request.customer_no == customer_no).order_by(Request.id)
    tx.publish_all([(one.move_to(to), None) for one in tx.load(Request, requests)])
    complaints = sa.select(Complaint).where(Complaint.customer_no == customer_no).order_by(Complaint.id)
    tx.publish_all([(one.move_to(to), None) for one in tx.load(Complaint, complaints)])
    visits = sa.select(Visit).where(Visit.customer_no == customer_no).order_by(Visit.id)
    tx.publish_all([(one.move_to(to), None) for one in tx.load(Visit, visits)])


def hand_over(tx: Transaction, customer_no: str, from_id: int, to_id: int) -> None:
    """The open requests, complaints and visits that somebody has are somebody else's.

    Nobody whom we do not know gets any.
    """
    name = tx.scalar(sa.select(person.c.full_name).where(person.c.user_id == to_id, person.c.is_active))
    if name is None:
        return
    to = {"to_id": to_id, "to_name": name}
    request = (Request.customer_no == customer_no, Request.assignee_id == from_id, Request.status.in_(IN_HAND))
    requests = tx.load(Request, sa.select(Request).where(*request).order_by(Request.id))
    tx.publish_all([(one.hand_over(**to), None) for one in requests])
    complaint = (Complaint.customer_no == customer_no, Complaint.assignee_id == from_id)
    unsettled = sa.select(Complaint).where(*complaint, Complaint.status != ComplaintStatus.CLOSED)
    complaints = tx.load(Complaint, unsettled.order_by(Complaint.id))
    tx.publish_all([(one.hand_over(**to), None) for one in complaints])
    visit = (Visit.customer_no == customer_no, Visit.owner_id == from_id, Visit.status.in_(OPEN))
    visits = tx.load(Visit, sa.select(Visit).where(*visit).order_by(Visit.id))
    tx.publish_all([(one.assign(**to), None) for one in visits])
