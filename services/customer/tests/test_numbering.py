"""Numbers of customers: by the pattern that identity told, each given once, and an end that is announced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from chassis import numbering, remembering
from chassis.numbering import NumbersExhausted, PatternSet
from chassis.testing.stage import Stage
from customer.customer.model import NUMBERS

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, tzinfo=UTC)


def given(stage: Stage, count: int = 1, at: datetime = MONDAY) -> list[str]:
    with stage.doing(at=at) as tx:
        return numbering.next_numbers(tx, NUMBERS, count)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "REMEMBERED_SECONDS", -1.0)


def test_numbers_count_up_and_begin_anew_every_day(stage: Stage) -> None:
    assert given(stage, 2) == ["KH202603020000001", "KH202603020000002"]
    assert given(stage, at=TUESDAY) == ["KH202603030000001"]
    assert given(stage) == ["KH202603020000003"]


def test_a_changed_pattern_counts_from_the_next_number_on(stage: Stage) -> None:
    given(stage)

    stage.hears(PatternSet(series="customer", pattern="C-{yy}-{seq:5}"), times=2)

    assert given(stage, 2) == ["C-26-00001", "C-26-00002"]
    assert given(stage, at=TUESDAY) == ["C-26-00003"]


def test_other_series_do_not_matter(stage: Stage) -> None:
    stage.hears(PatternSet(series="contract", pattern="{seq:5}"))

    assert given(stage) == ["KH202603020000001"]


def test_a_full_series_says_so_instead_of_growing(stage: Stage) -> None:
    stage.hears(PatternSet(series="customer", pattern="C{seq:1}"))
    assert given(stage, 9)[-1] == "C9"

    with pytest.raises(NumbersExhausted):
        given(stage)
    with pytest.raises(NumbersExhausted):
        given(stage)


@pytest.mark.infra
def test_nobody_gets_a_number_twice(pg_stage: Stage) -> None:
    with ThreadPoolExecutor(8) as threads:
        numbers = [one for found in threads.map(lambda _: given(pg_stage, 3), range(16)) for one in found]

    assert len(numbers) == len(set(numbers)) == 48
