"""A line of the table: what was measured, what was seen, what is promised, and whether the promise was kept."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    """``is_kept`` is None where nothing is promised."""

    what: str
    seen: str
    promised: str = "–"
    is_kept: bool | None = None


def ratio(what: str, seen: float, *, at_least: float) -> Row:
    return Row(what, f"{seen:.3g} times", f"at least {at_least:g} times", seen >= at_least)


def limit(what: str, seen: float, unit: str, *, below: float) -> Row:
    return Row(what, f"{seen:.3g} {unit}", f"under {below:g} {unit}", seen < below)
