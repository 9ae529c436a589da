"""Write ``docs/reliability.md`` from the results of a real run: ``python -m tests.faults.page``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.faults.catalogue import FAULTS
from tests.faults.found import ROOT

RESULTS = ROOT / "docs" / "reliability.json"
PAGE = ROOT / "docs" / "reliability.md"
Results = Mapping[str, Any]

BEGINNING = """\
# What can go wrong, and what comes of it

Written by `make chaos` and `make mutants` from what they saw; do not edit. `make test` runs the faults that need no
root and no minutes, `make chaos` all of them.

Each test puts something wrong with real processes on real servers, and then asks one checker, which reads the tables
itself: is every event of the log in the inbox and none besides (*conservation*), has each had its effect exactly once,
did the effects of an aggregate happen in order, do positions stand without a hole, does the listener know in the end
what the source knows, and was all that so within a time?
"""

CONTROL = """\
The consumer of a tutorial (no inbox, no versions, what fails is logged) is the control: in the same weather the checker
has to find effects too many and out of order. Its figures are those of the moment when it had; what is missing then may
partly have been on its way.
"""

CAUTION = """\
One machine: a cluster's nodes are network namespaces, a partition is packets that are dropped. A power cut is a copy of
the files without what no sync had reached; what a disk does that lies about syncing was not tried. Times are those of a
busy machine of the size named above, and no promise.
"""


def write_page() -> None:
    PAGE.write_text(rendered(json.loads(RESULTS.read_text())))


def rendered(results: Results) -> str:
    parts = (BEGINNING, the_run(results), the_faults(results), the_chaos(results), the_guards(results))
    return "\n".join([*parts, "## What this does not show\n", CAUTION])


def the_run(results: Results) -> str:
    tests, machine = results.get("tests", {}).values(), results.get("machine", {})
    passed = sum(one["outcome"] == "passed" for one in tests)
    load = " to ".join(map(str, machine.get("load", ["?"])))
    return (
        f"Last run: {results.get('at', 'never')}, {machine.get('cores', '?')} cores at load {load}; "
        f"{passed} of {len(tests)} tests passed.\n"
    )


# The faults


def the_faults(results: Results) -> str:
    lines = ["## The faults\n", "| | fault | expected | result | run it again |", "|---|---|---|---|---|"]
    for number, fault in FAULTS.items():
        cells = [str(number), fault.what, fault.expected, outcome_of(number, results), rerun(number, results)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def outcome_of(number: int, results: Results) -> str:
    """Passed or failed, and by which tests; or why there is none."""
    tests = of_fault(number, results)
    if not tests:
        return FAULTS[number].not_run or "no result yet"
    failed = [name for name, one in tests.items() if one["outcome"] != "passed"]
    verdict = f"**failed** ({len(failed)} of {len(tests)})" if failed else "held"
    return f"{verdict}: {'<br>'.join(shortened(tests))}"


def of_fault(number: int, results: Results) -> dict[str, Any]:
    return {name: one for name, one in results.get("tests", {}).items() if number in one["faults"]}


def shortened(tests: Mapping[str, Any]) -> list[str]:
    """File and test, once for all its parameters."""
    names = dict.fromkeys(name.rpartition("/")[2].partition("[")[0] for name in tests)
    return [f"`{name}`" for name in names]


def rerun(number: int, results: Results) -> str:
    return f"`make chaos FAULT={number}`" if of_fault(number, results) else ""


# The figures

FIGURES = {
    "events": "events",
    "troubles": "faults",
    "repeated": "delivered again",
    "doubled": "effects too many",
    "missing": "missing",
    "violations": "broken promises",
}


def the_chaos(results: Results) -> str:
    """The long runs in figures, and the seed that gives the same order again."""
    long_ones = {name: one for name, one in results.get("tests", {}).items() if one.get("chaos") and "figures" in one}
    head = f"| run | {' | '.join(FIGURES.values())} | seed |"
    lines = ["## The long runs in figures\n", head, "|---|" + "---|" * (len(FIGURES) + 1)]
    for name, one in long_ones.items():
        figures = dict(one["figures"])
        if "happened" in one:
            figures["troubles"] = sum(one["happened"].values())
        cells = [f"{figures.get(key, '')}" for key in FIGURES]
        lines.append(f"| `{name.rpartition('::')[2]}` | {' | '.join(cells)} | {one.get('seed', '')} |")
    return "\n".join([*lines, "", CONTROL, *what_happened(long_ones)])


def what_happened(tests: Mapping[str, Any]) -> Iterator[str]:
    for name, one in tests.items():
        if "happened" in one:
            kinds = ", ".join(f"{kind.replace('_', ' ')} {times}" for kind, times in sorted(one["happened"].items()))
            yield f"`{name.rpartition('::')[2]}`: {kinds}.\n"
        if "drained" in one:
            drained = one["drained"]
            yield f"`{name.rpartition('::')[2]}`: {drained['events']} events heard in {drained['seconds']} s.\n"


# The guards


def the_guards(results: Results) -> str:
    """Each guard taken away, and the test that noticed."""
    mutants: Sequence[Mapping[str, str]] = results.get("mutants", [])
    lines = [
        "## The guards\n",
        "`make mutants` takes each away, and a test has to fail for that reason.\n",
        "| without | result | noticed by |",
        "|---|---|---|",
    ]
    lines += [f"| {one['guard']} | {one['outcome']} | `{one['caught_by']}` |" for one in mutants]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    write_page()
