"""Kinds of field that only marketing's requests carry."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import validate

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


class Day(ma.fields.Date):
    """A day, ``2026-11-30``, between 1900 and 2199."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", validate=validate.Range(min=EARLIEST, max=LATEST), **kwargs)


class Degrees(ma.fields.Field[str]):
    """A latitude or longitude as a decimal text (``"31.230416"``), which is also how it is kept."""

    PATTERN = re.compile(r"-?\d{1,3}(\.\d{1,6})?")

    def __init__(self, most: int, **kwargs: Any) -> None:
        described = {"type": "string", "pattern": f"^{self.PATTERN.pattern}$", "examples": ["31.230416"]}
        super().__init__(metadata=described, **kwargs)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not self.PATTERN.fullmatch(value) or abs(float(value)) > self.most:
            raise ma.ValidationError(f'Not within {self.most} degrees: write it as text such as "31.230416".')
        return value
