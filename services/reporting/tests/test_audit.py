"""The audit log: every event of every service, found by who, what, when and text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.events import Change, Event, PersonalText, encode, open_envelope
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.audit import queries
from reporting.log import report_log

AUDITOR = Principal(user_id=1, name="Ada", kind="user", scope="own")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


class UserEdited(Event, type="identity.user.edited"):
    """Somebody is called otherwise."""

    user_id: int
    full_name: PersonalText


class SignInFailed(Event, type="identity.sign-in.failed", key="attempt_id"):
    """Somebody was not let in."""

    attempt_id: str
    login: PersonalText
    reason: str
    address: PersonalText


class OpportunityFailed(Event, type="marketing.opportunity.failed"):
    """Nothing came of it."""

    opportunity_id: int
    reason: str


def told(stage: Stage, event: Event, *, by: int = 1, at: datetime = MONDAY, imported: bool = False) -> None:
    """Somebody did this at that moment; what was imported was recorded a year later than it happened."""
    wire = stage.says(event, at=at)
    envelope = json.loads(wire) | {"authid": str(by), "authname": f"P{by}"}
    if imported:
        envelope["recordedtime"] = encode(at + 365 * DAY).decode().strip('"')
    stage.takes(encode(envelope))


@pytest.fixture
def auditor(stage: Stage) -> Client:
    edited = UserEdited(user_id=7, full_name="Li Wei", changes={"full_name": Change(old="李威", new="Li Wei")})
    told(stage, edited, by=1, at=MONDAY)
    told(stage, UserEdited(user_id=8, full_name="Bo"), by=2, at=MONDAY + DAY)
    told(stage, SignInFailed(attempt_id="a-1", login="mei", reason="locked", address="10.0.0.9"), by=0, at=MONDAY + DAY)
    told(stage, OpportunityFailed(opportunity_id=7, reason="Too dear: 50% off?"), by=2, at=MONDAY + 2 * DAY)
    told(stage, OpportunityFailed(opportunity_id=9, reason="Long ago"), by=2, at=MONDAY - 2 * DAY, imported=True)
    return stage.client(AUDITOR, "audit:read")


def found(auditor: Client, query: str) -> list[str]:
    return [f"{one['record_type']}/{one['record_id']}" for one in auditor.get(f"/audit?{query}")["items"]]


def test_an_entry_says_who_did_what_when_before_and_after(auditor: Client) -> None:
    [entry] = auditor.get("/audit?record_type=user&record_id=7")["items"]

    assert (entry["by_id"], entry["by_name"], entry["by_kind"]) == (1, "P1", "user")
    assert (entry["service"], entry["type"], entry["version"]) == ("identity", "identity.user.edited", 1)
    assert entry["recorded_at"] == entry["happened_at"] == "2026-03-02T09:00:00Z"
    assert entry["changes"] == {"full_name": {"old": "李威", "new": "Li Wei"}}
    assert entry["data"] == {"user_id": 7, "full_name": "Li Wei"}


@pytest.mark.parametrize(
    ("query", "records"),
    [
        ("", ["opportunity/9", "opportunity/7", "sign-in/a-1", "user/8", "user/7"]),
        ("sort=recorded_at&size=2", ["user/7", "user/8"]),
        ("by_id=2", ["opportunity/9", "opportunity/7", "user/8"]),
        ("by_id=1,0", ["sign-in/a-1", "user/7"]),
        ("record_id=7", ["opportunity/7", "user/7"]),
        ("record_type=user,sign-in", ["sign-in/a-1", "user/8", "user/7"]),
        ("service=identity", ["sign-in/a-1", "user/8", "user/7"]),
        ("type=identity.sign-in.failed", ["sign-in/a-1"]),
        ("type=identity.sign-in.failed,marketing.opportunity.failed&by_id=0", ["sign-in/a-1"]),
        ("type=nonsense", []),
        ("from=2026-03-03&to=2026-03-03", ["sign-in/a-1", "user/8"]),
        ("to=2026-03-02", ["user/7"]),
        ("happened_to=2026-03-01", ["opportunity/9"]),
        ("q=li%20WEI", ["user/7"]),
        ("q=李威", ["user/7"]),
        ("q=50%25%20off", ["opportunity/7"]),
        ("q=10.0.0.9", ["sign-in/a-1"]),
        ("q=P2&service=identity", ["user/8"]),
        ("q=nobody", []),
    ],
)
def test_entries_are_found_by_who_what_when_and_text(auditor: Client, query: str, records: list[str]) -> None:
    assert found(auditor, query) == records
    assert auditor.get(f"/audit?{query}")["total"] >= len(records)


def test_entries_are_found_by_the_ids_of_their_events(auditor: Client) -> None:
    wanted = [entry for entry in auditor.get("/audit")["items"] if entry["service"] == "identity"]
    ids = ",".join(entry["event_id"] for entry in wanted)

    assert auditor.get(f"/audit?event_id={ids}")["items"] == wanted


def test_pages_follow_each_other_without_gap_or_repeat(auditor: Client) -> None:
    seen: list[int] = []
    page = auditor.get("/audit?size=2&q=o")
    while True:
        seen += [one["id"] for one in page["items"]]
        if not page["next_cursor"]:
            break
        page = auditor.get(f"/audit?size=2&q=o&cursor={page['next_cursor']}")

    assert len(seen) == len(set(seen)) == auditor.get("/audit?q=o")["total"] == 5


def test_single_fields_can_be_asked_for(auditor: Client) -> None:
    [entry] = auditor.get("/audit?fields=by_name,changes&record_id=8")["items"]

    assert entry == {"by_name": "P2", "changes": {}}


@pytest.mark.parametrize("query", ["", "q=o&by_id=2", "type=identity.user.edited&from=2026-01-01"])
def test_a_page_costs_two_statements(stage: Stage, auditor: Client, query: str) -> None:
    sent: list[str] = []
    sa.event.listen(stage.database.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))

    auditor.get(f"/audit?{query}")

    assert len(sent) == 2


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "report_log_by_moment"),
        ("from=2026-03-01&to=2026-03-02", "report_log_by_moment"),
        ("by_id=2", "report_log_by_actor"),
        ("record_type=user", "report_log_by_type"),
        ("type=identity.sign-in.failed", "report_log_by_type"),
        ("record_id=7", "report_log_by_record"),
    ],
)
def test_every_usual_question_is_answered_from_an_index(stage: Stage, auditor: Client, query: str, index: str) -> None:
    asked: list[tuple[str, Any]] = []
    sa.event.listen(stage.database.engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    auditor.get(f"/audit?{query}")

    with stage.database.engine.connect() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + asked[0][0], asked[0][1])
        steps = "; ".join(step.detail for step in plan)
    assert index in steps
    assert "SCAN report_log\n" not in steps + "\n"


def test_text_is_searched_in_the_newest_entries_that_fit(
    stage: Stage, auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LOOKED_THROUGH", 2)

    assert found(auditor, "q=Li%20Wei") == []
    assert found(auditor, "q=Li%20Wei&to=2026-03-03") == []
    assert found(auditor, "q=Li%20Wei&to=2026-03-02") == ["user/7"]


@pytest.mark.parametrize(
    "query", ["by_id=x", "event_id=x", "from=yesterday", "sort=body", "size=0", "fields=body", "unknown=1"]
)
def test_a_wrong_question_is_refused(auditor: Client, query: str) -> None:
    name = query.partition("=")[0]

    assert auditor.get(f"/audit?{query}", expect=422)["errors"][0]["pointer"] == f"/{name}"


def test_only_who_has_the_right_reads_it(stage: Stage) -> None:
    assert stage.client(AUDITOR, "report:loss").get("/audit", expect=403)["needs"] == "audit:read"


def test_no_column_beside_the_body_names_anybody(stage: Stage, auditor: Client) -> None:
    with stage.database.reading() as session:
        rows = session.execute(sa.select(*(column for column in report_log.c if column.name != "body"))).all()
        bodies = session.scalars(sa.select(report_log.c.body)).all()

    assert not any(name in str(rows) for name in ("Li Wei", "P2", "mei", "10.0.0.9"))
    assert any(open_envelope(body).authname == "P2" for body in bodies)
