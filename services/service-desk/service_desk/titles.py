"""What columns are called in the files of this service: Chinese and English, each word once."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.titles import Title

TITLES: Mapping[str, Title] = {
    "kind": ("服务类型", "Kind"),
    "requests.title": ("概要", "Title"),
    "customer_no": ("客户编号", "Customer no."),
    "customer_name": ("客户名称", "Customer name"),
    "assignee_id": ("分配对象编号", "Assignee id"),
    "assignee_name": ("分配给", "Assignee"),
    "allocated_at": ("分配时间", "Allocated at"),
    "handler_id": ("处理人编号", "Handler id"),
    "handler_name": ("处理人", "Handler"),
    "handled_at": ("处理时间", "Handled at"),
    "satisfaction": ("满意度", "Satisfaction"),
    "archived_at": ("归档时间", "Archived at"),
    "answer_by": ("应答期限", "Answer by"),
    "due_at": ("到期时间", "Due at"),
    "answered_at": ("应答时间", "Answered at"),
    "overdue_at": ("逾期时间", "Overdue at"),
    "complaint_no": ("投诉编号", "Complaint no."),
    "severity": ("严重程度", "Severity"),
    "entered_at": ("登记时间", "Entered at"),
    "closed_at": ("关闭时间", "Closed at"),
    "subject": ("主题", "Subject"),
    "contact_name": ("联系人", "Contact"),
    "deal_id": ("交易编号", "Deal id"),
    "request_id": ("服务编号", "Request id"),
    "complaint_id": ("投诉内部编号", "Complaint id"),
    "planned_for": ("计划时间", "Planned for"),
    "priority": ("优先级", "Priority"),
    "remind_at": ("提醒时间", "Remind at"),
    "reminded_at": ("已提醒于", "Reminded at"),
    "done_at": ("完成于", "Done at"),
    "noun": ("记录类型", "Kind of record"),
    "code": ("代码", "Code"),
    "about": ("适用于", "About"),
    "answer_minutes": ("应答分钟数", "Minutes to answer"),
    "settle_minutes": ("解决分钟数", "Minutes to settle"),
}
