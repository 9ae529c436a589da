"""How an operator sees a service's bus over HTTP: each view is a part of the answers of its desk."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import View
from chassis.operating import MOST_AT_ONCE


class StandingView(View):
    """Whether a consumer goes on: paused by an operator, or by itself (``failing``, ``full``), since when and why."""

    paused_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    paused_by = ma.fields.String(required=True)
    pause_reason = ma.fields.String(required=True)
    breaker = ma.fields.String(required=True, metadata={"enum": ["", "failing", "full"]})
    breaker_since = ma.fields.AwareDateTime(allow_none=True, required=True)
    breaker_error = ma.fields.String(required=True)
    fingerprint = ma.fields.String(required=True)
    probed_at = ma.fields.AwareDateTime(allow_none=True, required=True)


class SourceReadView(View):
    """How far another service's log was read."""

    source = ma.fields.String(required=True)
    read_to = ma.fields.Integer(required=True)
    complete_at = ma.fields.AwareDateTime(allow_none=True, required=True)


class ParkedCountView(View):
    """How many events are parked."""

    state = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    number = ma.fields.Integer(required=True)


class BusStatusView(View):
    """How far a service's log is, how far its consumer is, and what waits."""

    service = ma.fields.String(required=True)
    head = ma.fields.Integer(required=True)
    epoch = ma.fields.Integer(required=True)
    unsealed = ma.fields.Integer(required=True)
    published_to = ma.fields.Integer(allow_none=True, required=True)
    sources = ma.fields.List(ma.fields.Nested(SourceReadView), required=True)
    parked = ma.fields.List(ma.fields.Nested(ParkedCountView), required=True)
    blocked_aggregates = ma.fields.Integer(required=True)
    consumer = ma.fields.String(required=True)
    standing = ma.fields.Nested(StandingView, required=True)
    does = ma.fields.String(required=True, metadata={"description": "The standing in one sentence"})


class ParkedRow(View):
    """An event that could not be applied: what it is about, why it is here, and when it is tried again."""

    event_id = ma.fields.UUID(required=True)
    consumer = ma.fields.String(required=True)
    source = ma.fields.String(required=True)
    event_type = ma.fields.String(required=True)
    aggregate_type = ma.fields.String(required=True)
    aggregate_id = ma.fields.String(required=True)
    aggregate_version = ma.fields.Integer(required=True)
    reason = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    attempts = ma.fields.Integer(required=True)
    next_attempt_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    error_class = ma.fields.String(required=True)
    error = ma.fields.String(required=True)
    fingerprint = ma.fields.String(required=True)
    first_at = ma.fields.AwareDateTime(required=True)
    last_at = ma.fields.AwareDateTime(required=True)
    note = ma.fields.String(required=True)
    changed_by = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)


class FailureView(View):
    """One failed try."""

    at = ma.fields.AwareDateTime(required=True)
    attempt = ma.fields.Integer(required=True)
    reason = ma.fields.String(required=True)
    error_class = ma.fields.String(required=True)
    error = ma.fields.String(required=True)
    place = ma.fields.String(required=True, metadata={"description": "Module, function and line"})
    fingerprint = ma.fields.String(required=True)


class OperatorActionView(View):
    """What an operator did, when, to what, why, and what was before and after."""

    id = ma.fields.Integer(required=True)
    at = ma.fields.AwareDateTime(required=True)
    by_id = ma.fields.Integer(required=True)
    by_name = ma.fields.String(required=True)
    action = ma.fields.String(required=True)
    consumer = ma.fields.String(required=True)
    event_id = ma.fields.UUID(allow_none=True, required=True)
    source = ma.fields.String(required=True)
    aggregate_type = ma.fields.String(required=True)
    aggregate_id = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    before = ma.fields.Dict(required=True)
    after = ma.fields.Dict(required=True)


class ParkedView(ParkedRow):
    """A parked event with its body, every failed try and every action."""

    body = ma.fields.Raw(allow_none=True, required=True, metadata={"description": "The envelope, if it is JSON"})
    original = ma.fields.Raw(allow_none=True, required=True, metadata={"description": "As it came, once edited"})
    raw = ma.fields.String(allow_none=True, required=True, metadata={"description": "What is no JSON, base64"})
    failures = ma.fields.List(ma.fields.Nested(FailureView), required=True)
    actions = ma.fields.List(ma.fields.Nested(OperatorActionView), required=True)


class CauseView(View):
    """Parked events with one cause: the same fault at the same place."""

    fingerprint = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    error_class = ma.fields.String(required=True)
    error = ma.fields.String(required=True, metadata={"description": "One of the texts"})
    number = ma.fields.Integer(required=True)
    aggregates = ma.fields.Integer(required=True)
    first_at = ma.fields.AwareDateTime(required=True)
    last_at = ma.fields.AwareDateTime(required=True)


class CausesView(View):
    """Parked events by cause, most first."""

    items = ma.fields.List(ma.fields.Nested(CauseView), required=True)


class OutcomeView(View):
    """What an action did, or would do."""

    events = ma.fields.Integer(required=True)
    aggregates = ma.fields.Integer(required=True)
    skipped = ma.fields.Integer(required=True, metadata={"description": "Events with which this cannot be done"})
    left = ma.fields.Integer(required=True, metadata={"description": f"Events beyond the first {MOST_AT_ONCE}"})
    dry_run = ma.fields.Boolean(required=True)


class SaidView(View):
    """An event as its service said it."""

    event_id = ma.fields.UUID(required=True)
    event_type = ma.fields.String(required=True)
    service = ma.fields.String(required=True)
    subject = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    at = ma.fields.AwareDateTime(required=True)
    by = ma.fields.String(required=True)
    caused_by = ma.fields.UUID(allow_none=True, required=True)


class HeardView(View):
    """What became of an event where it was heard."""

    event_id = ma.fields.UUID(required=True)
    consumer = ma.fields.String(required=True)
    state = ma.fields.String(required=True)


class PartView(View):
    """What one service knows of some events: which it said, what they caused here, how it heard them."""

    said = ma.fields.List(ma.fields.Nested(SaidView), required=True)
    heard = ma.fields.List(ma.fields.Nested(HeardView), required=True)


class ArrivalView(View):
    """How one event stands with one listener: ``waiting``, or as its inbox keeps it."""

    event_id = ma.fields.UUID(required=True)
    state = ma.fields.String(required=True)


class ArrivalsView(View):
    """The events that this service listens to, out of those that were asked about."""

    items = ma.fields.List(ma.fields.Nested(ArrivalView), required=True)
