"""``make bench-bus``: how quick the bus is, in ratios of one run, as docs/performance.md tells it.

Shared machines are noisy: a ratio of one run says more than two runs.
"""

from __future__ import annotations

import argparse
import sys

from tests.bench import servers
from tests.bench.bus import pipeline

MEASURES = {"pipeline": pipeline.measure}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=MEASURES, action="append")
    chosen = parser.parse_args()
    with servers.running() as running:
        for name in chosen.only or MEASURES:
            for row in MEASURES[name](running):
                print(row.what, row.seen, row.promised, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
