"""Numbering rules: what an administrator may set, and why some patterns are refused."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.problems import Invalid
from chassis.testing.stage import Client, Stage
from identity.numbering.model import SERIES, NumberRule, PatternAmbiguous, must_be_sound

CUSTOMER = SERIES["customer"]


@pytest.fixture
def ada(stage: Stage) -> Client:
    return stage.client()


def set_pattern(ada: Client, pattern: str, *, version: int = 1, expect: int = 200) -> Any:
    headers = {"If-Match": f'"{version}"'}
    return ada.call("PUT", "/numbering/customer", {"pattern": pattern}, expect=expect, headers=headers)


def test_a_new_pattern_is_told_to_everybody(stage: Stage, ada: Client) -> None:
    stage.said()

    assert set_pattern(ada, "C{yyyy}{seq:6}")["pattern"] == "C{yyyy}{seq:6}"

    [(kind, said)] = stage.said()
    assert (kind, said["series"], said["pattern"]) == (
        "crm.identity.numbering.pattern-set", "customer", "C{yyyy}{seq:6}",
    )  # fmt: skip
    assert ada.get("/numbering/customer/history")["items"][-1]["changes"]["pattern"]["old"] == CUSTOMER.pattern


@pytest.mark.parametrize(
    "pattern",
    ["KH", "K{seq:3}{seq:3}", "K{seq:0}", "K{day}{seq:3}", "客户{seq:5}", "KH{yyyy}{MM}{dd}{seq:8}", "K {seq:3}"],
)
def test_a_pattern_that_cannot_number_is_a_wrong_field(pattern: str) -> None:
    with pytest.raises(Invalid) as refused:
        must_be_sound(pattern, CUSTOMER)

    assert [error["pointer"] for error in refused.value.errors] == ["/pattern"]


def test_the_longest_pattern_fits_the_column() -> None:
    must_be_sound("KHX{yyyy}{MM}{dd}{seq:6}", CUSTOMER)


@pytest.mark.parametrize("pattern", ["KH{yyyy}{MM}{seq:9}", "KH2{MM}{dd}{yyyy}00{seq:4}", "KH{yyyy}{dd}{MM}{seq:7}"])
def test_numbers_that_an_earlier_pattern_may_have_given_are_refused(pattern: str) -> None:
    rule = NumberRule.begin(CUSTOMER)

    with pytest.raises(PatternAmbiguous):
        rule.set_pattern(pattern)


def test_one_different_letter_is_enough_to_tell_numbers_apart() -> None:
    rule = NumberRule.begin(CUSTOMER)

    assert rule.set_pattern("KX{yyyy}{MM}{dd}{seq:7}") is not None


def test_an_earlier_pattern_may_come_back(ada: Client) -> None:
    set_pattern(ada, "C{yyyy}{seq:6}")

    assert set_pattern(ada, CUSTOMER.pattern, version=2)["version"] == 3
    assert set_pattern(ada, "KH{yyyy}{MM}{seq:9}", version=3, expect=409)["earlier"] == CUSTOMER.pattern


def test_setting_it_twice_says_nothing(stage: Stage, ada: Client) -> None:
    set_pattern(ada, "C{yyyy}{seq:6}")
    stage.said()

    set_pattern(ada, "C{yyyy}{seq:6}", version=2)

    assert stage.said() == []


def test_a_series_that_nobody_has_is_not_found(ada: Client) -> None:
    ada.get("/numbering/dragons", expect=404)
