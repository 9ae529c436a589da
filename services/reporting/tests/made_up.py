"""Lives of deals, leads, campaigns and what the service desk does, made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from chassis.events import Heard
from reporting.facts import campaign as campaigns
from reporting.facts import complaint as complaints
from reporting.facts import deal as deals
from reporting.facts import lead as leads
from reporting.facts import visit as visits
from reporting.facts.pipeline import PipelineSet, StageTold
from reporting.facts.target import ForecastStated, TargetSet

Life = list[Heard]
BEGIN = datetime(2010, 12, 30, tzinfo=UTC)
STAGES = ["qualification", "proposal", "negotiation"]

moments = st.integers(0, 150).map(lambda days: BEGIN + timedelta(days=days))
numbers = st.integers(1, 3)
amounts = st.integers(0, 10_000)
currencies = st.sampled_from(["GBP", "CNY"])
sources = st.sampled_from(["", "fair", "web, by mail"])
months = st.sampled_from(["2010-12", "2011-01", "2011-02"])
stars = st.integers(1, 5)


@st.composite
def a_deal_life(draw: st.DrawFn) -> Life:
    number, owner = draw(st.integers(1, 10_000)), draw(numbers)

    def bargain(stage: str, position: int) -> dict[str, Any]:
        described = {"amount_minor": draw(amounts), "currency": draw(currencies), "source": draw(sources)}
        about = {"customer_no": draw(st.sampled_from([None, "K1", "K2"])), "campaign_id": draw(st.none() | numbers)}
        place = {"pipeline": "standard", "stage": stage, "stage_position": position, "probability": draw(amounts) % 101}
        return {
            "deal_id": number,
            "owner_id": owner,
            "expected_on": draw(moments).date(),
            **described,
            **about,
            **place,
        }

    def somewhere() -> dict[str, Any]:
        position = draw(st.integers(1, len(STAGES)))
        return bargain(STAGES[position - 1], position)

    stayed = {"from_stage": draw(st.sampled_from(STAGES)), "left_after_seconds": draw(amounts)}
    life: Life = [deals.DealCreated(**somewhere(), created_at=draw(moments))]
    for kind in draw(st.lists(st.sampled_from(["edited", "changed", "transferred", "linked", "asked"]), max_size=4)):
        if kind == "transferred":
            owner = draw(numbers)
        moved = {**stayed, "from_position": draw(numbers)}
        made: dict[str, Any] = {
            "edited": lambda: deals.DealEdited(**somewhere()),
            "changed": lambda moved=moved: deals.DealStageChanged(**somewhere(), **moved),
            "transferred": lambda: deals.DealTransferred(**somewhere()),
            "linked": lambda: deals.DealLinked(**somewhere()),
            "asked": lambda: deals.DealCustomerRequested(**somewhere()),
        }
        life.append(made[kind]())
    ends = [
        deals.DealWon(**bargain("won", 4), **stayed, won_at=draw(moments)),
        deals.DealLost(**bargain("lost-lead", 5), **stayed, lost_at=draw(moments)),
    ]
    return life + draw(st.lists(st.sampled_from(ends), max_size=1))


@st.composite
def a_lead_life(draw: st.DrawFn) -> Life:
    number = draw(st.integers(1, 10_000))

    def prospect(status: int) -> dict[str, Any]:
        return {"lead_id": number, "source": draw(sources), "status_code": status, "owner_id": draw(numbers)}

    created = leads.LeadCreated(**prospect(6), created_at=draw(moments))
    if draw(st.booleans()):
        return [created, leads.LeadDeleted(lead_id=number)]
    link = {"lead_id": number, "campaign_id": draw(numbers)}
    later = [
        leads.LeadEdited(**prospect(6)),
        leads.LeadContacted(**prospect(3)),
        leads.LeadRejected(**prospect(5)),
        leads.LeadReopened(**prospect(3)),
        leads.LeadTransferred(**prospect(3)),
        leads.LeadConversionFailed(**prospect(3)),
        leads.LeadConverted(**prospect(9)),
        leads.LeadRelinked(**prospect(9)),
        leads.LeadCampaignLinked(**link),
        leads.LeadCampaignLinked(lead_id=number, campaign_id=draw(numbers)),
        leads.LeadCampaignUnlinked(**link),
    ]
    return [created, *draw(st.lists(st.sampled_from(later), max_size=6))]


@st.composite
def a_campaign_life(draw: st.DrawFn) -> Life:
    number = draw(numbers)

    def undertaking() -> dict[str, Any]:
        planned = {
            "budget_minor": draw(amounts),
            "currency": draw(currencies),
            "target_responses": draw(st.integers(0, 9)),
        }
        known = {"name": draw(st.sampled_from("AB")), "kind": draw(sources), "status": "x", "owner_id": draw(numbers)}
        return {"campaign_id": number, "starts_on": draw(moments).date(), **known, **planned}

    created = campaigns.CampaignCreated(**undertaking())
    if draw(st.integers(0, 3)) == 0:
        return [created, campaigns.CampaignDeleted(campaign_id=number)]
    kinds = [
        campaigns.CampaignEdited,
        campaigns.CampaignSubmitted,
        campaigns.CampaignApproved,
        campaigns.CampaignRejected,
        campaigns.CampaignStarted,
        campaigns.CampaignFinished,
        campaigns.CampaignEvaluated,
        campaigns.CampaignCancelled,
    ]
    later: Life = [kind(**undertaking()) for kind in draw(st.lists(st.sampled_from(kinds), max_size=3))]
    spent = {"campaign_id": number, "currency": draw(currencies)}
    costs = [campaigns.CostRecorded(**spent, amount_minor=draw(amounts)) for _ in range(draw(st.integers(0, 2)))]
    answered = [campaigns.ResponseRecorded(campaign_id=number, number=draw(numbers)) for _ in range(draw(numbers) - 1)]
    return [created, *draw(st.permutations([*later, *costs, *answered]))]


@st.composite
def a_target_life(draw: st.DrawFn) -> Life:
    number = draw(st.integers(1, 10_000))
    kind, month, currency = draw(st.sampled_from(["sales", "leads"])), draw(months), draw(currencies)

    def aimed() -> TargetSet:
        shares = {str(owner): draw(amounts) for owner in draw(st.sets(numbers, max_size=2))}
        amount = sum(shares.values()) if shares else draw(amounts)
        return TargetSet(
            target_id=number, kind=kind, month=month, currency=currency, amount=amount, shares=shares
        )  # fmt: skip

    return [aimed() for _ in range(draw(st.integers(1, 3)))]


@st.composite
def a_forecast_life(draw: st.DrawFn) -> Life:
    month, owner, currency = draw(months), draw(numbers), draw(currencies)
    known = {"forecast_id": f"{month}:{owner}:{currency}", "month": month, "owner_id": owner, "currency": currency}
    return [ForecastStated(**known, amount_minor=draw(amounts)) for _ in range(draw(st.integers(1, 2)))]


@st.composite
def a_pipeline_life(draw: st.DrawFn) -> Life:
    def told() -> PipelineSet:
        codes = draw(st.permutations([*STAGES, "won"]))[: draw(st.integers(1, 4))]
        stages = [StageTold(code, code, code, place, "open") for place, code in enumerate(codes)]
        return PipelineSet(code="standard", stages=stages)

    return [told() for _ in range(draw(st.integers(1, 2)))]


@st.composite
def a_complaint_life(draw: st.DrawFn) -> Life:
    number, entered = draw(st.integers(1, 10_000)), draw(moments)

    def grievance() -> dict[str, Any]:
        who = {"creator_id": draw(numbers), "assignee_id": draw(st.none() | numbers)}
        known = {"customer_no": f"K{draw(numbers)}", "severity": "high", "entered_at": entered}
        return {"complaint_id": number, **known, **who, "due_at": entered + timedelta(days=draw(numbers))}

    handled = [
        complaints.ComplaintHandled(
            **grievance(), handler_id=draw(numbers), handled_at=entered + timedelta(days=draw(numbers))
        )
        for _ in range(2)
    ]
    life: Life = [
        complaints.ComplaintEntered(**grievance()),
        complaints.ComplaintEdited(**grievance()),
        complaints.ComplaintAssigned(**grievance()),
        complaints.ComplaintOverdue(**grievance()),
        handled[0],
        complaints.ComplaintReturned(**grievance(), satisfaction=draw(stars)),
        complaints.ComplaintMoved(**grievance()),
        handled[1],
        complaints.ComplaintVisited(**grievance(), satisfaction=draw(stars)),
        complaints.ComplaintClosed(**grievance()),
    ]
    return life[: draw(st.integers(1, len(life)))]


@st.composite
def a_visit_life(draw: st.DrawFn) -> Life:
    number = draw(st.integers(1, 10_000))

    def appointment() -> dict[str, Any]:
        known = {"customer_no": f"K{draw(numbers)}", "owner_id": draw(numbers), "planned_for": draw(moments)}
        return {"visit_id": number, **known}

    planned = visits.VisitPlanned(**appointment())
    if draw(st.booleans()):
        return [planned, visits.VisitDeleted(visit_id=number)]
    later = draw(st.lists(st.sampled_from([visits.VisitEdited, visits.VisitMoved]), max_size=2))
    done = visits.VisitDone(**appointment(), done_at=draw(moments), satisfaction=draw(st.none() | stars))
    return [planned, *(kind(**appointment()) for kind in later), *([done] if draw(st.booleans()) else [])]


SELLING = [a_deal_life(), a_lead_life(), a_campaign_life(), a_target_life(), a_forecast_life(), a_pipeline_life()]
SERVING = [a_complaint_life(), a_visit_life()]
