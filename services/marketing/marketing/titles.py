"""What columns are called in the files of this service: Chinese and English, each word once."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.titles import Title

TITLES: Mapping[str, Title] = {
    "source": ("机会来源", "Source"),
    "customer_no": ("客户编号", "Customer no."),
    "customer_name": ("客户名称", "Customer name"),
    "opportunities.title": ("概要", "Title"),
    "description": ("机会描述", "Description"),
    "success_rate": ("成功机率", "Success rate"),
    "product": ("产品", "Product"),
    "contact_name": ("联系人", "Contact"),
    "contact_phone": ("联系人电话", "Contact's phone"),
    "assignee_id": ("被指派人编号", "Assignee id"),
    "assignee_name": ("被指派人", "Assignee"),
    "assigned_at": ("指派时间", "Assigned at"),
    "closed_at": ("结束时间", "Closed at"),
    "failure_reason": ("失败原因", "Reason of the failure"),
    "salesperson": ("客户经理登录名", "Salesperson's login"),
    "opportunity_id": ("销售机会编号", "Opportunity id"),
    "planned_for": ("计划日期", "Planned for"),
    "todo": ("计划项", "To do"),
    "result": ("执行效果", "Result"),
    "executed_at": ("执行时间", "Executed at"),
}
