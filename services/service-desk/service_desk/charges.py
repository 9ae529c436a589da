"""What people have in charge at the service desk, and how it goes to others when they leave."""

from __future__ import annotations

from chassis.events import Event
from chassis.handing_over import Charge, Giving, HandOver
from service_desk.complaint.life_cycle import Status as ComplaintStatus
from service_desk.complaint.model import Complaint
from service_desk.request.life_cycle import IN_HAND
from service_desk.request.model import ASSIGNEE_ROLE, Request
from service_desk.visit.life_cycle import OPEN as VISIT_OPEN
from service_desk.visit.model import Visit


def give_request(one: Request, giving: Giving) -> Event:
    return one.hand_over(to_id=giving.to_id, to_name=giving.to_name)


def give_complaint(one: Complaint, giving: Giving) -> Event:
    return one.hand_over(to_id=giving.to_id, to_name=giving.to_name)


def give_visit(one: Visit, giving: Giving) -> Event | None:
    return one.assign(to_id=giving.to_id, to_name=giving.to_name)


HAND_OVER = HandOver(
    "service-desk",
    [
        Charge(
            "request",
            Request,
            whose=Request.assignee_id,
            where=[Request.status.in_(IN_HAND)],
            gives=give_request,
            role=ASSIGNEE_ROLE,
        ),
        Charge(
            "complaint",
            Complaint,
            whose=Complaint.assignee_id,
            where=[Complaint.status != ComplaintStatus.CLOSED],
            gives=give_complaint,
        ),
        Charge("visit", Visit, whose=Visit.owner_id, where=[Visit.status.in_(VISIT_OPEN)], gives=give_visit),
    ],
)
