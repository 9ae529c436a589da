"""What people are told of what others did: once, if it is news, and if it concerns them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.events import Change, Event
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from identity.notice import To, heard
from identity.notices import NOTICES, texts
from identity.notification.commands import sweep_notifications
from identity.notification.model import KEPT, KEPT_READ, NEWS_FOR, Notification
from identity.right.model import operations
from identity.user.model import User

IdOf = Callable[[str], int]


class Assigned(Event, type="marketing.opportunity.assigned"):
    """Somebody is to develop an opportunity."""

    opportunity_id: int
    assignee_id: int
    assignee_name: str = "Mei Manager"
    customer_name: str = "华星贸易"
    title: str = "40 pumps"


class Won(Event, type="marketing.opportunity.won"):
    """A customer buys."""

    opportunity_id: int
    customer_name: str
    manager_id: int
    manager_name: str


class FlowStuck(Event, type="marketing.flow.stuck", key="notice_id"):
    """A flow waits too long."""

    notice_id: str
    flow_id: str
    waiting_for: str


class LossAlerted(Event, type="customer.loss.alerted"):
    """A customer stopped buying."""

    loss_id: int
    customer_name: str
    manager_id: int | None
    months: int


class Inbox:
    """What somebody was told."""

    def __init__(self, stage: Stage, user_id: int) -> None:
        self.client = stage.client(Principal(user_id=user_id, name="Me", kind="user", scope="all"))

    def read(self, query: str = "") -> Any:
        return self.client.get(f"/notifications?{query}")

    def texts(self, query: str = "") -> list[str]:
        return [one["text_en"] for one in self.read(query)["items"]]


@pytest.fixture
def inbox_of(stage: Stage, id_of: IdOf) -> Callable[[str], Inbox]:
    """Nobody on stage registered in this very second: what happens now happens to them."""
    with stage.database.connection() as connection:
        connection.execute(sa.update(User).values(registered_at=datetime.now(UTC) - timedelta(days=400)))
    return lambda login: Inbox(stage, id_of(login))


InboxOf = Callable[[str], Inbox]


def test_the_assignee_is_told_in_both_languages_with_a_link(stage: Stage, inbox_of: InboxOf, id_of: IdOf) -> None:
    stage.hears(Assigned(opportunity_id=12, assignee_id=id_of("mei")))

    told = inbox_of("mei").read()

    assert (told["unread"], told["total"]) == (1, 1)
    [one] = told["items"]
    assert one["text_zh"] == "销售机会「40 pumps」（华星贸易）已指派给您"
    assert one["text_en"] == "The opportunity “40 pumps” (华星贸易) was assigned to you"
    assert (one["code"], one["link"]) == ("marketing.opportunity.assigned", "/opportunities/12")
    assert (one["parameters"]["opportunity_id"], one["is_read"], one["read_at"]) == (12, False, None)
    assert inbox_of("sue").read()["total"] == 0


def test_heard_twice_and_late_it_is_told_once(stage: Stage, inbox_of: InboxOf, id_of: IdOf) -> None:
    first = stage.says(Assigned(opportunity_id=12, assignee_id=id_of("mei")))
    second = stage.says(Assigned(opportunity_id=12, assignee_id=id_of("mei"), title="41 pumps"))

    stage.takes(second, first)
    stage.takes(first, second, first)

    assert len(inbox_of("mei").texts()) == 2


def test_redriven_after_its_inbox_row_was_lost_it_is_still_told_once(
    stage: Stage, inbox_of: InboxOf, id_of: IdOf
) -> None:
    from chassis.tables import inbox, inbox_stream

    wire = stage.says(Assigned(opportunity_id=12, assignee_id=id_of("mei")))
    stage.takes(wire)
    with stage.database.connection() as connection:
        for table in (inbox, inbox_stream):
            connection.execute(sa.delete(table))

    stage.takes(wire)

    assert inbox_of("mei").read()["total"] == 1


def test_whoever_had_it_before_is_told_too(stage: Stage, inbox_of: InboxOf, id_of: IdOf) -> None:
    moved = {"assignee_id": Change(old=id_of("mei"), new=id_of("sam"))}
    stage.hears(Assigned(opportunity_id=12, assignee_id=id_of("sam"), assignee_name="Sam Senior", changes=moved))

    assert inbox_of("mei").texts() == ["The opportunity “40 pumps” (华星贸易) went to Sam Senior"]
    assert inbox_of("sam").texts() == ["The opportunity “40 pumps” (华星贸易) was assigned to you"]


def test_the_superior_hears_of_a_win_and_the_winner_does_not(stage: Stage, inbox_of: InboxOf, id_of: IdOf) -> None:
    stage.hears(Won(opportunity_id=1, customer_name="Acme", manager_id=id_of("mei"), manager_name="Mei"))

    assert inbox_of("sue").texts() == ["Mei won Acme"]
    assert inbox_of("mei").texts() == []


def test_whoever_may_mend_it_is_told_of_a_stuck_flow(stage: Stage, admin: Client, inbox_of: InboxOf) -> None:
    stage.hears(FlowStuck(notice_id="a-1", flow_id="win:7", waiting_for="customer.customer.opened"))
    assert [inbox_of(login).read()["total"] for login in ("admin", "sue", "mei")] == [0, 0, 0], "ada did it herself"

    [role] = admin.get("/roles?code=supervisor")["items"]
    rights = [*admin.get(f"/roles/{role['id']}")["rights"], "flow:operate"]
    admin.call("PUT", f"/roles/{role['id']}/rights", {"rights": rights}, expect=200, headers={"If-Match": "*"})
    stage.hears(FlowStuck(notice_id="a-2", flow_id="win:7", waiting_for="customer.customer.opened"))

    assert inbox_of("sue").texts() == ["The flow win:7 is stuck: it waits for customer.customer.opened"]
    assert inbox_of("sue").read()["items"][0]["link"] == "/flows/win:7"


def test_nobody_is_told_what_he_did_himself(stage: Stage, inbox_of: InboxOf, id_of: IdOf) -> None:
    assert id_of("admin") == 1, "the stage says everything in the name of user 1"

    stage.hears(Assigned(opportunity_id=12, assignee_id=id_of("admin")))

    assert inbox_of("admin").read()["total"] == 0


@pytest.mark.parametrize(("age", "told"), [(NEWS_FOR - timedelta(minutes=5), 1), (NEWS_FOR + timedelta(minutes=5), 0)])
def test_what_happened_long_ago_is_no_news(
    stage: Stage, inbox_of: InboxOf, id_of: IdOf, age: timedelta, told: int
) -> None:
    stage.hears(Assigned(opportunity_id=12, assignee_id=id_of("mei")), at=datetime.now(UTC) - age)

    assert inbox_of("mei").read()["total"] == told


def test_nobody_is_told_what_happened_before_he_came(stage: Stage, admin: Client, id_of: IdOf) -> None:
    admin.post("/users", login="new", full_name="New", role="account-manager")

    stage.hears(Assigned(opportunity_id=1, assignee_id=id_of("new")), at=datetime.now(UTC) - timedelta(days=1))
    stage.hears(Assigned(opportunity_id=2, assignee_id=id_of("new")), at=datetime.now(UTC) + timedelta(seconds=1))

    assert [one["link"] for one in Inbox(stage, id_of("new")).read()["items"]] == ["/opportunities/2"]


def test_who_is_disabled_or_unknown_is_told_nothing(
    stage: Stage, admin: Client, inbox_of: InboxOf, id_of: IdOf
) -> None:
    admin.post(f"/users/{id_of('mei')}/disable", expect=200)

    stage.hears(
        Assigned(opportunity_id=1, assignee_id=id_of("mei")),
        Assigned(opportunity_id=2, assignee_id=4711),
        LossAlerted(loss_id=3, customer_name="Acme", manager_id=None, months=6),
    )

    assert stage.count(Notification.__table__) == 0


def some(stage: Stage, id_of: IdOf, count: int = 3) -> None:
    stage.hears(*(Assigned(opportunity_id=number, assignee_id=id_of("mei")) for number in range(1, count + 1)))


def test_what_was_read_can_be_told_from_what_was_not(stage: Stage, inbox_of: InboxOf, id_of: IdOf) -> None:
    some(stage, id_of)
    mei = inbox_of("mei")
    newest, middle, _ = (one["id"] for one in mei.read()["items"])

    assert mei.client.post(f"/notifications/{middle}/read", expect=200)["is_read"] is True
    mei.client.post(f"/notifications/{middle}/read", expect=200)

    assert mei.read()["unread"] == 2
    assert [one["id"] for one in mei.read("is_read=true")["items"]] == [middle]
    unread = mei.read("is_read=false&size=1")
    assert (unread["items"][0]["id"], unread["total"], unread["unread"]) == (newest, 2, 2)
    assert len(mei.read(f"is_read=false&size=1&cursor={unread['next_cursor']}")["items"]) == 1
    assert mei.client.post(f"/notifications/{middle}/unread", expect=200)["is_read"] is False
    assert mei.read()["unread"] == 3


def test_everything_is_read_at_once_or_up_to_what_was_seen(stage: Stage, inbox_of: InboxOf, id_of: IdOf) -> None:
    some(stage, id_of)
    mei = inbox_of("mei")
    middle = mei.read()["items"][1]["id"]

    assert mei.client.post("/notifications/read", expect=200, up_to=middle) == {"unread": 1}
    assert mei.client.post("/notifications/read", expect=200) == {"unread": 0}
    assert mei.read()["unread"] == 0


def test_a_notification_is_nobody_elses_business_whatever_the_scope(
    stage: Stage, inbox_of: InboxOf, id_of: IdOf
) -> None:
    some(stage, id_of)
    theirs = inbox_of("mei").read()["items"][0]["id"]
    admin = inbox_of("admin")

    assert admin.read() == {
        "items": [], "page": 1, "size": 20, "total": 0, "next_cursor": None, "unread": 0
    }  # fmt: skip
    admin.client.post(f"/notifications/{theirs}/read", expect=404)
    admin.client.post("/notifications/read", expect=200)
    assert inbox_of("mei").read()["unread"] == 3


def test_the_inbox_costs_two_statements(stage: Stage, inbox_of: InboxOf, id_of: IdOf) -> None:
    some(stage, id_of)
    mei = inbox_of("mei")
    sent: list[str] = []
    sa.event.listen(stage.database.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))

    mei.read("is_read=false&code=marketing.opportunity.assigned")

    assert len(sent) == 2


@pytest.mark.parametrize("query", ["is_read=perhaps", "sort=code", "created_from=then", "user_id=1"])
def test_a_wrong_question_is_refused(inbox_of: InboxOf, query: str) -> None:
    problem = inbox_of("mei").client.get(f"/notifications?{query}", expect=422)

    assert problem["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_old_ones_are_swept(stage: Stage, inbox_of: InboxOf, id_of: IdOf) -> None:
    some(stage, id_of, 4)
    now, table = datetime.now(UTC), Notification.__table__
    ages = [(KEPT_READ + timedelta(days=1), now), (KEPT_READ + timedelta(days=1), None),
            (KEPT + timedelta(days=1), None), (timedelta(days=1), now)]  # fmt: skip
    with stage.database.connection() as connection:
        for number, (age, read_at) in enumerate(ages, 1):
            changed = sa.update(table).where(table.c.link == f"/opportunities/{number}")
            connection.execute(changed.values(created_at=now - age, read_at=read_at))

    with stage.doing() as tx:
        assert sweep_notifications(tx) == "2 old notifications"
    assert [one["link"] for one in inbox_of("mei").read()["items"]] == ["/opportunities/4", "/opportunities/2"]


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.name)
def test_a_declaration_is_complete(notice: Any) -> None:
    words = {field: f"<{field}>" for field in notice.shown}

    zh, en = texts(notice.name, words)

    assert zh != en
    assert all(f"<{field}>" in zh + en + notice.link.format_map(words) for field in notice.shown)
    assert notice.whom != To()
    assert not notice.whom.holders or notice.whom.holders in operations()


def test_no_two_declarations_have_one_code() -> None:
    names = [notice.name for notice in NOTICES]

    assert len(names) == len(set(names))
    assert len(heard(NOTICES)) == len({notice.event for notice in NOTICES})


def test_words_are_shown_as_people_write_them() -> None:
    parameters = {"opportunity_id": 1, "customer_name": None, "title": "at 2026-12-01T09:00:00Z"}

    assert texts("marketing.opportunity.assigned", parameters)[1] == (
        "The opportunity “at 2026-12-01 09:00” () was assigned to you"
    )
    assert texts("gone.with.the-wind", parameters) == ("gone.with.the-wind", "gone.with.the-wind")


def registered(stage: Stage, user_id: int, ago: timedelta) -> None:
    with stage.database.connection() as connection:
        connection.execute(sa.update(User).where(User.id == user_id).values(registered_at=datetime.now(UTC) - ago))


def test_who_came_after_it_was_recorded_is_not_told(
    stage: Stage, inbox_of: Callable[[str], Inbox], id_of: IdOf
) -> None:
    registered(stage, id_of("mei"), timedelta(hours=1))

    stage.hears(Assigned(opportunity_id=7, assignee_id=id_of("mei")), at=datetime.now(UTC) - timedelta(days=1))

    assert inbox_of("mei").texts() == []


def test_who_was_here_when_it_was_recorded_is_told_although_it_happened_before(
    stage: Stage, inbox_of: Callable[[str], Inbox], id_of: IdOf
) -> None:
    registered(stage, id_of("mei"), timedelta(hours=1))
    said = json.loads(stage.says(Assigned(opportunity_id=7, assignee_id=id_of("mei"))))
    yesterday = datetime.now(UTC) - timedelta(days=1)

    stage.takes(json.dumps(said | {"time": yesterday.isoformat()}).encode())

    assert len(inbox_of("mei").texts()) == 1
