"""``make mutants``: take each guard away and see a test fail, and fail for that reason.

First all these tests run as they are: one that fails then proves nothing. A mutant under which its test goes on
passing is a survivor. The mutants of recovery (``tests/recovery``) bring tests of their own, which pass when somebody
notices.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.faults.found import ROOT, test_files
from tests.faults.mutants import MUTANTS, VARIABLE, Mutant
from tests.faults.page import RESULTS, write_page
from tests.infra import provide
from tests.recovery.mutants import GUARDS as OF_RECOVERY

AT_ONCE = 2
PATIENCE_SECONDS = os.environ.get("TEST_PATIENCE_SECONDS", "30")
"""A mutant that loses an event makes its test wait in vain; unmutated, the same tests have to do with as little."""
PYTEST = (sys.executable, "-m", "pytest", "-q", "-m", "", "-p", "no:cacheprovider", "--tb=short", "-rN")
TESTS_FAILED = 1
RECOVERY = "tests/recovery/test_mutants.py"
NOTICES = "test_without_it_somebody_notices"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What came of one mutant: caught, survived, or unclear (the test failed, but did not say what it should)."""

    guard: str
    caught_by: str
    outcome: str
    seconds: float
    output: str = ""


def main(names: Sequence[str]) -> int:
    wanted = [mutant for mutant in MUTANTS if not names or mutant.guard in names]
    of_recovery = [guard for guard in OF_RECOVERY if not names or guard_of(guard) in names]
    if os.geteuid() != 0:
        for mutant in wanted:
            if mutant.needs_root:
                print(f"left out, because it needs root: {mutant.guard}")
        wanted = [mutant for mutant in wanted if not mutant.needs_root]
    with servers() as environment:
        if not all_is_well(wanted, of_recovery, environment):
            return 1
        with ThreadPoolExecutor(AT_ONCE) as pool:
            verdicts = [told(one) for one in pool.map(lambda mutant: judge(mutant, environment), wanted)]
        verdicts += [told(one) for one in judge_recovery(of_recovery, environment)]
    keep(verdicts)
    return summed_up(verdicts)


def all_is_well(wanted: Sequence[Mutant], of_recovery: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether every test passes while all guards are there."""
    tests = sorted({path_of(mutant) for mutant in wanted})
    tests += [f"{RECOVERY}::test_with_the_guard_all_is_well[{guard}]" for guard in of_recovery]
    print(f"{len(tests)} tests as they are …", flush=True)
    control = run([*tests, "-n", str(AT_ONCE), "-rf"], environment)
    failed = re.findall(r"^FAILED (\S+::[^\n]*?)(?: - .*)?$", control.stdout, re.MULTILINE)
    if control.returncode == TESTS_FAILED and failed:  # on a busy machine a wait may have been too short
        print(f"{len(failed)} of them failed, and run again alone …", flush=True)
        control = run([*failed, "-n", "0"], environment)
    if control.returncode:
        print(control.stdout)
    return control.returncode == 0


def summed_up(verdicts: Sequence[Verdict]) -> int:
    """How to end: with 1 if a mutant was not caught."""
    survivors = [verdict for verdict in verdicts if verdict.outcome != "caught"]
    for verdict in survivors:
        print(f"\n── {verdict.guard}: {verdict.outcome}\n{verdict.output[-3000:]}")
    print(f"\n{len(verdicts) - len(survivors)} of {len(verdicts)} mutants were caught")
    return 1 if survivors or not verdicts else 0


@contextmanager
def servers() -> Iterator[Mapping[str, str]]:
    """One broker and one database server for all runs, and the environment that names them."""
    broker, database = provide.shared_broker(), provide.shared_database_server()
    try:
        broker.wait()
        database.wait()
        addresses = {"TEST_AMQP_URL": broker.url, "TEST_AMQP_MGMT_URL": broker.management_url}
        addresses |= {"TEST_DATABASE_URL": database.url, "TEST_PATIENCE_SECONDS": PATIENCE_SECONDS}
        yield os.environ | addresses
    finally:
        broker.close()
        database.close()


def path_of(mutant: Mutant) -> str:
    """The test's whole id; the registry names its file only."""
    file, _, name = mutant.caught_by.partition("::")
    (path,) = [path for path in test_files() if path.name == file]
    return f"{path.relative_to(ROOT)}::{name}"


def judge(mutant: Mutant, environment: Mapping[str, str]) -> Verdict:
    began = time.monotonic()
    done = run([path_of(mutant), "-x", "-n", "0"], {**environment, VARIABLE: mutant.guard})
    outcome = outcome_of(mutant, done.returncode, done.stdout)
    return Verdict(mutant.guard, mutant.caught_by, outcome, time.monotonic() - began, done.stdout)


def outcome_of(mutant: Mutant, code: int, output: str) -> str:
    """What the test's exit code and its words mean for the mutant."""
    if code == 0:
        return "survived"
    return "caught" if code == TESTS_FAILED and re.search(mutant.shows, output) else "unclear"


def guard_of(name: str) -> str:
    return name.removeprefix("without_").replace("_", " ")


def judge_recovery(guards: Sequence[str], environment: Mapping[str, str]) -> list[Verdict]:
    """All in one run: its tests take the guards away themselves, and fail for a survivor."""
    if not guards:
        return []
    began, tests = time.monotonic(), {guard: f"{RECOVERY}::{NOTICES}[{guard}]" for guard in guards}
    done = run([*tests.values(), "-n", "0", "-rA"], environment)
    each = (time.monotonic() - began) / len(guards)
    return [
        Verdict(guard_of(guard), test.rpartition("/")[2], outcome_in(done.stdout, test), each, done.stdout)
        for guard, test in tests.items()
    ]


def outcome_in(output: str, test: str) -> str:
    """What pytest's list of outcomes says of a test that passes when the mutant is noticed."""
    found = re.search(rf"^(PASSED|FAILED) {re.escape(test)}", output, re.MULTILINE)
    return {"PASSED": "caught", "FAILED": "survived"}[found[1]] if found else "unclear"


def run(words: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [*PYTEST, *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def told(verdict: Verdict) -> Verdict:
    print(f"  {verdict.outcome:<9}{verdict.seconds:6.1f} s  {verdict.guard}", flush=True)
    return verdict


def keep(verdicts: Sequence[Verdict]) -> None:
    """Beside the results of the faults, for the page that shows both."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    told_of = {one["guard"]: one for one in known.get("mutants", [])}
    told_of |= {one.guard: {"guard": one.guard, "caught_by": one.caught_by, "outcome": one.outcome} for one in verdicts}
    everyone = [*(mutant.guard for mutant in MUTANTS), *map(guard_of, OF_RECOVERY)]
    known["mutants"] = [told_of[guard] for guard in everyone if guard in told_of]
    RESULTS.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    write_page()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
