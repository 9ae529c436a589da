"""The tables of the event side, the same in every service's database (bus.md 2.2)."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.database import NAMING, BigId, Moment
from chassis.personal import DOCUMENT, ENVELOPE, EVENT_DATA, USER_NAME, personal_column, text_column, whoever

Json = sa.LargeBinary
"""Stored as bytes, not as a JSON type: an event is replayed byte for byte."""


BUS = sa.MetaData(naming_convention=NAMING)


def add_bus_tables(metadata: sa.MetaData) -> None:
    """Declare log, inbox, parking, jobs, timers, flows and idempotency keys in a service's metadata."""
    for table in BUS.sorted_tables:
        table.to_metadata(metadata)


def consumer_of(service: str) -> str:
    """The name under which a service's one subscription keeps its rows."""
    return f"{service}.events"


event_log = sa.Table(
    "event_log",
    BUS,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("event_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("event_type", sa.String(120), nullable=False),
    sa.Column("aggregate_type", sa.String(60), nullable=False),
    sa.Column("aggregate_id", sa.String(80), nullable=False),
    sa.Column("aggregate_version", sa.BigInteger, nullable=False),
    sa.Column("occurred_at", Moment, nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("envelope", Json, nullable=False, info=ENVELOPE),
    # The event that caused this one, if any: what an operator asks when he or she follows a story.
    sa.Column("causation_id", sa.Uuid),
    # Set once by the sealer on PostgreSQL. On SQLite the id is the position: writes are serialised.
    sa.Column("position", sa.BigInteger),
    sa.UniqueConstraint("aggregate_type", "aggregate_id", "aggregate_version"),
)
sa.Index("event_log_position", event_log.c.position, unique=True, postgresql_where=event_log.c.position.is_not(None))
sa.Index("event_log_unsealed", event_log.c.id, postgresql_where=event_log.c.position.is_(None))
_is_caused = event_log.c.causation_id.is_not(None)  # most are caused by a request: they cost this index nothing
sa.Index("event_log_caused", event_log.c.causation_id, postgresql_where=_is_caused, sqlite_where=_is_caused)
log_state = sa.Table(
    "log_state",
    BUS,
    sa.Column("only_row", sa.Integer, sa.CheckConstraint("only_row = 1", name="one"), primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("head_position", sa.BigInteger, nullable=False),
    sa.Column("published_to", sa.BigInteger, nullable=False),
    # JSON: [[epoch, position at which it began], …], one for each time the database came back from a backup.
    sa.Column("lives", sa.Text, nullable=False, server_default="[]"),
    sa.Column("sealed_at", Moment),
    sa.Column("published_at", Moment),
)
relay_quarantine = sa.Table(
    "relay_quarantine",
    BUS,
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)


inbox = sa.Table(
    "inbox",
    BUS,
    sa.Column("consumer", sa.String(80), primary_key=True),
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("position", sa.BigInteger),
    sa.Column("event_type", sa.String(120), nullable=False),
    sa.Column("aggregate_type", sa.String(60), nullable=False),
    sa.Column("aggregate_id", sa.String(80), nullable=False),
    sa.Column("aggregate_version", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("via", sa.String(12), nullable=False),
    # 1, or 0 when there was no reaction to its type: a later build that has one catches up on it.
    sa.Column("reacted", sa.Integer, nullable=False, server_default="1"),
    sa.Column("processed_at", Moment, nullable=False),
    sa.CheckConstraint("state IN ('done','skipped','parked','dead','discarded')", name="state"),
)
sa.Index("inbox_position_order", inbox.c.consumer, inbox.c.source, inbox.c.epoch, inbox.c.position)
UNREACTED = inbox.c.reacted == sa.literal_column("0")
"""Spelled out, not a parameter, so that the databases see that the index below is meant."""
sa.Index(
    "inbox_unreacted",
    inbox.c.consumer,
    inbox.c.event_type,
    inbox.c.position,
    postgresql_where=UNREACTED,
    sqlite_where=UNREACTED,
)
inbox_stream = sa.Table(
    "inbox_stream",
    BUS,
    sa.Column("consumer", sa.String(80), primary_key=True),
    sa.Column("source", sa.String(60), primary_key=True),
    sa.Column("aggregate_type", sa.String(60), primary_key=True),
    sa.Column("aggregate_id", sa.String(80), primary_key=True),
    sa.Column("last_version", sa.BigInteger, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False, server_default="1"),
    sa.Column("blocked_by", sa.Uuid),
)
inbox_position = sa.Table(
    "inbox_position",
    BUS,
    sa.Column("consumer", sa.String(80), primary_key=True),
    sa.Column("source", sa.String(60), primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("pulled_to", sa.BigInteger, nullable=False),
    sa.Column("reconciled_to", sa.BigInteger, nullable=False),
    sa.Column("pruned_to", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("complete_at", Moment),
)


subscriber = sa.Table(
    "subscriber",
    BUS,
    sa.Column("consumer", sa.String(80), primary_key=True),
    # Counted up with every change below, so that whoever hears learns of it in the same transaction.
    sa.Column("generation", sa.Integer, nullable=False),
)
subscription = sa.Table(
    "subscription",
    BUS,
    sa.Column("consumer", sa.String(80), primary_key=True),
    sa.Column("source", sa.String(60), primary_key=True),
    sa.Column("aggregate_type", sa.String(60), primary_key=True),
    # Empty: the aggregate as a whole, whatever happens to it.
    sa.Column("event_type", sa.String(120), primary_key=True),
    sa.Column("state", sa.String(12), nullable=False),
    # Up to here everything was said before anybody here listened; unknown until the source answers.
    sa.Column("epoch", sa.Integer),
    sa.Column("past_to", sa.BigInteger),
    sa.Column("taken_to", sa.BigInteger, nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.CheckConstraint("state IN ('new','catching_up','joined','left')", name="state"),
)


parked_event = sa.Table(
    "parked_event",
    BUS,
    sa.Column("consumer", sa.String(80), primary_key=True),
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False, info=ENVELOPE),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("event_type", sa.String(120), nullable=False),
    sa.Column("aggregate_type", sa.String(60), nullable=False),
    sa.Column("aggregate_id", sa.String(80), nullable=False),
    sa.Column("aggregate_version", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String(24), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", Moment),
    sa.Column("error_class", sa.String(120), nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("first_at", Moment, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("changed_by", sa.String(80), nullable=False, server_default="", info=USER_NAME),
    # The bytes as they came, once an operator has edited the body.
    sa.Column("original_body", sa.LargeBinary, info=ENVELOPE),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.CheckConstraint("state IN ('waiting','dead','discarded')", name="state"),
)
sa.Index("parked_event_due", parked_event.c.consumer, parked_event.c.state, parked_event.c.next_attempt_at)
parked_failure = sa.Table(
    "parked_failure",
    BUS,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("consumer", sa.String(80), nullable=False),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(24), nullable=False),
    sa.Column("error_class", sa.String(120), nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("place", sa.String(200), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
)
sa.Index("parked_failure_of", parked_failure.c.consumer, parked_failure.c.event_id)
operator_action = sa.Table(
    "operator_action",
    BUS,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by_id", sa.BigInteger, nullable=False),
    sa.Column("by_name", sa.String(80), nullable=False, info=personal_column(user="by_id")),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("consumer", sa.String(80), nullable=False),
    sa.Column("event_id", sa.Uuid),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("aggregate_type", sa.String(60), nullable=False),
    sa.Column("aggregate_id", sa.String(80), nullable=False),
    sa.Column("reason", sa.Text, nullable=False, info=text_column(whoever("aggregate_type", "aggregate_id"))),
    sa.Column("before", sa.JSON, nullable=False, info=EVENT_DATA),
    sa.Column("after", sa.JSON, nullable=False, info=EVENT_DATA),
)
sa.Index("operator_action_about", operator_action.c.event_id)
delivery_attempt = sa.Table(
    "delivery_attempt",
    BUS,
    sa.Column("consumer", sa.String(80), primary_key=True),
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("started_at", Moment, nullable=False),
)
consumer_state = sa.Table(
    "consumer_state",
    BUS,
    sa.Column("consumer", sa.String(80), primary_key=True),
    # Which process reads now; emptied at a clean end, so that what is left tells of a death.
    sa.Column("life", sa.String(40), nullable=False, server_default=""),
    sa.Column("paused_at", Moment),
    sa.Column("paused_by", sa.String(80), nullable=False, server_default="", info=USER_NAME),
    sa.Column("pause_reason", sa.Text, nullable=False, server_default=""),
    sa.Column("breaker", sa.String(12), nullable=False, server_default=""),
    sa.Column("breaker_since", Moment),
    sa.Column("breaker_error", sa.Text, nullable=False, server_default=""),
    sa.Column("fingerprint", sa.String(64), nullable=False, server_default=""),
    sa.Column("probed_at", Moment),
    sa.CheckConstraint("breaker IN ('','failing','full')", name="breaker"),
)


external_effect = sa.Table(
    "external_effect",
    BUS,
    sa.Column("idempotency_key", sa.String(200), primary_key=True),
    sa.Column("kind", sa.String(60), nullable=False),
    # What it is done for: a worker has one effect of a subject in hand at a time.
    sa.Column("subject", sa.String(80), nullable=False),
    # JSON; what tells an event has its type, subject and data, and is blanked as it is.
    sa.Column("request", Json, nullable=False, info=ENVELOPE),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # Rises whenever somebody takes it in hand: whoever comes back late finds that it is no longer his.
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("next_at", Moment),
    sa.Column("lease_until", Moment),
    sa.Column("response", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("changed_by", sa.String(80), nullable=False, server_default="", info=USER_NAME),
    sa.CheckConstraint("state IN ('pending','in_flight','succeeded','failed','unknown')", name="state"),
)
sa.Index("external_effect_due", external_effect.c.state, external_effect.c.next_at)
sa.Index("external_effect_of", external_effect.c.kind, external_effect.c.subject, external_effect.c.made_at)


scheduled_job = sa.Table(
    "scheduled_job",
    BUS,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("ran_at", Moment),
    sa.Column("outcome", sa.Text, nullable=False, server_default=""),
)
scheduled_message = sa.Table(
    "scheduled_message",
    BUS,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("dedupe_key", sa.String(250), nullable=False, unique=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("payload", Json, nullable=False, info=DOCUMENT),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", Moment, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("released_at", Moment),
    sa.CheckConstraint("state IN ('pending','released','cancelled')", name="state"),
)
sa.Index("scheduled_message_due", scheduled_message.c.state, scheduled_message.c.next_attempt_at)
flow = sa.Table(
    "flow",
    BUS,
    sa.Column("id", sa.String(160), primary_key=True),
    sa.Column("flow_type", sa.String(60), nullable=False),
    sa.Column("correlation_id", sa.String(80), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("step", sa.String(60), nullable=False),
    sa.Column("waiting_for", sa.String(400), nullable=False),
    sa.Column("waiting_since", Moment, nullable=False),
    sa.Column("deadline_at", Moment),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("data", Json, nullable=False, info=DOCUMENT),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.CheckConstraint("state IN ('running','stuck','completed','failed','cancelled')", name="state"),
)
sa.Index("flow_by_state", flow.c.state, flow.c.started_at, flow.c.id)
sa.Index("flow_by_start", flow.c.started_at, flow.c.id)
flow_step = sa.Table(
    "flow_step",
    BUS,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("flow_id", sa.String(160), nullable=False, index=True),
    sa.Column("step", sa.String(60), nullable=False),
    sa.Column("outcome", sa.String(12), nullable=False),
    sa.Column("event_id", sa.Uuid),
    sa.Column("by_name", sa.String(80), nullable=False, info=USER_NAME),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)
idempotency_key = sa.Table(
    "idempotency_key",
    BUS,
    sa.Column("owner", sa.String(80), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("request_hash", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("headers", sa.LargeBinary, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
)
erased_subject = sa.Table(
    "erased_subject",
    BUS,
    # From a number series, so that ids are committed in their order and the highest one tells whether there is news.
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("subject_key", sa.String(80), nullable=False),
    sa.Column("with_texts", sa.Boolean, nullable=False),
    sa.Column("erasure_id", sa.BigInteger, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("kind", "subject_key", "with_texts"),
)
erasure_task = sa.Table(
    "erasure_task",
    BUS,
    sa.Column("erasure_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("correlation_id", sa.String(40), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("again_at", Moment),
    sa.Column("done_at", Moment),
    sa.CheckConstraint("state IN ('traced','waiting','done')", name="state"),
)
number_series = sa.Table(
    "number_series",
    BUS,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)
