"""What people are told: one declaration per event, whoever says it.

Another one is another entry: the event, whom it concerns, what it says in Chinese and English, and where it leads.
Whatever stands in braces is a field of the event; a test compares it with the contract. See docs/how-to/tell-people.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from identity import notice
from identity.notice import Notice, To, to

NOTICES = (
    # marketing
    Notice("marketing.opportunity.assigned", to("assignee_id"),
           "销售机会「{title}」（{customer_name}）已指派给您",
           "The opportunity “{title}” ({customer_name}) was assigned to you", "/opportunities/{opportunity_id}"),
    Notice("marketing.opportunity.assigned", To(former=["assignee_id"]),
           "销售机会「{title}」（{customer_name}）已转给{assignee_name}",
           "The opportunity “{title}” ({customer_name}) went to {assignee_name}", "/opportunities/{opportunity_id}",
           code="marketing.opportunity.taken"),
    Notice("marketing.opportunity.won", To(above=["manager_id"]),
           "{manager_name}赢得了客户{customer_name}", "{manager_name} won {customer_name}",
           "/opportunities/{opportunity_id}"),
    Notice("marketing.lead.created", to("owner_id"),
           "新线索：{full_name}（{company}）", "A new lead: {full_name} ({company})", "/leads/{lead_id}"),
    Notice("marketing.lead.transferred", to("owner_id"),
           "线索{full_name}（{company}）已转给您", "The lead {full_name} ({company}) was given to you",
           "/leads/{lead_id}"),
    Notice("marketing.lead.transferred", to("from_owner_id"),
           "线索{full_name}（{company}）已转给{owner_name}", "The lead {full_name} ({company}) went to {owner_name}",
           "/leads/{lead_id}", code="marketing.lead.taken"),
    Notice("marketing.lead.contact-due", to("owner_id"),
           "该联系线索{full_name}（{company}）了", "It is time to contact {full_name} ({company})", "/leads/{lead_id}"),
    Notice("marketing.lead.conversion-failed", to("owner_id"),
           "线索{full_name}（{company}）转换失败：{reason}",
           "The lead {full_name} ({company}) could not be converted: {reason}", "/leads/{lead_id}"),
    Notice("marketing.deal.transferred", to("owner_id"),
           "交易「{name}」（{customer_name}）已转给您", "The deal “{name}” ({customer_name}) was given to you",
           "/deals/{deal_id}"),
    Notice("marketing.deal.transferred", to("from_owner_id"),
           "交易「{name}」（{customer_name}）已转给{owner_name}",
           "The deal “{name}” ({customer_name}) went to {owner_name}",
           "/deals/{deal_id}", code="marketing.deal.taken"),
    Notice("marketing.deal.won", To(fields=["owner_id"], above=["owner_id"]),
           "{owner_name}赢得了交易「{name}」（{customer_name}，{amount_minor} {currency}）",
           "{owner_name} won “{name}” ({customer_name}, {amount_minor} {currency})", "/deals/{deal_id}"),
    Notice("marketing.deal.lost", To(above=["owner_id"]),
           "{owner_name}丢失了交易「{name}」（{customer_name}）：{reason}",
           "{owner_name} lost “{name}” ({customer_name}): {reason}", "/deals/{deal_id}"),
    Notice("marketing.campaign.submitted", To(holders="campaign:approve"),
           "市场活动「{name}」待审批（{owner_name}）", "The campaign “{name}” waits for approval ({owner_name})",
           "/campaigns/{campaign_id}"),
    Notice("marketing.campaign.approved", to("owner_id"),
           "市场活动「{name}」已批准", "The campaign “{name}” was approved", "/campaigns/{campaign_id}"),
    Notice("marketing.campaign.rejected", to("owner_id"),
           "市场活动「{name}」被退回：{note}", "The campaign “{name}” was sent back: {note}",
           "/campaigns/{campaign_id}"),
    Notice("marketing.task.added", to("owner_id"),
           "新任务「{title}」，截止 {due_at}", "A new task, “{title}”, due {due_at}", "/tasks/{task_id}"),
    Notice("marketing.task.due", to("owner_id"),
           "任务「{title}」到期（{due_at}）", "The task “{title}” is due ({due_at})", "/tasks/{task_id}"),
    Notice("marketing.task.done", to("creator_id"),
           "任务「{title}」已完成（{owner_name}）", "The task “{title}” is done ({owner_name})", "/tasks/{task_id}"),
    Notice("marketing.flow.stuck", To(holders="flow:operate"),
           "长流程{flow_id}停滞：等待{waiting_for}", "The flow {flow_id} is stuck: it waits for {waiting_for}",
           "/flows/{flow_id}", key="notice_id"),
    # customer
    Notice("customer.loss.alerted", to("manager_id"),
           "流失预警：{customer_name}已{months}个月没有订单",
           "{customer_name} may leave: no order for {months} months", "/losses/{loss_id}"),
    Notice("customer.loss.confirmed", To(above=["manager_id"]),
           "{manager_name}确认客户{customer_name}流失：{reason}",
           "{manager_name} gave {customer_name} up: {reason}", "/losses/{loss_id}"),
    Notice("customer.loss.recovered", To(fields=["manager_id"], above=["manager_id"]),
           "客户{customer_name}重新下单", "{customer_name} buys again", "/losses/{loss_id}"),
    Notice("customer.customer.released", to("from_manager_id"),
           "客户{name}已进入公海：{reason}", "{name} went to the pool: {reason}", "/customers/pool/{customer_no}",
           key="customer_no"),
    Notice("customer.customer.transferred", to("manager_id"),
           "客户{name}已转给您：{reason}", "{name} was given to you: {reason}", "/customers/{customer_no}",
           key="customer_no"),
    Notice("customer.customer.transferred", to("from_manager_id"),
           "客户{name}已转给{manager_name}：{reason}", "{name} went to {manager_name}: {reason}",
           "/customers/{customer_no}", key="customer_no", code="customer.customer.taken"),
    # service desk
    Notice("service-desk.request.allocated", to("assignee_id"),
           "服务请求 {request_id}（{kind}）已分配给您", "Request {request_id} ({kind}) was allocated to you",
           "/requests/{request_id}"),
    Notice("service-desk.request.reopened", to("assignee_id"),
           "服务请求 {request_id} 需要重新处理：{result}", "Request {request_id} is back: {result}",
           "/requests/{request_id}"),
    Notice("service-desk.request.overdue", to("assignee_id", "escalated_to_id"),
           "服务请求「{title}」（{customer_name}）已超时", "The request “{title}” ({customer_name}) is overdue",
           "/requests/{request_id}"),
    Notice("service-desk.complaint.entered", To(holders="complaint:assign"),
           "新投诉 {complaint_no}：{title}（{customer_name}）", "Complaint {complaint_no}: {title} ({customer_name})",
           "/complaints/{complaint_id}"),
    Notice("service-desk.complaint.assigned", to("assignee_id"),
           "投诉 {complaint_no}「{title}」已分派给您", "Complaint {complaint_no}, “{title}”, was assigned to you",
           "/complaints/{complaint_id}"),
    Notice("service-desk.complaint.returned", to("assignee_id"),
           "客户对投诉 {complaint_no} 的处理不满意：{result}",
           "The customer is not content with complaint {complaint_no}: {result}", "/complaints/{complaint_id}"),
    Notice("service-desk.complaint.overdue", to("assignee_id", "escalated_to_id"),
           "投诉 {complaint_no}「{title}」已超时", "Complaint {complaint_no}, “{title}”, is overdue",
           "/complaints/{complaint_id}"),
    Notice("service-desk.complaint.closed", to("creator_id"),
           "投诉 {complaint_no}「{title}」已关闭", "Complaint {complaint_no}, “{title}”, is closed",
           "/complaints/{complaint_id}"),
    Notice("service-desk.visit.planned", to("owner_id"),
           "新回访：{subject}（{customer_name}），{planned_for}",
           "A return visit is planned: {subject} ({customer_name}), {planned_for}", "/visits/{visit_id}"),
    Notice("service-desk.visit.due", to("owner_id"),
           "回访到期：{subject}（{customer_name}）", "A return visit is due: {subject} ({customer_name})",
           "/visits/{visit_id}"),
)  # fmt: skip
BY_NAME: Mapping[str, Notice] = {one.name: one for one in NOTICES}


def texts(code: str, parameters: Mapping[str, Any]) -> tuple[str, str]:
    """What a notification says in Chinese and in English; one that the product no longer knows says its code."""
    known = BY_NAME.get(code)
    return notice.texts(known, parameters) if known else (code, code)
