"""Marketing: who may buy, and what we do about it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from chassis import bus_desk, dictionary, flow_desk, numbering, people
from chassis.erasure import said_by
from chassis.holding import routes_of as personal_data_routes
from chassis.jobs import Job
from chassis.manifest import Service
from marketing import reactions
from marketing.base import Base
from marketing.campaign import model as campaign
from marketing.campaign.life_cycle import LIFE_CYCLE as CAMPAIGN_LIFE
from marketing.campaign.resources import CAMPAIGN_FILES, CAMPAIGN_IMPORT
from marketing.campaign.resources import routes as campaign_routes
from marketing.charges import HAND_OVER
from marketing.deal import model as deal
from marketing.deal.life_cycle import LIFE_CYCLE as DEAL_LIFE
from marketing.deal.resources import routes as deal_routes
from marketing.flows import CONVERSION, DEAL_CUSTOMER, WIN, wait_for_earlier_wins
from marketing.forecast import model as forecast
from marketing.forecast.resources import routes as forecast_routes
from marketing.lead import model as lead
from marketing.lead.commands import remind_of_leads
from marketing.lead.life_cycle import LIFE_CYCLE as LEAD_LIFE
from marketing.lead.resources import LEAD_FILES, LEAD_IMPORT
from marketing.lead.resources import routes as lead_routes
from marketing.marketing_plan import model as marketing_plan
from marketing.marketing_plan.commands import move_marketing_plans
from marketing.marketing_plan.life_cycle import LIFE_CYCLE as MARKETING_PLAN_LIFE
from marketing.marketing_plan.resources import PHOTOS
from marketing.marketing_plan.resources import routes as marketing_plan_routes
from marketing.opportunity import model as opportunity
from marketing.opportunity.commands import find_idle_opportunities
from marketing.opportunity.life_cycle import LIFE_CYCLE as OPPORTUNITY_LIFE
from marketing.opportunity.resources import OPPORTUNITY_FILES, OPPORTUNITY_IMPORT
from marketing.opportunity.resources import routes as opportunity_routes
from marketing.pipeline import model as pipeline
from marketing.pipeline.resources import routes as pipeline_routes
from marketing.pipeline.seeds import seed_pipelines
from marketing.plan import model as plan
from marketing.plan.resources import routes as plan_routes
from marketing.remark import model as remark
from marketing.same_person import same_person
from marketing.task import model as task
from marketing.task.commands import remind_of_tasks
from marketing.task.resources import routes as task_routes
from marketing.titles import TITLES

service: Service = Service(
    name="marketing",
    title="Guanxi marketing",
    metadata=Base.metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    routes=[
        *opportunity_routes,
        *plan_routes,
        *lead_routes,
        *campaign_routes,
        *marketing_plan_routes,
        *deal_routes,
        *pipeline_routes,
        *task_routes,
        *forecast_routes,
        *flow_desk.routes_of(WIN, DEAL_CUSTOMER, CONVERSION),
        *flow_desk.routes_of(WIN, DEAL_CUSTOMER, CONVERSION, below="/flows/marketing"),
        *bus_desk.routes_of("marketing"),
        *personal_data_routes("marketing", lambda: service),
    ],
    machines=[OPPORTUNITY_LIFE, LEAD_LIFE, CAMPAIGN_LIFE, MARKETING_PLAN_LIFE, DEAL_LIFE, task.LIFE_CYCLE],
    numbers=[marketing_plan.NUMBERS],
    says=[
        opportunity.OpportunityCreated,
        opportunity.OpportunityEdited,
        opportunity.OpportunityDeleted,
        opportunity.OpportunityAssigned,
        opportunity.OpportunityProgressed,
        opportunity.OpportunityIdle,
        opportunity.OpportunityWon,
        opportunity.OpportunityFailed,
        opportunity.OpportunityLinked,
        opportunity.OpportunityLinkRequested,
        plan.PlanItemAdded,
        plan.PlanItemEdited,
        plan.PlanItemDeleted,
        plan.PlanItemExecuted,
        lead.LeadCreated,
        lead.LeadEdited,
        lead.LeadContacted,
        lead.LeadContactDue,
        lead.LeadRejected,
        lead.LeadReopened,
        lead.LeadTransferred,
        lead.LeadDeleted,
        lead.LeadCampaignLinked,
        lead.LeadCampaignUnlinked,
        lead.ConversionRequested,
        lead.LeadConverted,
        lead.ConversionFailed,
        lead.LeadRelinked,
        campaign.CampaignCreated,
        campaign.CampaignEdited,
        campaign.CampaignDeleted,
        campaign.CampaignSubmitted,
        campaign.CampaignApproved,
        campaign.CampaignRejected,
        campaign.CampaignStarted,
        campaign.CampaignFinished,
        campaign.CampaignEvaluated,
        campaign.CampaignCancelled,
        campaign.CampaignHandedOver,
        campaign.MemberAdded,
        campaign.MemberRemoved,
        campaign.CostRecorded,
        campaign.ResponseRecorded,
        marketing_plan.MarketingPlanCreated,
        marketing_plan.MarketingPlanEdited,
        marketing_plan.MarketingPlanDeleted,
        marketing_plan.MarketingPlanSubmitted,
        marketing_plan.MarketingPlanEndorsed,
        marketing_plan.MarketingPlanApproved,
        marketing_plan.MarketingPlanRejected,
        marketing_plan.MarketingPlanStarted,
        marketing_plan.CheckedIn,
        marketing_plan.MarketingPlanLate,
        marketing_plan.MarketingPlanFinished,
        marketing_plan.FeedbackSaved,
        marketing_plan.FeedbackSubmitted,
        marketing_plan.MarketingPlanCancelled,
        marketing_plan.MarketingPlanHandedOver,
        deal.DealCreated,
        deal.DealEdited,
        deal.DealStageChanged,
        deal.DealWon,
        deal.DealLost,
        deal.DealTransferred,
        deal.DealLinked,
        deal.DealCustomerRequested,
        pipeline.PipelineSet,
        remark.RemarkWritten,
        remark.RemarkEdited,
        remark.RemarkDeleted,
        task.TaskAdded,
        task.TaskEdited,
        task.TaskDone,
        task.TaskTakenUp,
        task.TaskDropped,
        task.TaskDue,
        forecast.TargetSet,
        forecast.ForecastStated,
        *OPPORTUNITY_FILES.says,
        *LEAD_FILES.says,
        *CAMPAIGN_FILES.says,
        *PHOTOS.says,
        *HAND_OVER.says,
        *said_by("marketing"),
    ],
    hears={
        **people.REACTIONS,
        **dictionary.REACTIONS,
        **numbering.REACTIONS,
        **HAND_OVER.reactions,
        reactions.CustomerOpened: reactions.know_customer_and_go_on,
        reactions.CustomerMatched: reactions.know_customer_and_go_on,
        reactions.CustomerEdited: reactions.know_customer,
        reactions.CustomerDeleted: reactions.know_customer,
        reactions.CustomerLost: reactions.know_customer,
        reactions.CustomerRecovered: reactions.know_customer,
        reactions.CustomerReleased: reactions.know_customer,
        reactions.CustomerClaimed: reactions.know_customer,
        reactions.CustomerTransferred: reactions.follow_transfer,
        reactions.CustomerRestored: reactions.know_customer,
        reactions.CustomerMerged: reactions.know_customer,
        reactions.CustomerAbsorbed: reactions.follow_merge,
        reactions.CustomerPurged: reactions.forget_customer,
        reactions.ContactAdded: reactions.know_contact,
        reactions.ContactEdited: reactions.know_contact,
        reactions.ContactRemoved: reactions.forget_contact,
        reactions.ContactMoved: reactions.know_contact,
        reactions.ContactRestored: reactions.know_contact,
        reactions.LinkRefused: reactions.go_on_with_win,
        reactions.IntakeReceived: reactions.go_on_with_intake,
        reactions.IntakeRefused: reactions.go_on_with_intake,
        reactions.VisitPlanned: reactions.know_visit,
        reactions.VisitEdited: reactions.know_visit,
        reactions.VisitDone: reactions.close_visit,
        reactions.VisitDeleted: reactions.forget_visit,
    },
    jobs=[
        Job("find idle opportunities", find_idle_opportunities, every=timedelta(hours=6)),
        Job("remind of leads", remind_of_leads, every=timedelta(minutes=10)),
        Job("move marketing plans", move_marketing_plans, every=timedelta(hours=1)),
        Job("remind of tasks", remind_of_tasks, every=timedelta(minutes=1)),
    ],
    timers=HAND_OVER.timers,
    flows=[WIN, DEAL_CUSTOMER, CONVERSION],
    seeds=[seed_pipelines, wait_for_earlier_wins],
    imports=[OPPORTUNITY_IMPORT, LEAD_IMPORT, CAMPAIGN_IMPORT],
    titles=TITLES,
    personal=Path(__file__).parent / "personal.json",
    same_person=same_person,
)
