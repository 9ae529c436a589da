"""What operators see: JSON log lines with the trace id, and metrics under stable names."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from prometheus_client import Counter, Gauge, Histogram

from chassis import trace

REQUESTS = Counter("http_requests_total", "Requests answered", ["service", "route", "method", "status"])
REQUEST_SECONDS = Histogram("http_request_seconds", "Time to answer", ["service", "route"])
LOG_HEAD = Gauge("bus_log_head", "Highest position in the log", ["source"])
PUBLISHED = Counter("bus_published_total", "Events confirmed by the broker", ["source"])
CONFIRM_SECONDS = Histogram(
    "bus_confirm_seconds",
    "From sending an event to the broker's confirm",
    ["source"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30),
)
UNROUTABLE = Counter("bus_unroutable_total", "Events that no queue wanted", ["source", "type"])
REFUSED = Counter("bus_refused_total", "Events that the broker could not take, sent again", ["source"])
QUARANTINED = Counter("bus_quarantined_total", "Events that the broker will never take", ["source"])
UNSEALED_SECONDS = Gauge("bus_unsealed_oldest_seconds", "Age of the oldest event without a position", ["source"])
UNPUBLISHED_SECONDS = Gauge("bus_unpublished_oldest_seconds", "Age of the oldest event not yet sent", ["source"])
RELAY_LEADER = Gauge("bus_relay_leader", "1 while this process relays", ["source"])
BROKER_BLOCKED = Gauge("bus_broker_blocked", "1 while the broker takes no events from this process", ["source"])
MEASURED_AT = Gauge("bus_measured_timestamp_seconds", "When the gauges below were last filled", ["service"])
CONNECTED = Gauge("bus_consumer_connected", "1 while events can reach this process", ["consumer"])
LAG_EVENTS = Gauge("bus_consumer_lag_events", "Events of the source not yet taken", ["consumer", "source"])
LAG_SECONDS = Gauge("bus_consumer_lag_seconds", "Age of the oldest event not yet taken", ["consumer", "source"])
HANDLER_SECONDS = Histogram(
    "bus_handler_seconds",
    "Time in the reaction to one event",
    ["consumer"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 15),
)
RETRIES = Counter("bus_retries_total", "Further tries to apply an event", ["consumer"])
WAITING = Gauge("bus_parked", "Events that wait to be tried again", ["consumer", "reason"])
DEAD = Gauge("bus_dead", "Events that wait for a person", ["consumer"])
BLOCKED_AGGREGATES = Gauge("bus_blocked_aggregates", "Aggregates whose later events wait", ["consumer"])
BREAKER_OPEN = Gauge("bus_breaker_open", "1 while the consumer pauses itself", ["consumer"])
PAUSED = Gauge("bus_consumer_paused", "1 while an operator pauses the consumer", ["consumer"])
RECONCILE_MISSING = Gauge("bus_reconcile_missing", "Events that no transport will bring", ["consumer", "source"])
RECONCILE_EXTRA = Gauge(
    "bus_reconcile_extra", "Events found, since this process began, that no log holds", ["consumer", "source"]
)
TOPOLOGY_DIFFERENCES = Gauge("bus_topology_differences", "What the broker holds otherwise than wanted", ["consumer"])
APPLIED = Counter("bus_applied_total", "Events applied", ["consumer", "state", "via"])
DUPLICATES = Counter("bus_duplicates_total", "Deliveries known already", ["consumer"])
GAP_REPAIRS = Counter("bus_gap_repairs_total", "Events fetched because they were missing", ["consumer"])
PARKED = Counter("bus_parkings_total", "Events put aside", ["consumer", "reason"])
SCHEDULED_FAILURES = Counter(
    "bus_scheduled_failures_total", "Failed tries to release a scheduled message", ["service", "name"]
)
FLOWS_OPEN = Gauge("bus_flow_open", "Long flows that wait for something", ["service", "flow"])
FLOWS_STUCK = Gauge("bus_flow_stuck", "Long flows past their deadline", ["service", "flow"])
FLOWS_FAILED = Gauge("bus_flow_failed", "Long flows that ended in a refusal nobody has dealt with", ["service", "flow"])
EFFECTS = Counter(
    "bus_effects_total",
    "Tries to have an effect outside, and questions what came of one",
    ["service", "kind", "outcome"],
)
EFFECTS_OPEN = Gauge("bus_effects_open", "Effects outside that have not succeeded", ["service", "state"])
CRITICAL_SECONDS = Histogram(
    "bus_critical_time_seconds",
    "From the event's record to the commit of its effect, both by database clocks",
    ["consumer", "type"],
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 15, 60, 300),
)


class JsonLines(logging.Formatter):
    """One JSON object a line; never a body, never a secret."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": getattr(record, "service", self.service),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace.current():
            line["trace_id"] = trace.trace_id()
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line | getattr(record, "facts", {}), ensure_ascii=False, default=str)


def log_as_json(service: str, level: str = "INFO") -> None:
    """Send every log line of this process to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("pika").setLevel(logging.WARNING)
    # A refusal is told by whoever asked; asking whether something exists is none.
    logging.getLogger("pika.channel").setLevel(logging.ERROR)
