"""Refusals as documents of RFC 9457."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from chassis.events import encode
from chassis.problems import Conflict, Forbidden, Problem, Stale, TooManyRequests, Unavailable, wrong_field


class ShopClosed(Conflict):
    """The shop is closed on Sundays.

    More is told to the reader of the code only.
    """

    shop_id: int
    opens_at: datetime


MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_a_refusal_is_a_sentence_with_facts() -> None:
    problem = ShopClosed(shop_id=7, opens_at=MONDAY, detail="Come tomorrow")

    assert msgspec.json.decode(encode(problem.body())) == {
        "type": "/problems/shop-closed",
        "title": "The shop is closed on Sundays",
        "status": 409,
        "detail": "Come tomorrow",
        "shop_id": 7,
        "opens_at": "2026-01-05T09:00:00Z",
    }


def test_without_a_detail_the_title_speaks() -> None:
    problem = ShopClosed(shop_id=7, opens_at=MONDAY)

    assert "detail" not in problem.body()
    assert str(problem) == "The shop is closed on Sundays"


def test_a_wrong_field_is_named() -> None:
    assert wrong_field("/contact/phone", "Too long").body()["errors"] == [
        {"pointer": "/contact/phone", "detail": "Too long", "code": "invalid"}
    ]


def test_headers_say_what_to_do_next() -> None:
    assert Stale(yours=1, current=2).headers() == {"ETag": '"2"'}
    assert TooManyRequests(retry_after_seconds=9).headers() == {"Retry-After": "9"}
    assert Unavailable().headers() == {"Retry-After": "2"}
    assert Forbidden().headers() == {}


def test_every_refusal_can_be_raised_and_told_apart() -> None:
    one, other = ShopClosed(shop_id=7, opens_at=MONDAY), ShopClosed(shop_id=7, opens_at=MONDAY)

    assert one != other
    assert isinstance(one, Problem)
    assert len({one, other}) == 2
