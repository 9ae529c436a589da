"""Kinds of field that only marketing's requests carry."""

from __future__ import annotations

from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import validate

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


class Day(ma.fields.Date):
    """A day, ``2026-11-30``, between 1900 and 2199."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", validate=validate.Range(min=EARLIEST, max=LATEST), **kwargs)
