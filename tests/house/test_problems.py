"""Whoever is refused can read what it means: each refusal has the page that its ``type`` leads to."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from chassis import problems
from chassis.problems import Problem
from gateway.session import CrossSite
from guanxi import registry

PAGES = Path(__file__).resolve().parents[2] / "docs" / "problems"
GENERAL = [
    kind for _, kind in inspect.getmembers(problems, inspect.isclass)
    if issubclass(kind, Problem) and kind.__module__ == problems.__name__
]  # fmt: skip
REFUSALS = {
    refusal for service in registry.load_all().values() for route in service.routes for refusal in route.refuses
}
MET = sorted({*GENERAL, *REFUSALS, CrossSite}, key=lambda kind: (kind.slug, kind.__module__))


@pytest.mark.parametrize("kind", MET, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_refusal_that_callers_meet_has_its_page(kind: type[Problem]) -> None:
    heading, _, line, *_ = (PAGES / f"{kind.slug}.md").read_text().splitlines()

    assert line == f"`/problems/{kind.slug}`, status {kind.status}"
    assert (
        f"| [{kind.slug}]({kind.slug}.md) | {kind.status} | {heading.removeprefix('# ')} |"
        in (PAGES / "README.md").read_text().splitlines()
    )
    if len([other for other in MET if other.slug == kind.slug]) == 1:
        assert heading == f"# {kind.title}"


def test_there_is_no_page_about_a_problem_that_is_gone() -> None:
    def below(kind: type[Problem]) -> set[str]:
        return {kind.slug}.union(*(below(one) for one in kind.__subclasses__()))

    assert {page.stem for page in PAGES.glob("*.md")} - below(Problem) == {"README"}
