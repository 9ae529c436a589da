"""``make bench-bus``: how quick the bus is, in ratios of one run; with ``--write`` docs/performance.md tells it.

Shared machines are noisy: a ratio of one run says more than two runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator

from tests.bench import servers
from tests.bench.bus import page, pipeline, reports, whole
from tests.bench.bus.figures import Row

MEASURES: dict[str, Callable[[servers.Servers], Iterator[Row]]] = {
    "pipeline": pipeline.measure,
    "reports": reports.measure,
    "latency": whole.latency,
    "real": whole.real,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=MEASURES, action="append", help="one of them, or several")
    parser.add_argument("--write", action="store_true", help="write the table of docs/performance.md")
    chosen = parser.parse_args()
    load, rows = os.getloadavg()[0], list[Row]()
    with servers.running() as running:
        for name in chosen.only or MEASURES:
            for row in MEASURES[name](running):
                rows.append(row)
                tell(row)
    if chosen.write:
        page.PAGE.write_text(page.written(page.PAGE.read_text(), rows, load))
    return 0


def tell(row: Row) -> None:
    mark = {True: "kept", False: "MISSED", None: ""}[row.is_kept]
    print(f"{row.what:<72} {row.seen:>16}  {row.promised:<20} {mark}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
