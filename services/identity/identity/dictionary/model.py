"""The dictionary: what a form offers to choose from, and small settings that administrators change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import BigId
from chassis.events import Event
from chassis.problems import Conflict, wrong_field
from chassis.transaction import Aggregate
from identity.base import Base

CUSTOMER_LEVEL, REGION, SERVICE_TYPE = "customer level", "region", "service type"
OPPORTUNITY_SOURCE, LOSS_RULE = "opportunity source", "loss rule"
SALUTATION, DEAL_KIND, CAMPAIGN_KIND, IDLE_DAYS = "salutation", "deal kind", "campaign kind", "idle days"
CUSTOMER_TAG = "customer tag"
VISIT_PLAN_KIND, PROMOTION_PLAN_KIND, PLAN_COST_LIMIT = "visit plan kind", "promotion plan kind", "plan cost limit"
POOL_IDLE, POOL_HOLDING = "pool idle days", "pool holding limit"
POOL_DAILY, POOL_COOLING = "pool daily limit", "pool cooling days"
DUPLICATE_CHECK, BIN_DAYS = "duplicate check", "bin days"
PROTECTED_KINDS = (CUSTOMER_LEVEL,)
"""Rules count on these values: nothing is added, changed or removed."""
ITEMS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    CUSTOMER_LEVEL: (
        ("1", "普通客户", "Ordinary customer"),
        ("2", "重点开发客户", "Key development customer"),
        ("3", "大客户", "Major customer"),
        ("4", "合作伙伴", "Partner"),
        ("5", "战略合作伙伴", "Strategic partner"),
    ),
    REGION: (
        ("北京", "北京", "Beijing"),
        ("华北", "华北", "North"),
        ("中南", "中南", "Central-South"),
        ("东北", "东北", "North-East"),
        ("西部", "西部", "West"),
        ("华东", "华东", "East"),
        ("华南", "华南", "South"),
        ("华中", "华中", "Central"),
    ),
    SERVICE_TYPE: (
        ("咨询", "咨询", "Consultation"),
        ("投诉", "投诉", "Complaint"),
        ("建议", "建议", "Suggestion"),
    ),
    OPPORTUNITY_SOURCE: (
        ("广告", "广告", "Advertisement"),
        ("推销电话", "推销电话", "Sales call"),
        ("员工介绍", "员工介绍", "Employee referral"),
        ("外部介绍", "外部介绍", "Outside referral"),
        ("在线商场", "在线商场", "Online shop"),
        ("合作伙伴", "合作伙伴", "Partner"),
        ("公开媒介", "公开媒介", "Public media"),
        ("销售邮件", "销售邮件", "Sales mail"),
        ("合作伙伴研讨会", "合作伙伴研讨会", "Partner seminar"),
        ("内部研讨会", "内部研讨会", "Internal seminar"),
        ("交易会", "交易会", "Trade fair"),
        ("web下载", "web下载", "Web download"),
        ("web调研", "web调研", "Web research"),
        ("聊天", "聊天", "Chat"),
    ),
    SALUTATION: (
        ("先生", "先生", "Mr"),
        ("夫人", "夫人", "Mrs"),
        ("女士", "女士", "Ms"),
        ("博士", "博士", "Dr"),
        ("教授", "教授", "Prof"),
    ),
    DEAL_KIND: (("已有业务", "已有业务", "Existing business"), ("新业务", "新业务", "New business")),
    CAMPAIGN_KIND: (
        ("促销", "促销", "Promotion"),
        ("展会", "展会", "Trade fair"),
        ("研讨会", "研讨会", "Seminar"),
        ("邮件", "邮件", "Mailing"),
        ("广告", "广告", "Advertising"),
    ),
    VISIT_PLAN_KIND: (
        ("新客户拜访", "新客户拜访", "Visit to a new customer"),
        ("例行拜访", "例行拜访", "Routine visit"),
        ("催款拜访", "催款拜访", "Visit about a payment"),
        ("售后拜访", "售后拜访", "Visit after a sale"),
    ),
    PROMOTION_PLAN_KIND: (
        ("新品促销", "新品促销", "Promotion of a new product"),
        ("节日促销", "节日促销", "Holiday promotion"),
        ("清仓促销", "清仓促销", "Clearance"),
        ("到货促销", "到货促销", "Promotion of goods that arrived"),
    ),
    PLAN_COST_LIMIT: (("10000.00", "营销计划费用超过多少需要两人审批", "Plans that cost more need two approvals"),),
    CUSTOMER_TAG: (
        ("重点跟进", "重点跟进", "To be followed closely"),
        ("价格敏感", "价格敏感", "Sensitive to price"),
        ("推荐人", "推荐人", "Recommends us to others"),
    ),
    POOL_IDLE: (
        ("0", "多少天没有跟进即放入公海，0 表示不自动放入", "Days alone before a customer goes to the pool; 0: never"),
    ),
    POOL_HOLDING: (("200", "每人最多负责多少客户时仍可领取", "Whoever looks after so many customers claims no more"),),
    POOL_DAILY: (("20", "每人每天最多领取多少客户", "Customers that one may claim on one day"),),
    POOL_COOLING: (("7", "放入公海后原客户经理多少天内不能领取", "Days in which the last manager cannot claim"),),
    DUPLICATE_CHECK: (
        ("warn", "疑似重复客户：off 不检查，warn 提醒，block 禁止", "Likely duplicates: off, warn or block"),
    ),
    BIN_DAYS: (("90", "回收站保留天数，0 表示永久保留", "Days that the recycle bin keeps things; 0: for ever"),),
    IDLE_DAYS: (("14", "多少天没有进展即提醒", "Days without progress before an opportunity counts as idle"),),
    LOSS_RULE: (("6", "多少个月没有订单即预警", "Months without an order before a customer counts as nearly lost"),),
}
"""Kind → (value that records keep, text in Chinese, text in English), in the order in which forms show them."""


class ItemAdded(Event, type="identity.dictionary.item-added", key="item_id"):
    """There is one more value to choose from."""

    item_id: int
    kind: str
    value: str
    text: str
    text_en: str
    position: int
    is_editable: bool
    parent: str = ""


class ItemEdited(Event, type="identity.dictionary.item-edited", key="item_id"):
    """A value is called otherwise, or another value takes its place."""

    item_id: int
    kind: str
    value: str
    text: str
    text_en: str
    position: int
    is_editable: bool
    parent: str = ""


class ItemRemoved(Event, type="identity.dictionary.item-removed", key="item_id"):
    """A value can no longer be chosen; records that have it keep it."""

    item_id: int
    kind: str
    value: str


class ItemProtected(Conflict):
    """The product's rules count on this value; it cannot be changed or removed."""

    kind: str


