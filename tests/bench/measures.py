"""What is measured, one function each; figures come back as text with their unit."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from guanxi.importing.client import Api
from guanxi.importing.run import Importer, Outcome
from tests import real_data
from tests.system import EmbeddedSystem, FullSystem, Person, System, wait_until

LATENCY_EVENTS = 200
LATENCY_PER_SECOND = 40
LONGEST_SECONDS, LOOK_SECONDS = 300.0, 0.5
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
    outcomes = import_all(guanxi)
    behind = seconds_until_reported(guanxi)
    figures = {f"import of {one.title} ({one.created} created)": f"{one.seconds:.1f} s" for one in outcomes}
    return figures | {"last row to complete reports": f"{behind:.1f} s"} | listing(guanxi.person("sue"))


def import_all(guanxi: System) -> list[Outcome]:
    accounts = {"admin": Api(guanxi.address, "admin", "guanxi-demo")}
    accounts["supervisor"] = Api(guanxi.address, "sue", "guanxi-demo")
    return Importer(accounts, progress=lambda *_: None).run(real_data.FOLDER)


def seconds_until_reported(guanxi: System) -> float:
    """From now until the reports hold every row of the real tables."""
    began, eve = time.monotonic(), guanxi.person("eve")
    wanted = real_data.contribution_total_minor()
    while real_data.reported_total_minor(eve) != wanted:
        if time.monotonic() - began > LONGEST_SECONDS:
            raise TimeoutError(f"The reports are not complete after {LONGEST_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - began


def listing(sue: Person) -> Figures:
    """A page of 20 customers, filtered and sorted, through the gateway."""
    path = "/api/customers?size=20&region=United%20Kingdom&sort=-opened_at"
    took = [timed(lambda: sue.get(path)) for _ in range(50)]
    return {"page of 20 customers, filtered and sorted, median": f"{statistics.median(took) * 1000:.1f} ms"}


def latency(guanxi: System) -> Figures:
    """From the answer to a write until the report shows it, at a steady rate."""
    took = latencies(guanxi)
    return {
        f"commit to visible in the report, p50 at {LATENCY_PER_SECOND}/s": f"{quantile(took, 0.5) * 1000:.0f} ms",
        "the same, p99": f"{quantile(took, 0.99) * 1000:.0f} ms",
    }


def quantile(took: list[float], part: float) -> float:
    return sorted(took)[int(len(took) * part)]


def latencies(guanxi: System) -> list[float]:
    """Seconds from the answer to each write until the report shows it."""
    mei, eve = guanxi.person("mei"), guanxi.person("eve")
    name = f"Latency {time.time():.0f}"
    mei.post("/api/customers", expect=201, name=name, region="x", level=1)
    sue, asked = guanxi.person("sue"), f"name={name.replace(' ', '%20')}"
    number = sue.get(f"/api/customers?{asked}")["items"][0]["customer_no"]
    seen: dict[int, float] = {}
    watching = threading.Event()

    def watch() -> None:
        while not watching.is_set():
            found = eve.get(f"/api/reports/contribution?{asked}")["items"]
            now = time.monotonic()
            for count in range(1, (found[0]["orders"] if found else 0) + 1):
                seen.setdefault(count, now)
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    sent = place_orders(sue, number)
    wait_until(lambda: len(seen) >= LATENCY_EVENTS, "the last order in the report", within=60)
    watching.set()
    watcher.join()
    return [max(0.0, seen[count] - at) for count, at in enumerate(sent, 1)]


def place_orders(sue: Person, customer_no: str) -> list[float]:
    """At a steady rate; when each was answered."""
    sent = []
    for count in range(1, LATENCY_EVENTS + 1):
        began = time.monotonic()
        order = {"order_no": f"L{count}-{time.time_ns() % 10**9}", "customer_no": customer_no, "kind": "order"}
        order |= {"ordered_at": "2026-01-05T10:00:00Z", "amount": "1.00", "currency": "CNY"}
        sue.post("/api/orders/bulk", rows=[order])
        sent.append(time.monotonic())
        time.sleep(max(0.0, 1 / LATENCY_PER_SECOND - (time.monotonic() - began)))
    return sent


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
