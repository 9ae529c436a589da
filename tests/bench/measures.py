"""What is measured, one function each; figures come back as text with their unit."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from guanxi.importing.client import Api
from guanxi.importing.run import Importer
from tests import real_data
from tests.system import EmbeddedSystem, FullSystem, Person, System, wait_until

LATENCY_EVENTS = 200
LATENCY_PER_SECOND = 40
Figures = dict[str, str]


def start(guanxi: System) -> Figures:
    """Stop and second start of embedded mode, with memory; nothing for the other."""
    if not isinstance(guanxi, EmbeddedSystem):
        return {}
    stopped = guanxi.stop()
    ready = guanxi.start()
    for login in ("sue", "mei"):
        guanxi.person(login).get("/api/opportunities")
    pid = guanxi.process.pid if guanxi.process else 0
    return {
        "Ctrl-C to end": f"{stopped:.2f} s",
        "second start to ready": f"{ready:.2f} s",
        "resident memory, whole process tree (PSS)": f"{memory_mib(pid):.0f} MiB",
    }


def real(guanxi: System) -> Figures:
    """The real tables through the public API, then the reports."""
    if not real_data.is_there():
        return {}
    accounts = {"admin": Api(guanxi.address, "admin", "guanxi-demo")}
    accounts["supervisor"] = Api(guanxi.address, "sue", "guanxi-demo")
    outcomes = Importer(accounts, progress=lambda *_: None).run(real_data.FOLDER)
    ended = time.monotonic()
    eve = guanxi.person("eve")
    wanted = real_data.contribution_total_minor()
    wait_until(lambda: real_data.reported_total_minor(eve) == wanted, "the reports to be complete", within=300)
    figures = {f"import of {one.title} ({one.created} created)": f"{one.seconds:.1f} s" for one in outcomes}
    return (
        figures | {"last row to complete reports": f"{time.monotonic() - ended:.1f} s"} | listing(guanxi.person("sue"))
    )


def listing(sue: Person) -> Figures:
    """A page of 20 customers, filtered and sorted, through the gateway."""
    path = "/api/customers?size=20&region=United%20Kingdom&sort=-opened_at"
    took = [timed(lambda: sue.get(path)) for _ in range(50)]
    return {"page of 20 customers, filtered and sorted, median": f"{statistics.median(took) * 1000:.1f} ms"}


def latency(guanxi: System) -> Figures:
    """From the answer to a write until the report shows it, at a steady rate."""
    mei, eve = guanxi.person("mei"), guanxi.person("eve")
    name = f"Latency {time.time():.0f}"
    mei.post("/api/customers", expect=201, name=name, region="x", level=1)
    sue = guanxi.person("sue")
    number = sue.get(f"/api/customers?name={name.replace(' ', '%20')}")["items"][0]["customer_no"]
    sent: dict[int, float] = {}
    seen: dict[int, float] = {}
    watching = threading.Event()

    def watch() -> None:
        while not watching.is_set():
            found = eve.get(f"/api/reports/contribution?name={name.replace(' ', '%20')}")["items"]
            now = time.monotonic()
            for count in range(1, (found[0]["orders"] if found else 0) + 1):
                seen.setdefault(count, now)
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for count in range(1, LATENCY_EVENTS + 1):
        began = time.monotonic()
        order = {"order_no": f"L{count}-{time.time_ns() % 10**9}", "customer_no": number, "kind": "order"}
        sue.post("/api/orders/bulk", rows=[{**order, "ordered_at": "2026-01-05T10:00:00Z", "amount": "1.00",
                                            "currency": "CNY"}])  # fmt: skip
        sent[count] = time.monotonic()
        time.sleep(max(0.0, 1 / LATENCY_PER_SECOND - (time.monotonic() - began)))
    wait_until(lambda: len(seen) >= LATENCY_EVENTS, "the last order in the report", within=60)
    watching.set()
    watcher.join()
    took = sorted(max(0.0, seen[count] - sent[count]) for count in sent)
    return {
        f"commit to visible in the report, p50 at {LATENCY_PER_SECOND}/s": f"{took[len(took) // 2] * 1000:.0f} ms",
        "the same, p99": f"{took[int(len(took) * 0.99)] * 1000:.0f} ms",
    }


def timed(call: Callable[[], Any]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


def memory_mib(root: int) -> float:
    """Proportional memory of a process and its children: what they cost this machine."""
    return sum(_pss_kib(pid) for pid in _tree(root)) / 1024


def _tree(root: int) -> list[int]:
    found = [root]
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        for child in task.read_text().split():
            found += _tree(int(child))
    return found


def _pss_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def full_memory(guanxi: System) -> Figures:
    """All processes of supervised mode, without the servers."""
    if not isinstance(guanxi, FullSystem):
        return {}
    children = [keeper.child.pid for keeper in guanxi.supervised.processes.values() if keeper.child]
    return {"resident memory of all processes (PSS)": f"{sum(memory_mib(pid) for pid in children):.0f} MiB"}


ALL: dict[str, Callable[[System], Figures]] = {
    "start": start,
    "memory": full_memory,
    "real": real,
    "latency": latency,
}
