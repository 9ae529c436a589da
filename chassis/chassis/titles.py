"""What a column is called on paper, in Chinese and in English: declared once per service, used by export and import."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Literal

import flask
import marshmallow as ma

from chassis.fields import Text

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Title = tuple[str, str]
"""Chinese, English."""

COMMON: Mapping[str, Title] = {
    "id": ("编号", "Id"),
    "version": ("版本", "Version"),
    "created_at": ("创建时间", "Created at"),
    "updated_at": ("更新时间", "Updated at"),
    "started_at": ("开始时间", "Started at"),
    "finished_at": ("完成时间", "Finished at"),
    "creator_id": ("创建人编号", "Creator id"),
    "creator_name": ("创建人", "Creator"),
    "owner_id": ("负责人编号", "Owner id"),
    "owner_name": ("负责人", "Owner"),
    "user_id": ("用户编号", "User id"),
    "login": ("登录名", "Login"),
    "full_name": ("姓名", "Full name"),
    "name": ("名称", "Name"),
    "title": ("标题", "Title"),
    "reference": ("外部编号", "Reference"),
    "currency": ("币种", "Currency"),
    "amount": ("金额", "Amount"),
    "status": ("状态", "Status"),
    "state": ("状态", "State"),
    "memo": ("备注", "Memo"),
    "reason": ("原因", "Reason"),
    "erased": ("已删除个人数据", "Erased"),
    "flow_type": ("流程类型", "Flow type"),
    "correlation_id": ("关联编号", "Correlation id"),
    "step": ("步骤", "Step"),
    "waiting_for": ("等待事项", "Waiting for"),
    "waiting_since": ("等待起始时间", "Waiting since"),
    "deadline_at": ("截止时间", "Deadline"),
    "imports.file_name": ("文件名", "File"),
    "imports.form": ("文件格式", "Form"),
    "imports.encoding": ("编码", "Encoding"),
    "imports.size_bytes": ("字节数", "Bytes"),
    "imports.sha256": ("校验值", "SHA-256"),
    "imports.mode": ("导入方式", "Mode"),
    "imports.on_error": ("出错处理", "On error"),
    "imports.dry_run": ("试运行", "Dry run"),
    "imports.rows_total": ("总行数", "Rows"),
    "imports.rows_done": ("已处理行数", "Rows done"),
    "imports.created": ("新建", "Created"),
    "imports.updated": ("更新", "Updated"),
    "imports.unchanged": ("未变", "Unchanged"),
    "imports.refused": ("拒绝", "Refused"),
    "imports.undone": ("已撤销", "Undone"),
    "imports.kept": ("未能撤销", "Kept"),
    "faults.row": ("行", "Row"),
    "faults.column": ("列", "Column"),
    "faults.record": ("记录", "Record"),
    "faults.value": ("值", "Value"),
}
"""Words that mean the same in every service."""


@dataclasses.dataclass(frozen=True)
class Titles:
    """The titles of one service; ``customers.name`` is for the noun ``customers`` alone and goes before ``name``."""

    known: Mapping[str, Title] = dataclasses.field(default_factory=dict)

    def find(self, noun: str, field: str) -> Title | None:
        own = f"{noun}.{field}"
        return self.known.get(own) or COMMON.get(own) or self.known.get(field) or COMMON.get(field)

    def of(self, noun: str, field: str) -> Title:
        """The title; a field without one is called by its own name."""
        plain = field.replace("_", " ").capitalize()
        return self.find(noun, field) or (plain, plain)


def said_in(title: Title, language: Language) -> str:
    return title[0] if language == "zh" else title[1]


def asked_language() -> str:
    """The language that the client's browser prefers, of those we speak."""
    return flask.request.accept_languages.best_match(LANGUAGES, "en") or "en"


def language_field() -> ma.fields.Field[str]:
    """``?lang=zh`` or ``?lang=en``; else as ``Accept-Language`` says."""
    return Text(2, choices=LANGUAGES, load_default=asked_language,
                metadata={"description": "Language of the titles; without it, as Accept-Language says"})  # fmt: skip
