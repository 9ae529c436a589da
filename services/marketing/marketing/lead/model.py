"""Leads: person and company in one record, contacted, rejected or converted."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.erasable import Erasable
from chassis.events import Event
from chassis.personal import free_text, personal, personal_column, text_column
from chassis.principal import Principal
from chassis.problems import Conflict, wrong_field
from chassis.transaction import Aggregate
from marketing.base import Base
from marketing.lead.life_cycle import LIFE_CYCLE, REACHED, REJECTED, Status

OfLead = Annotated[str, personal(lead="lead_id")]
AboutIt = Annotated[str, free_text(lead="lead_id")]
Owner = Annotated[str, personal(user="owner_id")]
OF_LEAD = personal_column(lead="id")
ABOUT_IT = text_column(lead="id")
"""A lead is somebody; the company it names may be that person's own, so it goes with the rest of the card."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Prospect:
    """What every event about a lead says."""

    lead_id: int
    full_name: OfLead
    company: OfLead
    source: AboutIt
    status_code: int
    owner_id: int
    owner_name: Owner


class LeadCreated(Prospect, Event, type="marketing.lead.created"):
    """Somebody may become a customer."""

    created_at: datetime


class LeadEdited(Prospect, Event, type="marketing.lead.edited"):
    """What we know of a lead was corrected."""


class LeadContacted(Prospect, Event, type="marketing.lead.contacted"):
    """Somebody tried to reach the lead, or did."""

    summary: AboutIt
    next_contact_on: date | None


class LeadContactDue(Prospect, Event, type="marketing.lead.contact-due"):
    """The day on which a lead was to be contacted again has come."""


class LeadRejected(Prospect, Event, type="marketing.lead.closed"):
    """Nothing comes of the lead, for this reason."""

    reason: AboutIt


class LeadReopened(Prospect, Event, type="marketing.lead.reopened"):
    """A superior thinks that something comes of it after all."""


class LeadTransferred(Prospect, Event, type="marketing.lead.transferred"):
    """Somebody else goes on with the lead."""

    from_owner_id: int


class LeadDeleted(Event, type="marketing.lead.deleted"):
    """The lead was thrown away before anybody called."""

    lead_id: int


class LeadCampaignLinked(Event, type="marketing.lead.campaign-linked"):
    """A lead came of a campaign, or of one more."""

    lead_id: int
    campaign_id: int


class LeadCampaignUnlinked(Event, type="marketing.lead.campaign-unlinked"):
    """A lead did not come of that campaign after all."""

    lead_id: int
    campaign_id: int


class ConversionRequested(Event, type="marketing.lead.conversion-requested"):
    """A lead is to become a customer and a contact; the customer service is asked to take it in."""

    lead_id: int
    company: OfLead
    customer_no: str | None
    full_name: OfLead
    position: OfLead
    phone: OfLead
    mobile: OfLead
    website: OfLead
    address: OfLead
    remarks: Annotated[Sequence[str], free_text(lead="lead_id")]
    owner_id: int
    owner_name: Owner


class LeadConverted(Prospect, Event, type="marketing.lead.converted"):
    """The lead is a customer with a contact now, and perhaps there is a deal."""

    customer_no: str
    contact_id: int | None
    deal_id: int | None
    campaign_ids: Sequence[int]
    converted_at: datetime


class ConversionFailed(Prospect, Event, type="marketing.lead.conversion-failed"):
    """The lead could not become a customer, for this reason, and is open again."""

    reason: AboutIt


class LeadRelinked(Prospect, Event, type="marketing.lead.relinked"):
    """The customer that the lead became is part of another one now."""

    customer_no: str


class CompanyKnown(Conflict):
    """A customer has the name of this lead's company; say that it is meant, or correct the name."""

    customer_no: str


