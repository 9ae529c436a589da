"""A file that came with a request: its name is only a name, its content only bytes, and its size has a limit."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from functools import cached_property
from typing import Any

import marshmallow as ma

from chassis.fields import CONTROL, Body
from chassis.problems import TooLarge

LONGEST_NAME = 200
MULTIPART = "multipart/form-data"


@dataclasses.dataclass(frozen=True)
class Uploaded:
    """What was sent; ``name`` without folders and control characters."""

    name: str
    content: bytes

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class FileField(ma.fields.Field[Uploaded]):
    """A part of a multipart form that is a file, of at most ``largest`` bytes. Raises TooLarge."""

    def __init__(self, largest: int, **kwargs: Any) -> None:
        super().__init__(required=True, **kwargs)
        self.largest = largest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Uploaded:
        if not hasattr(value, "stream"):
            raise ma.ValidationError("Send a file.")
        content = value.stream.read(self.largest + 1)
        if len(content) > self.largest:
            raise TooLarge(limit_bytes=self.largest, detail=f"A file here has at most {self.largest} bytes")
        if not content:
            raise ma.ValidationError("The file is empty.")
        return Uploaded(safe_name(value.filename or ""), content)


def safe_name(given: str) -> str:
    """The last part of a path, of either kind of slash, without what could be mistaken for something else."""
    last = re.split(r"[/\\]", given)[-1]
    name = CONTROL.sub("", last).replace("\n", "").replace("\t", " ").strip(" .")
    stem, dot, extension = name.rpartition(".")
    if len(name) > LONGEST_NAME and dot and len(extension) < 20:
        return stem[: LONGEST_NAME - len(extension) - 1] + dot + extension
    return name[:LONGEST_NAME] or "file"


def has_files(body: type[Body] | None) -> bool:
    """Whether a request of this shape comes as a multipart form."""
    return body is not None and any(isinstance(field, FileField) for field in body().fields.values())
