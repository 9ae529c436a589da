"""The whole system as people meet it: how long until a report shows what was written, and after an import."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import real_data, system
from tests.bench.bus.figures import Row, limit
from tests.bench.measures import LATENCY_PER_SECOND, import_all, latencies, quantile, seconds_until_reported
from tests.bench.servers import Servers

MODES = ("embedded", "full")


def latency(servers: Servers) -> Iterator[Row]:
    """From the answer to a write until the report shows it."""
    for mode in MODES:
        with running(mode, servers) as guanxi:
            took = [seconds * 1000 for seconds in latencies(guanxi)]
        what = f"commit to visible in the report at {LATENCY_PER_SECOND}/s, {mode} mode"
        yield limit(f"{what}, median", quantile(took, 0.5), "ms", below=60)
        yield limit(f"{what}, 99 %", quantile(took, 0.99), "ms", below=300)


def real(servers: Servers) -> Iterator[Row]:
    """The real tables; nothing where they are not."""
    for mode in MODES if real_data.is_there() else ():
        with running(mode, servers) as guanxi:
            orders = import_all(guanxi)[-1]
            behind = seconds_until_reported(guanxi)
        yield Row(f"import of {orders.created:,} invoices, {mode} mode", f"{orders.seconds:.1f} s")
        yield limit(f"last row to complete reports, {mode} mode", behind, "s", below=30)


@contextmanager
def running(mode: str, servers: Servers) -> Iterator[system.System]:
    """A fresh system, with the servers that are there."""
    with TemporaryDirectory() as folder:
        if mode == "embedded":
            with system.embedded(Path(folder)) as guanxi:
                yield guanxi
            return
        api = servers.broker.management_url
        with servers.vhost() as url, system.full(Path(folder), servers.databases, url, api) as guanxi:
            yield guanxi
