"""What columns are called in the files of this service: Chinese and English, each word once."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.titles import Title

TITLES: Mapping[str, Title] = {
    "email": ("电子邮箱", "E-mail"),
    "role": ("角色", "Role"),
    "manager_id": ("上级编号", "Superior's id"),
    "manager_login": ("上级登录名", "Superior's login"),
    "is_active": ("是否启用", "Active"),
    "has_password": ("已设密码", "Has a password"),
    "locked_until": ("锁定至", "Locked until"),
    "code": ("代码", "Code"),
    "description": ("描述", "Description"),
    "data_scope": ("数据范围", "Data scope"),
    "kind": ("类别", "Kind"),
    "value": ("值", "Value"),
    "text": ("条目", "Text"),
    "text_en": ("英文条目", "Text in English"),
    "position": ("顺序", "Position"),
    "is_editable": ("可编辑", "Editable"),
    "parent": ("上级条目", "Parent"),
    "series": ("编号系列", "Series"),
    "ground": ("依据", "Ground"),
    "case_no": ("案卷编号", "Case no."),
    "with_texts": ("含文字内容", "With texts"),
    "requested_by": ("申请人编号", "Requester's id"),
    "requested_by_name": ("申请人", "Requested by"),
    "requested_at": ("申请时间", "Requested at"),
    "completed_at": ("完成时间", "Completed at"),
    "user_id": ("用户编号", "User id"),
    "user_name": ("用户", "User"),
    "reason": ("原因", "Reason"),
    "confirmed_at": ("确认时间", "Confirmed at"),
    "pattern": ("编号规则", "Pattern"),
    "last_used_at": ("最近使用", "Last used at"),
    "expires_at": ("到期时间", "Expires at"),
    "address": ("地址", "Address"),
    "agent": ("客户端", "Client"),
    "is_remembered": ("记住登录", "Remembered"),
    "unit_id": ("部门编号", "Unit id"),
    "unit_code": ("部门代码", "Unit code"),
    "registered_at": ("注册时间", "Registered at"),
    "must_change_password": ("须改密码", "Must change password"),
    "allowed_addresses": ("允许地址", "Allowed addresses"),
    "is_built_in": ("内置", "Built in"),
    "parent_id": ("上级部门编号", "Parent id"),
    "head_id": ("负责人编号", "Head id"),
}
