"""A service is a page: what it serves, says, hears and does by itself."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import flask
import sqlalchemy as sa

from chassis import caller, health
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.effects import Kind
from chassis.erasure import AGAIN, Erasing, Guard, SamePerson
from chassis.events import PREFIX, Event, Heard
from chassis.exporting import with_exports
from chassis.feed import add_feed
from chassis.flowing import TIMERS
from chassis.flows import Flow, Misdeclared, stuck_in
from chassis.importing.declared import Import
from chassis.importing.keeping import FORGETTING
from chassis.jobs import Job
from chassis.log import DatabaseLog, EventSource
from chassis.machine import Machine
from chassis.marks_file import read_marks
from chassis.numbering import Series
from chassis.openapi import describe
from chassis.personal import EventMarks, marks_of
from chassis.principal import Authenticate, Verifier
from chassis.reactions import OneByOne, Reactions
from chassis.routes import Route
from chassis.schedule import Timer
from chassis.settings import Settings
from chassis.tables import consumer_of
from chassis.titles import Title, Titles
from chassis.transaction import Transaction
from chassis.web import add_routes, new_app


@dataclasses.dataclass(frozen=True, kw_only=True)
class Service:
    """One service, declared.

    ``reactions`` is for a service that applies events in batches (reporting); others say ``hears``.
    ``machines`` are the states of its nouns and the moves between them, ``numbers`` the series it numbers by.
    ``effects`` are the kinds of effect outside of Guanxi that its worker carries out (``chassis.effects``).
    ``timers`` are what scheduled messages cause, by name; ``flows`` are the long flows that the service owns.
    ``imports`` are the nouns whose files the worker reads, ``titles`` what the columns of its files are called.
    ``seeds`` run once after migration, in order, and again after each upgrade: they must be repeatable.
    ``add_views`` is the way out for the few endpoints that are not rows (uploads, streams).
    ``personal`` is the file that says what is personal in what the service hears (``make contracts`` writes it); a
    service that has one takes part when a person is erased. ``same_person`` knows which subjects are the same people.
    """

    name: str
    title: str
    metadata: sa.MetaData
    migrations: Path
    routes: Sequence[Route]
    says: Sequence[type[Event]] = ()
    hears: Mapping[type[Heard], Callable[[Transaction, Any], None]] = dataclasses.field(default_factory=dict)
    reactions: Callable[[], Reactions] | None = None
    jobs: Sequence[Job] = ()
    machines: Sequence[Machine] = ()
    numbers: Sequence[Series] = ()
    timers: Mapping[str, Timer] = dataclasses.field(default_factory=dict)
    flows: Sequence[Flow] = ()
    imports: Sequence[Import] = ()
    titles: Mapping[str, Title] = dataclasses.field(default_factory=dict)
    effects: Callable[[Settings, Database], Mapping[str, Kind]] | None = None
    seeds: Sequence[Callable[[Transaction, Settings], None]] = ()
    add_views: Callable[[flask.Flask, Database, Settings], None] | None = None
    personal: Path | None = None
    same_person: SamePerson | None = None
    throws_away: Callable[[sa.Connection], None] | None = None
    """Copies that work which was cut short has left; called while nobody else goes through every row."""

    def __post_init__(self) -> None:
        if self.flows and stuck_in(self.name) not in self.says:
            object.__setattr__(self, "says", [*self.says, stuck_in(self.name)])
        heard = {kind.event_type.removeprefix(PREFIX) for kind in self.hears}
        for flow in self.flows:
            if deaf := {event for step in flow.steps for event in (*step.answers, *step.refusals)} - heard:
                raise Misdeclared(f"{self.name} does not hear what its flow {flow.name} waits for: {sorted(deaf)}")

    def web(self, settings: Settings, database: Database, authenticate: Authenticate | None = None) -> flask.Flask:
        """The WSGI application."""
        app = new_app(self.name)
        app.config[caller.FEED_TOKEN] = settings.feed_token
        check = authenticate or Verifier(settings.keys_file).principal
        add_routes(app, self.all_routes(), service=self.name, database=database, authenticate=check)
        add_feed(app, database, settings.feed_token)
        health.add_health(app, self.name, lambda: health.database_answers(database))
        app.add_url_rule("/openapi.json", "openapi", self._described())
        if self.add_views:
            self.add_views(app, database, settings)
        return app

    def _described(self) -> Callable[[], flask.Response]:
        """A view of the OpenAPI document, made when it is first asked for: starting must not wait for it."""

        @functools.cache
        def document() -> bytes:
            return describe(self.title, self.all_routes())

        return lambda: flask.Response(document(), content_type="application/json")

    def all_routes(self) -> list[Route]:
        """What is declared, and the files of its lists."""
        return self._routes_with_files

    @functools.cached_property
    def _routes_with_files(self) -> list[Route]:
        return with_exports(self.routes, Titles(self.titles))

    def all_jobs(self) -> list[Job]:
        return [*self.jobs, *([FORGETTING] if self.imports else ()), *([AGAIN] if self.personal else ())]

    def all_timers(self) -> Mapping[str, Timer]:
        return {**TIMERS, **self.timers} if self.flows else self.timers

    def all_reactions(self) -> Reactions:
        own = self.reactions() if self.reactions else OneByOne(self.hears)
        return Erasing(own, self) if self.personal else own

    def marks(self) -> Mapping[str, EventMarks]:
        """What is personal in everything that the service says and hears, by event type."""
        return _known_marks(tuple(self.says), self.metadata, self.personal)

    def consumer(self, database: Database, sources: Mapping[str, EventSource]) -> Consumer | None:
        """The one subscription of this service, or None when it hears nothing. It may hear itself, too."""
        reactions = self.all_reactions()
        if not reactions.aggregates():
            return None
        logs = {self.name: DatabaseLog(database), **sources}
        consumer = Consumer(
            name=consumer_of(self.name), service=self.name, database=database, reactions=reactions, sources=logs
        )
        if self.personal:
            consumer.guard = Guard(self.marks)
        return consumer


@functools.cache  # read when first needed, which most processes never do
def _known_marks(says: tuple[type[Event], ...], metadata: sa.MetaData, file: Path | None) -> Mapping[str, EventMarks]:
    return read_marks(file) | {event.event_type: marks_of(event, metadata) for event in says}
