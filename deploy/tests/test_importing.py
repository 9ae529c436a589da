"""Waiting for news that another service has to hear."""

from __future__ import annotations

import pytest

from guanxi.importing.client import Refused, wait_for

PATIENCE_SECONDS = 0.5


def test_who_hears_of_one_after_the_other_is_waited_for_longer_than_once() -> None:
    left = [{f"person {number}" for number in range(count)} for count in range(6, -1, -1)]

    wait_for("the salespeople", lambda: left.pop(0), PATIENCE_SECONDS)

    assert left == []


def test_when_no_news_comes_the_refusal_says_who_is_missing() -> None:
    names = {"moses.frase", "darcel.schlecht", "zane.levy", "wilburn.farren"}

    with pytest.raises(Refused) as refused:
        wait_for("marketing to hear of the salespeople", lambda: names, PATIENCE_SECONDS)

    assert refused.value.detail.endswith("4 missing, such as darcel.schlecht, moses.frase, wilburn.farren")
