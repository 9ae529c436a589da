"""What columns are called in the files of this service: Chinese and English, each word once."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.titles import Title

TITLES: Mapping[str, Title] = {
    "customer_no": ("客户编号", "Customer no."),
    "customer_name": ("客户名称", "Customer name"),
    "manager_id": ("客户经理编号", "Manager id"),
    "manager_name": ("客户经理", "Manager"),
    "orders": ("订单数", "Orders"),
    "credit_notes": ("退单数", "Credit notes"),
    "composition.value": ("构成项", "Part"),
    "customers": ("客户数", "Customers"),
    "share": ("占比", "Share"),
    "year": ("年份", "Year"),
    "kind": ("服务类型", "Kind"),
    "requests": ("服务数", "Requests"),
    "new": ("新创建", "New"),
    "allocated": ("已分配", "Allocated"),
    "handled": ("已处理", "Handled"),
    "archived": ("已归档", "Archived"),
    "reopenings": ("重新处理次数", "Reopenings"),
    "average_satisfaction": ("平均满意度", "Average satisfaction"),
    "average_wait_seconds": ("平均等待秒数", "Average wait in seconds"),
    "loss_id": ("流失编号", "Loss id"),
    "last_order_at": ("上次下单时间", "Last order"),
    "alerted_at": ("预警时间", "Warned at"),
    "measures": ("暂缓措施数", "Measures"),
    "loss.reason": ("流失原因", "Reason of the loss"),
    "lost_at": ("确认流失时间", "Lost at"),
    "recovered_at": ("挽回时间", "Recovered at"),
    "salesperson_id": ("客户经理编号", "Salesperson id"),
    "salesperson_name": ("客户经理", "Salesperson"),
    "product": ("产品", "Product"),
    "opportunities": ("机会数", "Opportunities"),
    "won": ("成交金额", "Won"),
    "event_id": ("事件编号", "Event id"),
    "recorded_at": ("记录时间", "Recorded at"),
    "happened_at": ("发生时间", "Happened at"),
    "by_id": ("操作人编号", "Actor id"),
    "by_name": ("操作人", "Actor"),
    "by_kind": ("操作人类型", "Kind of actor"),
    "service": ("服务", "Service"),
    "type": ("事件类型", "Event type"),
    "record_type": ("记录类型", "Record type"),
    "record_id": ("记录编号", "Record id"),
    "changes": ("变更", "Changes"),
    "data": ("内容", "Data"),
    "caused_by": ("起因", "Caused by"),
}
