"""How the story is told: many threads of events, each a generator, told in the order of their moments."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from chassis.problems import Problem
from chassis.telling import Chapter, Told
from guanxi.demo.firm import Firm

CHAPTER = timedelta(days=15)
IN_TURN = ("identity", "customer", "marketing", "service-desk")
"""Who tells first within a chapter; reporting only hears."""
DAILY = {
    "customer": ("detect-losses",),
    "marketing": ("find idle opportunities", "remind of leads", "remind of tasks"),
    "service-desk": ("escalate requests", "escalate complaints", "remind of visits"),
}
"""What services do by themselves; told at the end of each chapter."""
Progress = Callable[[datetime, int], None]
"""Called after each chapter, with its end and the number of commands told so far."""


@dataclasses.dataclass(frozen=True)
class Step:
    """Somebody does something; ``do`` makes one."""

    service: str
    endpoint: str
    who: str
    at: datetime
    path: dict[str, Any]
    said: dict[str, Any]


class Heard:
    """Yielded to wait until everybody has heard what was said; answered with a moment after that."""


HEARD = Heard()
Thread = Generator[Step | Heard, Any, None]
Part = Generator[Step | Heard, Any, Any]
"""A part of a thread, which may give something to the thread that it belongs to."""


def do(service: str, endpoint: str, who: str, at: datetime, **said: Any) -> Step:
    """A step; values that stand in the endpoint's path are taken from what is said."""
    names = [part.rpartition(":")[2].strip("<>") for part in endpoint.split("/") if part.startswith("<")]
    path = {name: said.pop(name) for name in names}
    return Step(service, endpoint, who, at, path, said)


def wait(service: str, at: datetime) -> Step:
    """Nothing is done; the thread goes on when the story has come to this moment."""
    return Step(service, "", "", at, {}, {})


class Story:
    """Threads and the clock that they share; what lies after ``until`` is not told any more."""

    def __init__(self, firm: Firm, *, seed: int, begins: datetime, until: datetime) -> None:
        self.firm, self.seed, self.begins, self.until = firm, seed, begins, until
        self.told = 0
        self._waiting: dict[str, list[tuple[datetime, int, str, Step, Thread]]] = {name: [] for name in IN_TURN}
        self._listening: list[tuple[str, Thread]] = []
        self._steps: dict[str, int] = {}
        self._turn = 0

    @property
    def beginning(self) -> str:
        """Of the keys of all that is told."""
        return f"demo/{self.seed}/"

    def chance(self, name: str) -> Random:
        """Chance of its own for each thread, so that one more decision here changes nothing there."""
        return Random(f"{self.seed}/{name}")  # noqa: S311  (a story, not a secret)

    def add(self, name: str, thread: Thread) -> None:
        """One more thread; its name is unique and stays the same when the story is told again."""
        self._steps[name] = 0
        self._go_on(name, thread, None)

    def tell(self, progress: Progress, heard_until: datetime | None = None) -> None:
        """From the beginning to the end, chapter by chapter; up to ``heard_until`` everybody has heard it before."""
        end = self.begins
        while end < self.until:
            end = min(end + CHAPTER, self.until)
            self._tell_until(end)
            if heard_until is None or end > heard_until:
                self.firm.hear()
                for service, jobs in DAILY.items():
                    self._run_jobs(service, jobs, end)
                self.firm.hear()
            self._wake(end)
            progress(end, self.told)

    def _tell_until(self, end: datetime) -> None:
        while any(queue and queue[0][0] < end for queue in self._waiting.values()):
            for service in IN_TURN:
                queue = self._waiting[service]
                if queue and queue[0][0] < end:
                    with self.firm.tellers[service].chapter() as chapter:
                        self._tell_of(chapter, queue, end)

    def _tell_of(self, chapter: Chapter, queue: list[tuple[datetime, int, str, Step, Thread]], end: datetime) -> None:
        while queue and queue[0][0] < end:
            _, _, name, step, thread = heapq.heappop(queue)
            self._go_on(name, thread, self._done(chapter, name, step) if step.endpoint else None)

    def _done(self, chapter: Chapter, name: str, step: Step) -> Any:
        """What came of a step. Its key is the thread's name and how many steps came before."""
        self._steps[name] += 1
        self.told += 1
        key = f"{self.beginning}{name}/{self._steps[name]}"
        who = self.firm.somebody(step.who)
        told = Told(endpoint=step.endpoint, who=who, at=step.at, key=key, path=step.path, said=step.said)
        try:
            return chapter.tell(told)
        except Problem as problem:
            problem.add_note(f"{name} told: {step.who}, {step.at:%Y-%m-%d %H:%M}, {step.endpoint} {step.path}")
            raise

    def _run_jobs(self, service: str, jobs: tuple[str, ...], at: datetime) -> None:
        with self.firm.tellers[service].chapter() as chapter:
            for job in jobs:
                chapter.run(job, at, key=f"{self.beginning}{job} at {iso(at)}")

    def _wake(self, at: datetime) -> None:
        listening, self._listening = self._listening, []
        for name, thread in listening:
            self._go_on(name, thread, at)

    def _go_on(self, name: str, thread: Thread, answer: Any) -> None:
        try:
            step = thread.send(answer)
        except StopIteration:
            return
        if isinstance(step, Heard):
            self._listening.append((name, thread))
        elif step.at < self.until:
            self._turn += 1
            heapq.heappush(self._waiting[step.service], (step.at, self._turn, name, step, thread))


def at_work(moment: datetime, chance: Random) -> datetime:
    """Some minute of the working day that this moment falls on, or of the Monday after it; in China."""
    day = moment + timedelta(days=max(0, moment.weekday() - 4) and 7 - moment.weekday())
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(540))


def later(moment: datetime, chance: Random, least: float, most: float) -> datetime:
    """A working moment so many days later; never before the one that it follows."""
    found = at_work(moment + timedelta(days=chance.uniform(least, most)), chance)
    return found if found > moment else moment + timedelta(minutes=chance.randrange(5, 90))


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def months(begins: datetime, until: datetime) -> Iterator[str]:
    """``2024-11``, ``2024-12`` and so on."""
    year, month = begins.year, begins.month
    while (year, month) <= (until.year, until.month):
        yield f"{year}-{month:02d}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
