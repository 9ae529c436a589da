"""Data scope as a law: whoever asks sees every record in the own scope, and nothing of any other.

A service says which lists it has and how a record of somebody comes about; firms, people and records are made up::

    LISTS = [ScopedList(path="/tickets", make=a_ticket, one="/tickets/{}")]


    @pytest.fixture
    def law(stage):
        return Law(stage)


    @pytest.mark.parametrize("scoped", LISTS, ids=str)
    @given(case=cases())
    @scope_settings
    def test_nobody_sees_beyond_the_own_scope(law, scoped, case):
        assert law.faults(scoped, case) == []
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from chassis.principal import Principal, Scope
from chassis.testing.stage import Client, Stage

Key = Any
Make = Callable[[Stage, int], Key]
"""Makes a record that belongs to this person, and gives the value that lists show under ``key``."""
SCOPES: Sequence[Scope] = ("own", "subtree", "all")
MOST_PEOPLE, MOST_UNITS, MOST_RECORDS = 9, 6, 6

scope_settings = settings(
    max_examples=20, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclasses.dataclass(frozen=True)
class Firm:
    """Who reports to whom, who belongs where, what is below what, and who heads it; all by number."""

    superiors: Mapping[int, int | None]
    homes: Mapping[int, int | None]
    parents: Mapping[int, int | None]
    heads: Mapping[int, int | None]

    def team(self, person: int) -> frozenset[int]:
        """Whose records somebody with scope ``subtree`` sees beside the own ones: found by asking each of them."""
        return frozenset(other for other in self.superiors if other != person and self._is_over(person, other))

    def _is_over(self, person: int, other: int) -> bool:
        line = _upwards(self.superiors, self.superiors[other])
        units = _upwards(self.parents, self.homes[other])
        return person in line or any(self.heads[unit] == person for unit in units)


def _upwards(above: Mapping[int, int | None], start: int | None) -> Iterator[int]:
    while start is not None:
        yield start
        start = above[start]


@dataclasses.dataclass(frozen=True)
class Case:
    """A firm, the person who asks with some scope, and to whom the records belong (places among the people)."""

    firm: Firm
    asks: int
    scope: Scope
    owners: Sequence[int]


@st.composite
def firms(draw: st.DrawFn) -> Firm:
    """Trees of any shape: a chain, a star, a wood; people without superior, units without head."""
    people = draw(st.permutations(range(1, draw(st.integers(2, MOST_PEOPLE)) + 1)))
    units = draw(st.permutations(range(1, draw(st.integers(0, MOST_UNITS)) + 1)))

    def above(order: Sequence[int]) -> dict[int, int | None]:
        return {one: draw(st.sampled_from([None, *order[:place]])) for place, one in enumerate(order)}

    return Firm(
        superiors=above(people),
        homes={person: draw(st.sampled_from([None, *units])) for person in people},
        parents=above(units),
        heads={unit: draw(st.sampled_from([None, *people])) for unit in units},
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    firm = draw(firms())
    people = st.sampled_from(sorted(firm.superiors))
    owners = draw(st.lists(people, min_size=1, max_size=MOST_RECORDS))
    return Case(firm, draw(people), draw(st.sampled_from(SCOPES)), owners)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScopedList:
    """A list whose rows belong to people; ``one`` is the address of a record.

    ``figures`` are numbers that count the same records elsewhere: an address, and how to read the number out of it.
    A report that shows nothing but figures has no ``path``. The list as a file, at ``<path>/export``, is watched
    without being named.
    """

    path: str = ""
    make: Make
    key: str = "id"
    one: str = ""
    figures: Sequence[tuple[str, Callable[[Any], int]]] = ()

    def __str__(self) -> str:
        return self.path or self.figures[0][0]


class Law:
    """Watches one stage; records of earlier cases stay, and are never anybody's business but their owners'."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._owner_of: dict[str, dict[Key, int]] = {}
        self._numbers = itertools.count(1000, MOST_PEOPLE + 1)

    def faults(self, scoped: ScopedList, case: Case) -> list[str]:
        """What somebody saw too much or too little, in words."""
        first = next(self._numbers)
        new = {scoped.make(self.stage, first + owner): first + owner for owner in case.owners}
        owner_of = self._owner_of.setdefault(str(scoped), {})
        owner_of |= new
        team = frozenset(first + other for other in case.firm.team(case.asks)) if case.scope == "subtree" else ()
        who = Principal(user_id=first + case.asks, name="Ask", kind="user", scope=case.scope, team=frozenset(team))
        seen = {key for key, owner in owner_of.items() if who.sees({owner})}
        client = self.stage.client(who)
        faults = [*_wrong_figures(client, scoped, len(seen))]
        if scoped.path:
            faults += _wrong_lists(client, scoped, seen)
        if scoped.one:
            faults += _wrong_records(client, scoped, {key: key in seen for key in new})
        if any(route.path == f"{scoped.path}/export" for route in self.stage.service.routes):
            faults += _wrong_files(client, scoped, {key: key in seen for key in owner_of})
        return faults


def _wrong_lists(client: Client, scoped: ScopedList, seen: set[Key]) -> Iterator[str]:
    rows, total = _by_cursor(client, scoped)
    if sorted(map(str, rows)) != sorted(map(str, seen)):
        yield f"{scoped.path} lists {rows} instead of {sorted(seen, key=str)}"
    if total != len(seen):
        yield f"{scoped.path} counts {total} instead of {len(seen)}"


def _by_cursor(client: Client, scoped: ScopedList) -> tuple[list[Key], int]:
    """The keys of all rows, page by page, and the total that the first page tells."""
    mark = "&" if "?" in scoped.path else "?"
    page = client.get(f"{scoped.path}{mark}size=40")
    total: int = page["total"]
    rows = [row[scoped.key] for row in page["items"]]
    while page["next_cursor"]:
        page = client.get(f"{scoped.path}{mark}size=40&cursor={page['next_cursor']}")
        rows += [row[scoped.key] for row in page["items"]]
    return rows, total


def _wrong_figures(client: Client, scoped: ScopedList, expected: int) -> Iterator[str]:
    for path, read in scoped.figures:
        found = read(client.get(path))
        if found != expected:
            yield f"{path} says {found} instead of {expected}"


def _wrong_records(client: Client, scoped: ScopedList, shown: Mapping[Key, bool]) -> Iterator[str]:
    for key, is_shown in shown.items():
        for path in (scoped.one, scoped.one + "/history"):
            status = client.client.get(path.format(key)).status_code
            if status != (200 if is_shown else 404):
                yield f"{path.format(key)} answers {status}, which is wrong"


def _wrong_files(client: Client, scoped: ScopedList, shown: Mapping[Key, bool]) -> Iterator[str]:
    text = client.client.get(f"{scoped.path}/export").get_data(as_text=True)
    written = {word.strip('"') for line in text.splitlines() for word in line.split(",")}
    for key, is_shown in shown.items():
        if (str(key) in written) != is_shown:
            yield f"{scoped.path}/export {'lacks' if is_shown else 'tells of'} {key}"
