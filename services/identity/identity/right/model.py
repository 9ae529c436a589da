"""Rights as a tree: modules, functions as the menus show them, and below each its operations; and who has them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from chassis.events import Event
from chassis.problems import Conflict
from chassis.transaction import Aggregate
from identity.base import Base

ROOT = "ROOT_MENU"
FOLDER, DOCUMENT, OPERATION = "Folder", "Document", "Operation"
FOLDERS = (
    ("L01", "营销管理", "Marketing management"),
    ("L02", "客户管理", "Customer management"),
    ("L03", "服务管理", "Service management"),
    ("L04", "统计报表", "Statistical reports"),
    ("L05", "基础数据", "Base data"),
    ("L06", "权限管理", "Authority management"),
)
DOCUMENTS = (
    ("L0101", "销售机会管理", "Sales opportunity management"),
    ("L0102", "客户开发计划", "Customer development plan"),
    ("L0103", "市场活动", "Campaigns"),
    ("L0104", "线索", "Leads"),
    ("L0105", "交易", "Deals"),
    ("L0106", "销售预测与目标", "Forecast and targets"),
    ("L0107", "任务与日程", "Tasks and calendar"),
    ("L0108", "营销计划", "Marketing plans"),
    ("L0201", "客户信息管理", "Customer information management"),
    ("L0202", "客户流失管理", "Customer loss management"),
    ("L0301", "服务创建", "Service creation"),
    ("L0302", "服务分配", "Service allocation"),
    ("L0303", "服务处理", "Service handling"),
    ("L0304", "服务反馈", "Service feedback"),
    ("L0305", "服务归档", "Service archive"),
    ("L0306", "客户投诉", "Complaints"),
    ("L0307", "客户回访", "Return visits"),
    ("L0308", "服务承诺", "Service promises"),
    ("L0401", "客户贡献分析", "Customer contribution analysis"),
    ("L0402", "客户构成分析", "Customer composition analysis"),
    ("L0403", "客户服务分析", "Customer service analysis"),
    ("L0404", "客户流失分析", "Customer loss analysis"),
    ("L0405", "销售业绩分析", "Sales performance analysis"),
    ("L0406", "市场活动效果分析", "Campaign effect analysis"),
    ("L0407", "客户发展分析", "Customer growth analysis"),
    ("L0408", "客户管理报告", "Customer management reports"),
    ("L0501", "数据字典管理", "Data dictionary management"),
    ("L0502", "查询产品信息", "Product query"),
    ("L0503", "查询库存", "Stock query"),
    ("L0504", "编号规则", "Numbering rules"),
    ("L0601", "用户管理", "User management"),
    ("L0602", "角色管理", "Role management"),
    ("L0603", "事件总线管理", "Event bus management"),
    ("L0604", "组织机构管理", "Organisation management"),
    ("L0605", "审计日志", "Audit log"),
    ("L0606", "外部通知管理", "Webhook management"),
    ("L0607", "个人数据管理", "Personal data management"),
)
ADMINISTRATION = "L06"
"""Never switched off: who could switch it on again?"""
ADMIN, SUPERVISOR, MANAGER, EXECUTIVE = "administrator", "supervisor", "account-manager", "executive"
MARKETER, JUNIOR_SALES, SENIOR_SALES = "marketer", "junior-sales", "senior-sales"
SERVICE_CLERK = "service-clerk"
PLANNERS = (SUPERVISOR, MANAGER, MARKETER, SENIOR_SALES)
SALES_SIDE = (MARKETER, JUNIOR_SALES, SENIOR_SALES, SERVICE_CLERK)
SELLERS = (SUPERVISOR, MANAGER, EXECUTIVE, JUNIOR_SALES, SENIOR_SALES)
OPERATIONS = (
    ("L0101", "opportunity:read", "查看销售机会", "See opportunities", (SUPERVISOR, MANAGER)),
    ("L0101", "opportunity:create", "创建销售机会", "Create and edit opportunities", (SUPERVISOR, MANAGER)),
    ("L0101", "opportunity:assign", "指派销售机会", "Assign opportunities", (SUPERVISOR,)),
    ("L0101", "opportunity:develop", "结束客户开发", "Win or stop opportunities", (SUPERVISOR, MANAGER)),
    ("L0101", "opportunity:import", "导入销售机会", "Import opportunities", (SUPERVISOR,)),
    ("L0102", "plan:read", "查看开发计划", "See development plans", (SUPERVISOR, MANAGER)),
    ("L0102", "plan:write", "制定开发计划", "Make development plans", (SUPERVISOR, MANAGER)),
    ("L0102", "plan:execute", "执行开发计划", "Record what came of a plan", (MANAGER,)),
    (
        "L0103",
        "campaign:read",
        "查看市场活动",
        "See campaigns",
        (SUPERVISOR, MANAGER, MARKETER, JUNIOR_SALES, SENIOR_SALES),
    ),
    ("L0103", "campaign:write", "维护市场活动", "Plan and run campaigns", (SUPERVISOR, MANAGER, MARKETER)),
    ("L0103", "campaign:approve", "审批市场活动", "Approve campaigns", (SUPERVISOR,)),
    ("L0104", "lead:read", "查看线索", "See leads", (SUPERVISOR, MANAGER, MARKETER, JUNIOR_SALES, SENIOR_SALES)),
    ("L0104", "lead:write", "维护线索", "Maintain leads", (SUPERVISOR, MANAGER, MARKETER, JUNIOR_SALES, SENIOR_SALES)),
    ("L0104", "lead:convert", "转换线索", "Convert leads", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0104", "lead:import", "导入线索", "Import leads", (SUPERVISOR, MANAGER, MARKETER, JUNIOR_SALES)),
    ("L0104", "lead:transfer", "转移线索", "Transfer leads", (SUPERVISOR,)),
    ("L0104", "lead:reopen", "重新打开线索", "Reopen leads", (SUPERVISOR,)),
    ("L0105", "deal:read", "查看交易", "See deals", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0105", "deal:write", "维护交易", "Maintain, win and lose deals", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0105", "deal:transfer", "转移交易", "Transfer deals", (SUPERVISOR,)),
    ("L0105", "pipeline:read", "查看销售流程", "See sales processes", (ADMIN, SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0105", "pipeline:write", "维护销售流程", "Change sales processes", (ADMIN,)),
    ("L0106", "target:read", "查看销售目标", "See targets", (SUPERVISOR, MANAGER, EXECUTIVE, SENIOR_SALES)),
    ("L0106", "target:write", "设定销售目标", "Set targets", (SUPERVISOR,)),
    ("L0106", "forecast:read", "查看销售预测", "See the forecast", (SUPERVISOR, MANAGER, EXECUTIVE, SENIOR_SALES)),
    ("L0106", "forecast:write", "填报销售预测", "State a forecast", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0107", "task:read", "查看任务", "See tasks and the calendar", (SUPERVISOR, MANAGER, *SALES_SIDE)),
    ("L0107", "task:write", "维护任务", "Maintain tasks", (SUPERVISOR, MANAGER, *SALES_SIDE)),
    ("L0108", "marketing-plan:read", "查看营销计划", "See marketing plans", PLANNERS),
    ("L0108", "marketing-plan:write", "提交营销计划", "Make and submit marketing plans", PLANNERS),
    ("L0108", "marketing-plan:approve", "审核营销计划", "Review marketing plans", (SUPERVISOR,)),
    ("L0108", "marketing-plan:execute", "执行营销计划", "Check in against marketing plans", PLANNERS),
    ("L0108", "marketing-plan:feedback", "反馈营销计划", "Say what came of marketing plans", PLANNERS),
    ("L0201", "customer:read", "查看客户", "See customers", (SUPERVISOR, MANAGER, SENIOR_SALES, SERVICE_CLERK)),
    ("L0201", "customer:write", "维护客户信息", "Maintain customers", (MANAGER, SENIOR_SALES)),
    ("L0201", "customer:tag", "为客户设置标签", "Tag customers", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    (
        "L0201",
        "customer:release",
        "将客户放入公海",
        "Release customers into the pool",
        (SUPERVISOR, MANAGER, SENIOR_SALES),
    ),
    ("L0201", "pool:read", "查看公海客户", "See the pool", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0201", "pool:claim", "领取公海客户", "Claim customers from the pool", (MANAGER, SENIOR_SALES)),
    ("L0201", "customer:merge", "合并客户", "Merge customers", (SUPERVISOR, MANAGER)),
    ("L0201", "customer:transfer", "转移客户", "Transfer customers", (SUPERVISOR,)),
    ("L0201", "bin:read", "查看回收站", "See the recycle bin", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0201", "bin:restore", "从回收站恢复", "Restore from the recycle bin", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0201", "bin:purge", "从回收站彻底删除", "Purge what is in the recycle bin", (SUPERVISOR,)),
    ("L0201", "customer:import", "导入客户", "Import customers", (SUPERVISOR,)),
    ("L0201", "contact:read", "查看联系人", "See contacts", (SUPERVISOR, MANAGER, SENIOR_SALES, SERVICE_CLERK)),
    ("L0201", "contact:write", "维护联系人", "Maintain contacts", (MANAGER, SENIOR_SALES)),
    ("L0201", "activity:read", "查看交往记录", "See contact records", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0201", "activity:write", "维护交往记录", "Maintain contact records", (MANAGER, SENIOR_SALES)),
    ("L0201", "order:read", "查看历史订单", "See orders", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0201", "order:import", "导入订单", "Import orders", (SUPERVISOR,)),
    ("L0201", "order:write", "录入和跟进订单", "Enter and follow orders", (SUPERVISOR, MANAGER)),
    ("L0201", "order:attach", "为订单上传附件", "Attach files to orders", (SUPERVISOR, MANAGER)),
    ("L0201", "payment:read", "查看回款", "See payments and receivables", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0201", "payment:write", "登记回款", "Record payments", (SUPERVISOR, MANAGER)),
    ("L0202", "loss:read", "查看客户流失", "See losses", (SUPERVISOR, MANAGER)),
    ("L0202", "loss:handle", "暂缓或确认流失", "Delay or confirm a loss", (MANAGER,)),
    ("L0301", "request:create", "创建服务", "Create service requests", (MANAGER, SERVICE_CLERK)),
    ("L0302", "request:allocate", "分配服务", "Allocate service requests", (SUPERVISOR,)),
    ("L0302", "request:delete", "删除服务", "Delete service requests", (SUPERVISOR, MANAGER)),
    ("L0303", "request:handle", "处理服务", "Handle service requests", (MANAGER, SERVICE_CLERK)),
    ("L0303", "request:attach", "为服务上传附件", "Attach to service requests", (SUPERVISOR, MANAGER, SERVICE_CLERK)),
    ("L0304", "request:feedback", "反馈服务", "Record the customer's feedback", (MANAGER, SERVICE_CLERK)),
    ("L0305", "request:read", "查看服务", "See service requests", (SUPERVISOR, MANAGER, SERVICE_CLERK)),
    ("L0306", "complaint:read", "查看投诉", "See complaints", (SUPERVISOR, MANAGER, SERVICE_CLERK)),
    ("L0306", "complaint:create", "登记投诉", "Enter complaints", (SUPERVISOR, MANAGER, SERVICE_CLERK)),
    ("L0306", "complaint:assign", "分派投诉", "Assign complaints", (SUPERVISOR,)),
    ("L0306", "complaint:handle", "处理投诉", "Handle complaints", (MANAGER, SERVICE_CLERK)),
    ("L0306", "complaint:visit", "投诉回访", "Ask complainants", (SUPERVISOR, MANAGER, SERVICE_CLERK)),
    ("L0306", "complaint:close", "关闭投诉", "Close complaints", (SUPERVISOR,)),
    ("L0307", "visit:read", "查看回访", "See return visits", (SUPERVISOR, MANAGER, SERVICE_CLERK)),
    ("L0307", "visit:write", "安排和完成回访", "Plan and make return visits", (SUPERVISOR, MANAGER, SERVICE_CLERK)),
    ("L0307", "visit:assign", "指派回访", "Let others make return visits", (SUPERVISOR,)),
    ("L0308", "promise:read", "查看服务承诺", "See service promises", (ADMIN, SUPERVISOR, MANAGER, SERVICE_CLERK)),
    ("L0308", "promise:write", "维护服务承诺", "Change service promises", (ADMIN, SUPERVISOR)),
    ("L0401", "report:contribution", "客户贡献分析", "Analyse contribution", (SUPERVISOR, EXECUTIVE)),
    ("L0401", "report:sales", "销售统计", "Analyse sales", (SUPERVISOR, EXECUTIVE)),
    ("L0402", "report:composition", "客户构成分析", "Analyse composition", (SUPERVISOR, EXECUTIVE)),
    ("L0403", "report:service", "客户服务分析", "Analyse service", (SUPERVISOR, EXECUTIVE, SERVICE_CLERK)),
    ("L0404", "report:loss", "客户流失分析", "Analyse losses", (SUPERVISOR, EXECUTIVE)),
    ("L0405", "report:performance", "销售业绩分析", "Analyse sales performance", SELLERS),
    ("L0406", "report:campaign", "市场活动效果分析", "Analyse campaign effect", (SUPERVISOR, EXECUTIVE, MARKETER)),
    ("L0407", "report:growth", "客户发展分析", "Analyse customer growth", (SUPERVISOR, EXECUTIVE)),
    ("L0408", "management-report:read", "查看客户管理报告", "Read management reports", (SUPERVISOR, EXECUTIVE)),
    ("L0408", "management-report:submit", "提交客户管理报告", "Submit management reports", (SUPERVISOR,)),
    ("L0501", "dictionary:read", "查看数据字典", "See the dictionary", (ADMIN, SUPERVISOR, MANAGER, *SALES_SIDE)),
    ("L0501", "dictionary:write", "维护数据字典", "Maintain the dictionary", (ADMIN,)),
    ("L0502", "product:read", "查询产品", "See products", (SUPERVISOR, MANAGER, SENIOR_SALES, SERVICE_CLERK)),
    ("L0502", "product:import", "导入产品", "Import products", (SUPERVISOR,)),
    ("L0502", "product:write", "维护产品", "Maintain products", (SUPERVISOR,)),
    ("L0503", "stock:read", "查询库存", "See stock", (SUPERVISOR, MANAGER, SENIOR_SALES)),
    ("L0503", "stock:import", "导入库存", "Import stock", (SUPERVISOR,)),
    ("L0503", "stock:write", "调整库存", "Correct stock", (SUPERVISOR,)),
    ("L0504", "numbering:read", "查看编号规则", "See numbering rules", (ADMIN,)),
    ("L0504", "numbering:write", "维护编号规则", "Change numbering rules", (ADMIN,)),
    ("L0601", "user:read", "查看用户", "See users", (ADMIN,)),
    ("L0601", "user:write", "维护用户", "Maintain users", (ADMIN,)),
    ("L0602", "role:read", "查看角色", "See roles and rights", (ADMIN,)),
    ("L0602", "role:write", "维护角色", "Maintain roles", (ADMIN,)),
    ("L0603", "flow:read", "查看长流程", "See long flows", (ADMIN,)),
    ("L0603", "flow:operate", "重试或取消长流程", "Retry or cancel long flows", (ADMIN,)),
    ("L0603", "bus:read", "查看事件总线", "See the event bus and what is parked", (ADMIN,)),
    ("L0603", "bus:operate", "处理搁置事件，暂停或恢复消费", "Deal with parked events, pause and resume", (ADMIN,)),
    ("L0604", "unit:read", "查看组织机构", "See the organisation", (ADMIN,)),
    ("L0604", "unit:write", "维护组织机构", "Maintain the organisation", (ADMIN,)),
    ("L0605", "audit:read", "查看审计日志", "Read the audit log", (ADMIN,)),
    ("L0606", "webhook:read", "查看外部通知", "See webhooks and their deliveries", (ADMIN,)),
    ("L0606", "webhook:write", "维护外部通知", "Maintain webhooks", (ADMIN,)),
    ("L0607", "personal-data:erase", "删除个人数据", "Erase a person's data", (ADMIN,)),
    ("L0607", "personal-data:export", "导出个人数据", "Export a person's data", (ADMIN,)),
)
"""Function, code, texts, and the built-in roles that have it."""

BUILT_IN_ROLES = (
    (ADMIN, "系统管理员", "System administrator", "all"),
    (SUPERVISOR, "销售主管", "Sales supervisor", "all"),
    (MANAGER, "客户经理", "Account manager", "own"),
    (EXECUTIVE, "高管", "Executive", "all"),
    (MARKETER, "营销专员", "Marketing specialist: campaigns, leads, marketing plans", "all"),
    (JUNIOR_SALES, "初级销售", "Junior sales: leads", "own"),
    (SENIOR_SALES, "高级销售", "Senior sales: deals, customers, contacts", "subtree"),
    (SERVICE_CLERK, "服务专员", "Service clerk: requests, complaints, visits", "all"),
)
"""Code, name, description, and whose records the role sees."""


BUILT_IN = frozenset(code for code, *_ in BUILT_IN_ROLES)


class RightSwitchedOff(Event, type="identity.right.switched-off", key="code"):
    """A module or a function is closed to everybody, whatever roles may do."""

    code: str


class RightSwitchedOn(Event, type="identity.right.switched-on", key="code"):
    """A module or a function is open again to those who have its rights."""

    code: str


class CannotBeSwitched(Conflict):
    """Only modules and functions are switched, and administration always stays on."""

    code: str


class Right(Aggregate, Base):
    """One entry of the tree; routes ask for the codes of operations, such as ``opportunity:assign``."""

    __tablename__ = "sys_right"
    noun = "right"

    code: Mapped[str] = mapped_column(sa.String(50), primary_key=True)
    parent_code: Mapped[str] = mapped_column(sa.String(50), index=True)
    right_type: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.String(50))
    text_en: Mapped[str] = mapped_column(sa.String(100))
    position: Mapped[int] = mapped_column(sa.Integer)
    is_on: Mapped[bool] = mapped_column(default=True, server_default="1")
    version: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    """No event tells of its beginning: the product brings it along. So the first switch is the first version."""

    def switch_off(self) -> RightSwitchedOff | None:
        self._must_be_switchable()
        return RightSwitchedOff(code=self.code) if self.change(is_on=False) else None

    def switch_on(self) -> RightSwitchedOn | None:
        self._must_be_switchable()
        return RightSwitchedOn(code=self.code) if self.change(is_on=True) else None

    def _must_be_switchable(self) -> None:
        if self.right_type == OPERATION or self.code.startswith(ADMINISTRATION):
            raise CannotBeSwitched(code=self.code)


def tree() -> list[dict[str, object]]:
    """Every entry of the tree, in the order of the menus."""
    folders = [_entry(code, ROOT, FOLDER, text, english) for code, text, english in FOLDERS]
    documents = [_entry(code, code[:3], DOCUMENT, text, english) for code, text, english in DOCUMENTS]
    operations = [_entry(code, above, OPERATION, text, english) for above, code, text, english, _ in OPERATIONS]
    entries = [*folders, *documents, *operations]
    return [entry | {"position": position} for position, entry in enumerate(entries)]


def matrix() -> dict[str, set[str]]:
    """The operations of each built-in role."""
    granted: dict[str, set[str]] = {code: set() for code, *_ in BUILT_IN_ROLES}
    for _, code, _, _, roles in OPERATIONS:
        for role in roles:
            granted[role].add(code)
    return granted


def operations() -> set[str]:
    """The codes of everything that can be granted."""
    return {code for _, code, *_ in OPERATIONS}


def _entry(code: str, parent: str, kind: str, text: str, english: str) -> dict[str, object]:
    return {"code": code, "parent_code": parent, "right_type": kind, "text": text, "text_en": english}
