"""By what a customer is found: every ending of its name, how the name is spoken, digits of its number and telephone.

A text that contains what somebody types has an ending that begins with it. So all endings are kept, and what is typed
is looked up as a beginning, by index, however few signs it has.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.bulk_insert import BulkInsert
from chassis.personal import GOES, personal_column
from customer.base import Base
from customer.customer.model import NUMBER_LENGTH, Customer

LONGEST_WORD = 32
"""Signs of an ending that are kept; what is typed beyond them is looked up as another piece."""
OTHER_READINGS = 2
"""Of a sign, beside the usual one: 单 is read in three ways."""
SPOKEN_SIGNS = 12
SHORTEST_DIGITS = 3
MOST_TERMS = 8
CHINESE = re.compile(r"[\u3400-\u9fff]")
RUNNING = 7
"""The digits that count the customers of a day, at the end of a number."""

customer_word = sa.Table(
    "cst_customer_word",
    Base.metadata,
    sa.Column(
        "word",
        sa.String(LONGEST_WORD).with_variant(sa.String(LONGEST_WORD, collation="C"), "postgresql"),
        info=personal_column(customer="customer_no"),
    ),
    sa.Column("customer_no", sa.String(NUMBER_LENGTH)),
    sa.PrimaryKeyConstraint("word", "customer_no"),
    sa.ForeignKeyConstraint(["customer_no"], ["cst_customer.customer_no"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
    info=GOES,
)
"""Sorted by code points on both databases, so that a beginning is a range of the index."""
sa.Index("cst_customer_word_of_customer", customer_word.c.customer_no)
WORDS = BulkInsert(customer_word, ("word", "customer_no"), lambda statement: statement.on_conflict_do_nothing())


def terms_of(text: str) -> list[str]:
    """What somebody typed, as pieces that all have to be found; nothing when there is no letter and no digit in it."""
    words = (squeezed(word) for word in text.split())
    cut = (word[start : start + LONGEST_WORD] for word in words for start in range(0, len(word), LONGEST_WORD))
    return list(itertools.islice(cut, MOST_TERMS))


def words_of(customer: Customer) -> set[str]:
    """Every beginning by which a customer is found."""
    name = squeezed(customer.name)
    number = squeezed(customer.customer_no)
    running = number[-RUNNING:]
    words = {*_endings(name), *_spoken(name), *_endings(_digits(customer.phone), SHORTEST_DIGITS)}
    words |= {number, number.lstrip("kh"), running, running.lstrip("0")}
    return {word for word in words if word}


def squeezed(text: str) -> str:
    """Letters and digits alone, full-width and capital ones as the usual ones."""
    return "".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


def _digits(text: str) -> str:
    return "".join(sign for sign in squeezed(text) if sign in "0123456789")


def _endings(text: str, shortest: int = 1) -> Iterator[str]:
    return (text[start : start + LONGEST_WORD] for start in range(len(text) - shortest + 1))


def _spoken(name: str) -> Iterator[str]:
    """``张三丰`` as ``zhangsanfeng`` and ``zsf``, and the same of each of its endings."""
    if not CHINESE.search(name):
        return
    readings = _readings(name)
    for start in range(len(name)):
        some = readings[start : start + SPOKEN_SIGNS]
        for whole in _combined(some):
            yield whole[:LONGEST_WORD]
        yield from _combined([list(dict.fromkeys(one[:1] for one in each)) for each in readings[start:][:LONGEST_WORD]])


def _combined(readings: Sequence[Sequence[str]]) -> Iterable[str]:
    """The usual reading, and those in which the first sign is read otherwise; later signs begin endings themselves."""
    rest = "".join(ways[0] for ways in readings[1:])
    return {way + rest for way in readings[0][: 1 + OTHER_READINGS]}


def _readings(name: str) -> list[list[str]]:
    """How each sign may be read, the usual way first; letters and digits are read as they are."""
    pinyin = _pinyin()
    usual = pinyin.lazy_pinyin(name, errors=list)
    return [_ways(sign, usual[place]) for place, sign in enumerate(name)]


@functools.lru_cache(maxsize=8192)
def _ways(sign: str, usual: str) -> list[str]:
    if not CHINESE.match(sign):
        return [sign]
    pinyin = _pinyin()
    ways = pinyin.pinyin(sign, style=pinyin.Style.NORMAL, heteronym=True)[0]
    return list(dict.fromkeys([usual, *ways]))


def _pinyin() -> Any:
    """Loaded when the first Chinese name comes: it takes a third of a second and some memory."""
    import pypinyin

    return pypinyin
