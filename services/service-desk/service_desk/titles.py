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
}
