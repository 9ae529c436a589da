"""``make bench``: what is promised, measured. Nothing here fails on a slow machine; it prints what it saw.

Shared machines are noisy: compare rows of one run, not runs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import system
from tests.bench import measures
from tests.infra import provide
from tests.real_data import FOLDER, is_there

MODES = ("embedded", "full")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", choices=MODES, action="append")
    parser.add_argument("--only", choices=sorted(measures.ALL), action="append")
    chosen = parser.parse_args()
    if not is_there():
        print(f"The real data is not at {FOLDER}: imports are left out", file=sys.stderr)
    for mode in chosen.mode or MODES:
        for name in chosen.only or list(measures.ALL):
            with tempfile.TemporaryDirectory() as folder, running(mode, Path(folder)) as guanxi:
                report(mode, name, measures.ALL[name], guanxi)
    return 0


def report(mode: str, name: str, measure: Callable[[system.System], dict[str, str]], guanxi: system.System) -> None:
    for what, figure in measure(guanxi).items():
        print(f"{mode:<9} {name:<9} {what:<52} {figure}", flush=True)


@contextmanager
def running(mode: str, folder: Path) -> Iterator[system.System]:
    """A fresh system in this mode, with servers of its own."""
    with ExitStack() as stack:
        if mode == "embedded":
            yield stack.enter_context(system.embedded(folder))
            return
        broker = provide.shared_broker()
        stack.callback(broker.close)
        database = provide.shared_database_server()
        stack.callback(database.close)
        broker.wait()
        database.wait()
        yield stack.enter_context(system.full(folder, database, broker.url, broker.management_url))


if __name__ == "__main__":
    sys.exit(main())