lead_campaign = sa.Table(
    "sal_lead_campaign",
    Base.metadata,
    sa.Column("lead_id", sa.ForeignKey("sal_lead.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("campaign_id", sa.ForeignKey("sal_campaign.id"), primary_key=True, index=True),
)
"""Which campaigns a lead came of; each once."""


class Lead(Erasable, Aggregate, Base):
    """The aggregate."""

    __tablename__ = "sal_lead"
    __table_args__ = (
        sa.Index("sal_lead_newest", "created_at", "id"),
        sa.Index("sal_lead_of_owner", "owner_id", "status", "created_at"),
        sa.Index("sal_lead_to_contact", "next_contact_on", "reminded_on"),
    )
    noun = "lead"
    machine = LIFE_CYCLE
    owners = ("owner_id",)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    full_name: Mapped[str] = mapped_column(sa.String(50), info=OF_LEAD)
    salutation: Mapped[str] = mapped_column(sa.String(20), default="", info=OF_LEAD)
    company: Mapped[str] = mapped_column(sa.String(100), index=True, info=OF_LEAD)
    job: Mapped[str] = mapped_column(sa.String(50), default="", info=OF_LEAD)
    email: Mapped[str] = mapped_column(sa.String(100), default="", info=OF_LEAD)
    phone: Mapped[str] = mapped_column(sa.String(50), default="", index=True, info=OF_LEAD)
    mobile: Mapped[str] = mapped_column(sa.String(50), default="", info=OF_LEAD)
    website: Mapped[str] = mapped_column(sa.String(200), default="", info=OF_LEAD)
    source: Mapped[str] = mapped_column(sa.String(50), default="", index=True, info=ABOUT_IT)
    status: Mapped[int] = mapped_column(sa.Integer, index=True)
    description: Mapped[str] = mapped_column(sa.String(2000), default="", info=ABOUT_IT)
    contact_summary: Mapped[str] = mapped_column(sa.String(500), default="", info=ABOUT_IT)
    next_contact_on: Mapped[date | None] = mapped_column(sa.Date)
    reminded_on: Mapped[date | None] = mapped_column(sa.Date)
    address: Mapped[str] = mapped_column(sa.String(300), default="", info=OF_LEAD)
    owner_id: Mapped[int] = mapped_column(sa.BigInteger)
    owner_name: Mapped[str] = mapped_column(sa.String(50), info=personal_column(user="owner_id"))
    created_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(500), default="", info=ABOUT_IT)
    customer_no: Mapped[str | None] = mapped_column(sa.String(17))
    contact_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    deal_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    converted_at: Mapped[datetime | None]

    @classmethod
    def begin(cls, fields: Mapping[str, Any], *, by: Principal, at: datetime) -> Lead:
        """A new lead that nobody has called."""
        blank = dict.fromkeys(("salutation", "job", "email", "phone", "mobile", "website", "source"), "")
        more = dict.fromkeys(("description", "contact_summary", "address", "reason"), "")
        whose = {"owner_id": by.user_id, "owner_name": by.name, "created_at": at}
        return cls(**{**blank, **more, **fields}, **whose, status=Status.NOT_CONTACTED)

    def created(self) -> LeadCreated:
        return LeadCreated(**self._prospect(), created_at=self.created_at)

    def edit(self, fields: Mapping[str, Any]) -> LeadEdited | None:
        LIFE_CYCLE.must_be_able("edit", self)
        if fields.get("next_contact_on", self.next_contact_on) != self.next_contact_on:
            fields = {**fields, "reminded_on": None}
        return LeadEdited(**self._prospect()) if self.change(**fields) else None

    def try_to_reach(self) -> LeadContacted:
        """Somebody called and reached nobody."""
        LIFE_CYCLE.must_be_able("try", self)
        self.status = Status.ATTEMPTED
        return self._contacted()

    def contact(self, *, status: int, summary: str, next_contact_on: date | None) -> LeadContacted:
        """Somebody reached the lead; "in future" needs a day. Raises Invalid."""
        LIFE_CYCLE.must_be_able("contact", self)
        if status not in REACHED:
            raise wrong_field("/status", "Contacted is 3, contact in future 2, needs conditions 7")
        if status == Status.FUTURE and next_contact_on is None:
            raise wrong_field("/next_contact_on", "Say when to contact the lead")
        self.status, self.contact_summary = Status(status), summary
        self.next_contact_on, self.reminded_on = next_contact_on, None
        return self._contacted()

    def reject(self, *, status: int, reason: str) -> LeadRejected:
        """False, or lost; the reason stays. Raises Invalid."""
        LIFE_CYCLE.must_be_able("reject", self)
        if status not in REJECTED:
            raise wrong_field("/status", "A false lead is 4, a lost one 5")
        self.status, self.reason = Status(status), reason
        return LeadRejected(**self._prospect(), reason=reason)

    def reopen(self) -> LeadReopened:
        LIFE_CYCLE.must_be_able("reopen", self)
        self.status, self.reason = Status.CONTACTED, ""
        return LeadReopened(**self._prospect())

    def transfer(self, *, to_id: int, to_name: str) -> LeadTransferred | None:
        LIFE_CYCLE.must_be_able("transfer", self)
        before = self.owner_id
        if not self.change(owner_id=to_id, owner_name=to_name):
            return None
        return LeadTransferred(**self._prospect(), from_owner_id=before)

    def delete(self) -> LeadDeleted:
        LIFE_CYCLE.must_be_able("delete", self)
        return LeadDeleted(lead_id=self.id)

    def relink(self, customer_no: str) -> LeadRelinked | None:
        """Follow its customer into the file that it became part of."""
        return (
            LeadRelinked(**self._prospect(), customer_no=customer_no) if self.change(customer_no=customer_no) else None
        )

    def convert(self, *, customer_no: str | None, remarks: Sequence[str]) -> ConversionRequested:
        """Ask the customer service to take it in; until it answers, nothing can be changed."""
        LIFE_CYCLE.must_be_able("convert", self)
        self.status = Status.CONVERTING
        return self.request_conversion(customer_no=customer_no, remarks=remarks)

    def request_conversion(self, *, customer_no: str | None, remarks: Sequence[str]) -> ConversionRequested:
        card = {name: getattr(self, name) for name in ("company", "full_name", "phone", "mobile", "website", "address")}
        return ConversionRequested(
            lead_id=self.id,
            customer_no=customer_no,
            position=self.job,
            remarks=tuple(remarks),
            owner_id=self.owner_id,
            owner_name=self.owner_name,
            **card,
        )

    def become_customer(
        self,
        *,
        customer_no: str,
        contact_id: int | None,
        deal_id: int | None,
        campaign_ids: Sequence[int],
        at: datetime,
    ) -> LeadConverted:
        LIFE_CYCLE.must_be_able("become-customer", self)
        self.status, self.converted_at = Status.CONVERTED, at
        self.customer_no, self.contact_id, self.deal_id = customer_no, contact_id, deal_id
        return LeadConverted(
            **self._prospect(),
            customer_no=customer_no,
            contact_id=contact_id,
            deal_id=deal_id,
            campaign_ids=tuple(campaign_ids),
            converted_at=at,
        )

    def come_back(self, *, reason: str) -> ConversionFailed:
        """It could not become a customer; somebody has to do something about it."""
        LIFE_CYCLE.must_be_able("come-back", self)
        self.status, self.reason = Status.CONTACTED, reason
        return ConversionFailed(**self._prospect(), reason=reason)

    def remind(self, *, on: date) -> LeadContactDue:
        self.reminded_on = on
        return LeadContactDue(**self._prospect())

    def _contacted(self) -> LeadContacted:
        return LeadContacted(**self._prospect(), summary=self.contact_summary, next_contact_on=self.next_contact_on)

    def _prospect(self) -> dict[str, Any]:
        said = {name: getattr(self, name) for name in ("full_name", "company", "source", "owner_id", "owner_name")}
        return {"lead_id": self.id, "status_code": int(self.status), **said}
