"""Likely duplicates: what speaks for one, and whether it keeps a customer from being opened."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from chassis.problems import Conflict
from customer.keys import name_core, phone_digits


class Check(StrEnum):
    """What becomes of a new customer who is like one that is there; the dictionary's ``duplicate check``."""

    OFF = "off"
    WARN = "warn"
    BLOCK = "block"


@dataclasses.dataclass(frozen=True)
class Match:
    """A customer who may be meant, and by what it is alike."""

    customer_no: str
    name: str
    manager_name: str
    status: int
    because: Sequence[str]


class PossibleDuplicate(Conflict):
    """There is a customer like this already; look at it before you open another one."""

    matches: Sequence[Mapping[str, Any]]
    may_be_opened: bool


def alike_by(known: Any, asked: Mapping[str, str]) -> list[str]:
    """What a customer and what is said of one have in common: core of the name, digits of the telephone, licence."""
    pairs = {
        "name": (known.name_core, name_core(asked.get("name", ""))),
        "phone": (known.phone_digits, phone_digits(asked.get("phone", ""))),
        "licence_no": (known.licence_no, asked.get("licence_no", "")),
    }
    return [what for what, (theirs, ours) in pairs.items() if ours and theirs == ours]


def must_be_new(matches: Sequence[Match], *, check: Check, although_known: bool) -> None:
    """Raises PossibleDuplicate; a warning is heard once, a block is not talked away."""
    may_be_opened = check != Check.BLOCK
    if not matches or check == Check.OFF or (may_be_opened and although_known):
        return
    told = [
        {"customer_no": one.customer_no, "name": one.name, "manager_name": one.manager_name, "because": one.because}
        for one in matches
    ]
    raise PossibleDuplicate(matches=told, may_be_opened=may_be_opened)
