"""What we know of each campaign, of what it cost and of who answered to it."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from functools import singledispatch
from typing import Annotated, Any

from chassis.events import Heard, PersonalText
from chassis.personal import free_text
from reporting.months import month_of
from reporting.projection import OfEachEvent, Projection


@dataclasses.dataclass(frozen=True, kw_only=True)
class Undertaking:
    """What every event about a campaign tells."""

    campaign_id: int
    name: PersonalText
    kind: str
    status: str
    owner_id: int
    starts_on: date
    budget_minor: int
    currency: str
    target_responses: int


class CampaignCreated(Undertaking, Heard, type="marketing.campaign.created"):
    """Somebody plans a campaign."""


class CampaignEdited(Undertaking, Heard, type="marketing.campaign.edited"):
    """The plan was changed."""


class CampaignSubmitted(Undertaking, Heard, type="marketing.campaign.submitted"):
    """It waits for approval."""


class CampaignApproved(Undertaking, Heard, type="marketing.campaign.approved"):
    """It may begin."""


class CampaignRejected(Undertaking, Heard, type="marketing.campaign.rejected"):
    """It goes back to its owner."""


class CampaignStarted(Undertaking, Heard, type="marketing.campaign.started"):
    """It runs."""


class CampaignFinished(Undertaking, Heard, type="marketing.campaign.finished"):
    """It has come to its end."""


class CampaignEvaluated(Undertaking, Heard, type="marketing.campaign.evaluated"):
    """Somebody said what came of it."""


class CampaignCancelled(Undertaking, Heard, type="marketing.campaign.cancelled"):
    """It does not take place."""


class CampaignDeleted(Heard, type="marketing.campaign.deleted"):
    """A draft was thrown away."""

    campaign_id: int


class CostRecorded(Heard, type="marketing.campaign.cost-recorded"):
    """A campaign cost something."""

    campaign_id: int
    amount_minor: int
    currency: str


class ResponseRecorded(Heard, type="marketing.campaign.response-recorded"):
    """Somebody answered to a campaign."""

    campaign_id: int
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class CampaignFact:
    """One campaign as it was last described."""

    campaign_id: int
    name: Annotated[str, free_text(campaign="campaign_id")] = ""
    kind: str = ""
    status: str = ""
    owner_id: int = 0
    starts_month: str = ""
    budget_minor: int = 0
    currency: str = ""
    target_responses: int = 0
    is_deleted: bool = False
    version: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class CampaignCost:
    """Something that a campaign cost."""

    cost_id: str
    campaign_id: int = 0
    amount_minor: int = 0
    currency: str = ""
    version: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class CampaignResponse:
    """So many answered to a campaign."""

    response_id: str
    campaign_id: int = 0
    responses: int = 0
    version: int = 0


@singledispatch
def fold(event: Any, row: CampaignFact, at: datetime) -> CampaignFact:
    told = {name: getattr(event, name) for name in DESCRIBED}
    return dataclasses.replace(row, **told, starts_month=month_of(event.starts_on))


@fold.register
def _(event: CampaignDeleted, row: CampaignFact, at: datetime) -> CampaignFact:
    return dataclasses.replace(row, is_deleted=True)


DESCRIBED = [field.name for field in dataclasses.fields(Undertaking) if field.name not in ("campaign_id", "starts_on")]


def cost(event: CostRecorded, row: CampaignCost, at: datetime) -> CampaignCost:
    return dataclasses.replace(
        row, campaign_id=event.campaign_id, amount_minor=event.amount_minor, currency=event.currency
    )


def response(event: ResponseRecorded, row: CampaignResponse, at: datetime) -> CampaignResponse:
    return dataclasses.replace(row, campaign_id=event.campaign_id, responses=event.number)


CAMPAIGNS = Projection(
    "campaign_fact",
    row=CampaignFact,
    heard=[
        CampaignCreated,
        CampaignEdited,
        CampaignSubmitted,
        CampaignApproved,
        CampaignRejected,
        CampaignStarted,
        CampaignFinished,
        CampaignEvaluated,
        CampaignCancelled,
        CampaignDeleted,
    ],
    fold=fold,
)
CAMPAIGN_COSTS = OfEachEvent("campaign_cost", ["campaign_id"], row=CampaignCost, heard=[CostRecorded], fold=cost)
CAMPAIGN_RESPONSES = OfEachEvent(
    "campaign_response",
    ["campaign_id"],
    row=CampaignResponse,
    heard=[ResponseRecorded],
    fold=response,
)
campaign_fact = CAMPAIGNS.table
campaign_cost = CAMPAIGN_COSTS.table
campaign_response = CAMPAIGN_RESPONSES.table
