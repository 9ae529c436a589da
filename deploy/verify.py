"""Run every check, if asked every test or every fault, and close with a summary one can read at a glance."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass

import bootstrap
from bootstrap import ROOT, present_projects

ALSO_TYPED = ("-p", "tests.infra", "-m", "advice", "-m", "bootstrap", "-m", "verify")
NPM = ("node", str(bootstrap.NPM), "--prefix", str(ROOT / "web"), "run", "--silent")
TESTS_FAILED, NOTHING_TO_DO = 1, 5
"""What pytest ends with when tests failed and nothing worse happened, and when none was asked for."""
RESULTS = ROOT / "docs" / "reliability.json"
WITHOUT_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Outcome:
    """How one stage ended."""

    name: str
    result: str
    seconds: float
    code: int = 0
    lines: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        return self.result == "failed"


def main(command: str, *arguments: str) -> int:
    if command == "mutants":
        return run_stage("mutants", "python", "-m", "tests.faults.mutate", *arguments).code
    if command == "chaos":
        return chaos(arguments)
    outcomes = [run_stage(name, *words) for name, words in check_stages().items()]
    if command == "test":
        outcomes.append(run_stage("web tests", *NPM, "test"))
        outcomes.append(run_stage("tests", *pytest_command(arguments)))
        if outcomes[-1].code == TESTS_FAILED:
            # Shared machines stall for seconds. What fails again, alone, is broken; both runs are shown.
            outcomes[-1] = dataclasses.replace(outcomes[-1], result="second try")
            outcomes.append(run_stage("again", "pytest", "--last-failed", "-n", "0", *arguments))
    print_summary(outcomes)
    return 1 if any(outcome.failed for outcome in outcomes) else 0


def chaos(arguments: tuple[str, ...]) -> int:
    """Every fault that has a test, and the page that tells of it. What takes the whole machine runs alone."""
    if not arguments and RESULTS.exists():
        RESULTS.write_text(json.dumps({**json.loads(RESULTS.read_text()), "tests": {}}))
    results = ("--results", str(RESULTS), *arguments, *files_of_faults())
    outcomes = [
        run_stage("faults", *pytest_command(("-m", "fault and not chaos", *results))),
        run_stage("chaos", "pytest", "-n", "0", "-m", "chaos", *results),
    ]
    outcomes = [dataclasses.replace(one, result="none") if one.code == NOTHING_TO_DO else one for one in outcomes]
    if all(one.result == "none" for one in outcomes):
        print("\nno test shows that fault; docs/reliability.md says why")
        return 1
    outcomes.append(run_stage("page", "python", "-m", "tests.faults.page"))
    print_summary(outcomes)
    return 1 if any(outcome.failed for outcome in outcomes) else 0


def files_of_faults() -> list[str]:
    """Those with tests that name a fault: to collect all others would take longer than some faults do."""
    command = ["git", "grep", "--untracked", "--files-with-matches", "pytest.mark.fault", "--", "*/test_*.py"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()


def check_stages() -> dict[str, list[str]]:
    return {
        "format": ["ruff", "format", "--check", "."],
        "lint": ["ruff", "check", "."],
        "types": ["mypy", *(word for package in packages() for word in ("-p", package)), *ALSO_TYPED],
        "imports": ["lint-imports", "--no-logo"],
        "contracts": ["guanxi", "contracts", "--check"],
        "web": [*NPM, "check"],
    }


def packages() -> list[str]:
    """The import names of our own packages; each project folder holds exactly one package."""
    names = [project.rpartition("/")[2].replace("-", "_") for project in present_projects()]
    return ["guanxi" if name == "deploy" else name for name in names]


def pytest_command(arguments: tuple[str, ...]) -> list[str]:
    workers = os.environ.get("TEST_WORKERS", "auto")
    # One file stays in one worker, so what a module prepares is prepared once.
    # In the order in which they were collected, slow ones first; by themselves files with few tests would come last.
    options = [
        "-n",
        workers,
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "--color",
        "yes" if sys.stdout.isatty() else "no",
    ]
    return ["pytest", *options, *arguments]


# Running


def run_stage(name: str, *command: str) -> Outcome:
    print(f"\n── {name}: {' '.join(command)}", flush=True)
    started = time.monotonic()
    code, lines = copy_output(list(command))
    return Outcome(name, "failed" if code else "ok", time.monotonic() - started, code, tuple(lines))


def copy_output(command: list[str]) -> tuple[int, list[str]]:
    """Show the output while it comes, piece by piece, and keep its lines for the summary."""
    kept = bytearray()
    # Tests start hundreds of processes: where compiled modules may not be kept, half of the time goes into compiling.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None  # noqa: S101  for the type checker: PIPE was asked for
        while piece := os.read(process.stdout.fileno(), 65536):
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            kept += piece
    return process.returncode, kept.decode(errors="replace").splitlines()


# The summary


def print_summary(outcomes: list[Outcome]) -> None:
    print("\n── summary")
    for outcome in outcomes:
        print(f"  {outcome.name:<10} {outcome.result:<8} {outcome.seconds:7.1f} s")
    for outcome in outcomes:
        if outcome.name in ("tests", "again", "faults", "chaos"):
            print_tests(outcome)


def print_tests(outcome: Outcome) -> None:
    """What was skipped, and pytest's own closing line as the very last one."""
    skipped = [line for line in outcome.lines if WITHOUT_COLOUR.sub("", line).startswith("SKIPPED ")]
    print("\n".join(["skipped tests:", *skipped]) if skipped else "no test was skipped")
    print(next((line for line in reversed(outcome.lines) if line.strip()), "pytest said nothing"))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