class ItemHasOthersBelow(Conflict):
    """Other values stand below this one; move or remove them first."""

    value: str


class DictionaryItem(Aggregate, Base):
    """One value of one kind; what is not editable is there for good."""

    __tablename__ = "bas_dict"
    __table_args__ = (sa.UniqueConstraint("kind", "value"),)
    noun = "dictionary"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(50))
    value: Mapped[str] = mapped_column(sa.String(50))
    parent: Mapped[str] = mapped_column(sa.String(50), default="", server_default="")
    text: Mapped[str] = mapped_column(sa.String(50))
    text_en: Mapped[str] = mapped_column(sa.String(100), default="")
    position: Mapped[int] = mapped_column(sa.Integer, default=0)
    is_editable: Mapped[bool] = mapped_column(default=True)

    @classmethod
    def begin(cls, fields: Mapping[str, Any]) -> DictionaryItem:
        """A new item of a kind that people may extend."""
        if fields["kind"] in PROTECTED_KINDS:
            raise ItemProtected(kind=fields["kind"])
        return cls(**{"text_en": "", "position": 0, "parent": "", **fields}, is_editable=True)

    @classmethod
    def built_in(cls, kind: str, position: int) -> DictionaryItem:
        """An item that the product brings along."""
        value, text, english = ITEMS[kind][position]
        words = {"value": value, "text": text, "text_en": english, "parent": ""}
        return cls(kind=kind, position=position, is_editable=kind not in PROTECTED_KINDS, **words)

    def added(self) -> ItemAdded:
        return ItemAdded(**self._said())

    def edit(self, fields: Mapping[str, Any]) -> ItemEdited | None:
        self.must_be_editable()
        return ItemEdited(**self._said()) if self.change(**fields) else None

    def remove(self, *, others_below: int) -> ItemRemoved:
        self.must_be_editable()
        if others_below:
            raise ItemHasOthersBelow(value=self.value)
        return ItemRemoved(item_id=self.id, kind=self.kind, value=self.value)

    def must_be_editable(self) -> None:
        if not self.is_editable:
            raise ItemProtected(kind=self.kind)

    def _said(self) -> dict[str, Any]:
        names = ("kind", "value", "text", "text_en", "position", "is_editable", "parent")
        return {"item_id": self.id} | {name: getattr(self, name) for name in names}


def must_not_circle(value: str, parent: str, parents: Mapping[str, str]) -> None:
    """A value stands below an existing one, and never below itself, not even through others.

    ``parents`` has the parent of every other value of the kind. Raises Invalid.
    """
    above = parent
    while above:
        if above == value:
            raise wrong_field("/parent", "A value cannot stand below itself")
        if above not in parents:
            raise wrong_field("/parent", "There is no such value of this kind")
        above = parents[above]
