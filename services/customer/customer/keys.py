"""By what a customer is known again: the name as people compare it, the core of the name, the telephone's digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

LEGAL_FORMS = frozenset({"co", "company", "corp", "corporation", "gmbh", "inc", "limited", "llc", "ltd", "plc", "ag"})
CHINESE_FORMS = re.compile(r"(股份有限公司|有限责任公司|集团有限公司|有限公司|集团公司|集团|公司)$")
SHORTEST_CORE, SHORTEST_PHONE = 2, 6
"""What is shorter says too little to take two customers for one."""
LONGEST_CORE, LONGEST_PHONE = 300, 60
"""As wide as the columns: one sign may stand for many."""
COUNTRY = re.compile(r"^(00)?86(?=\d{10,11}$)")


def name_key(name: str) -> str:
    """Names that differ only in case or in surrounding blanks are one name."""
    return name.strip().casefold()


def name_core(name: str) -> str:
    """``ACME Trading Co., Ltd.`` as ``acmetrading``, ``华星贸易有限公司`` as ``华星贸易``: what two spellings share."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", name).casefold())
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    whole = "".join(words)
    core = CHINESE_FORMS.sub("", whole)
    return (core if len(core) >= SHORTEST_CORE else whole)[:LONGEST_CORE]


def phone_digits(phone: str) -> str:
    """The digits without the country's own code; nothing when they are too few for a telephone."""
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", phone) if sign in "0123456789")
    digits = COUNTRY.sub("", digits)
    return digits[:LONGEST_PHONE] if len(digits) >= SHORTEST_PHONE else ""


def keys_of(name: str, phone: str) -> Mapping[str, Any]:
    """The columns by which a customer is found again."""
    return {"name_key": name_key(name), "name_core": name_core(name), "phone_digits": phone_digits(phone)}
