"""What others say of opportunities, deals, tasks, requests, complaints and visits, as far as we show it."""

from __future__ import annotations

import dataclasses

from chassis.events import Heard


class OpportunityCreated(Heard, type="marketing.opportunity.created"):
    """Somebody noticed that a customer may buy."""

    opportunity_id: int
    customer_name: str
    title: str
    owner_id: int
    amount_minor: int
    currency: str


class OpportunityEdited(Heard, type="marketing.opportunity.edited"):
    """The description was corrected."""

    opportunity_id: int
    customer_name: str
    title: str
    amount_minor: int
    currency: str


class OpportunityAssigned(Heard, type="marketing.opportunity.assigned"):
    """Somebody is to develop it."""

    opportunity_id: int
    assignee_id: int


class OpportunityProgressed(Heard, type="marketing.opportunity.progressed"):
    """Something came of the work."""

    opportunity_id: int
    amount_minor: int
    currency: str


class OpportunityFailed(Heard, type="marketing.opportunity.failed"):
    """Nothing will come of it."""

    opportunity_id: int


class OpportunityLinked(Heard, type="marketing.opportunity.linked"):
    """The customer that came of it is known."""

    opportunity_id: int
    customer_no: str


class OpportunityDeleted(Heard, type="marketing.opportunity.deleted"):
    """It was thrown away."""

    opportunity_id: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bargain:
    """What every event about a deal says."""

    deal_id: int
    name: str
    customer_no: str | None = None
    owner_id: int
    amount_minor: int
    currency: str


class DealEdited(Bargain, Heard, type="marketing.deal.edited"):
    """What is known of a deal was corrected."""


class DealStageChanged(Bargain, Heard, type="marketing.deal.stage-changed"):
    """A deal is further, or less far."""


class DealTransferred(Bargain, Heard, type="marketing.deal.transferred"):
    """Somebody else goes on with it."""


class DealLinked(Bargain, Heard, type="marketing.deal.linked"):
    """Its customer is known, or another one."""


class DealWon(Bargain, Heard, type="marketing.deal.won"):
    """The customer buys."""


class DealLost(Bargain, Heard, type="marketing.deal.lost"):
    """The customer does not buy."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ToDo:
    """What every event about a task says."""

    task_id: int
    title: str
    owner_id: int
    creator_id: int
    about: str
    about_id: str


class TaskAdded(ToDo, Heard, type="marketing.task.added"):
    """Somebody is to do something."""


class TaskEdited(ToDo, Heard, type="marketing.task.edited"):
    """It is to be done otherwise."""


class TaskTakenUp(ToDo, Heard, type="marketing.task.taken-up"):
    """It was not done after all."""


class TaskDone(ToDo, Heard, type="marketing.task.done"):
    """It was done."""


class TaskDropped(ToDo, Heard, type="marketing.task.dropped"):
    """It is not to be done any more."""


class RequestCreated(Heard, type="service-desk.request.created"):
    """A customer asks something."""

    request_id: int
    title: str
    customer_no: str
    creator_id: int


class RequestAllocated(Heard, type="service-desk.request.allocated"):
    """Somebody is to handle it."""

    request_id: int
    assignee_id: int


class RequestHandedOver(Heard, type="service-desk.request.handed-over"):
    """Somebody else goes on with it."""

    request_id: int
    assignee_id: int


class RequestReopened(Heard, type="service-desk.request.reopened"):
    """The customer is not content."""

    request_id: int
    assignee_id: int


class RequestHandled(Heard, type="service-desk.request.handled"):
    """It was handled."""

    request_id: int


class RequestArchived(Heard, type="service-desk.request.archived"):
    """The customer is content."""

    request_id: int


class RequestMoved(Heard, type="service-desk.request.moved"):
    """It is another customer's."""

    request_id: int
    customer_no: str


class RequestDeleted(Heard, type="service-desk.request.deleted"):
    """It was thrown away."""

    request_id: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grievance:
    """What every event about a complaint says."""

    complaint_id: int
    title: str
    customer_no: str
    creator_id: int
    assignee_id: int | None = None


class ComplaintEntered(Grievance, Heard, type="service-desk.complaint.entered"):
    """A customer complains."""


class ComplaintEdited(Grievance, Heard, type="service-desk.complaint.edited"):
    """It was corrected."""


class ComplaintAssigned(Grievance, Heard, type="service-desk.complaint.assigned"):
    """Somebody is to see to it."""


class ComplaintHandled(Grievance, Heard, type="service-desk.complaint.handled"):
    """Something was done."""


class ComplaintReturned(Grievance, Heard, type="service-desk.complaint.returned"):
    """The customer is not content."""


class ComplaintClosed(Grievance, Heard, type="service-desk.complaint.closed"):
    """It is over."""


class ComplaintMoved(Grievance, Heard, type="service-desk.complaint.moved"):
    """It is another customer's."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """What every event about a return visit says."""

    visit_id: int
    subject: str
    customer_no: str
    owner_id: int


class VisitPlanned(Plan, Heard, type="service-desk.visit.planned"):
    """A customer is to be visited."""


class VisitEdited(Plan, Heard, type="service-desk.visit.edited"):
    """It is to be made otherwise."""


class VisitDone(Plan, Heard, type="service-desk.visit.done"):
    """It was made."""


class VisitMoved(Plan, Heard, type="service-desk.visit.moved"):
    """It is another customer's."""


class VisitDeleted(Heard, type="service-desk.visit.deleted"):
    """It is not to be made."""

    visit_id: int
