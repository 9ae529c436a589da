"""The rules of a request, without a database: who may move it where, and when not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.machine import Case
from chassis.principal import Principal
from service_desk.request.life_cycle import (
    LIFE_CYCLE,
    NotTheAssignee,
    NotTheCreator,
    NotTheHandler,
    RequestClosed,
    RequestNotAllocated,
    RequestNotHandled,
    RequestNotNew,
    Status,
)
from service_desk.request.model import Promised, Request, RequestArchived, RequestReopened

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
MEI = Principal(user_id=7, name="Mei", kind="user", scope="own")
BO = Principal(user_id=9, name="Bo", kind="user", scope="own")
SUE = Principal(user_id=8, name="Sue", kind="user", rights=frozenset({"request:allocate"}))
ASKED = {"kind": "complaint", "title": "Pump leaks", "customer_no": "KH202611230000001", "request_text": "It drips"}


def a_request() -> Request:
    request = Request.begin(ASKED, promised=Promised("Acme", MONDAY, MONDAY), by=BO, at=MONDAY)
    request.id = 1
    return request


def allocated() -> Request:
    request = a_request()
    request.allocate(to_id=MEI.user_id, to_name=MEI.name, at=MONDAY)
    return request


def handled() -> Request:
    request = allocated()
    request.handle("New seal", by=MEI, at=MONDAY)
    return request


def archived() -> Request:
    request = handled()
    request.record_feedback(result="Dry", satisfaction=5, at=MONDAY)
    return request


def test_a_new_request_knows_who_created_it_and_when() -> None:
    request = a_request()

    assert (request.status, request.creator_id, request.creator_name) == (Status.NEW, 9, "Bo")
    assert request.created_at == MONDAY


@pytest.mark.parametrize("satisfaction", [3, 4, 5])
def test_a_content_customer_archives_the_request(satisfaction: int) -> None:
    request = handled()

    event = request.record_feedback(result="Dry", satisfaction=satisfaction, at=MONDAY)

    assert isinstance(event, RequestArchived)
    assert (request.status, request.archived_at) == (Status.ARCHIVED, MONDAY)


@pytest.mark.parametrize("satisfaction", [1, 2])
def test_an_unhappy_customer_sends_it_back_to_the_same_assignee(satisfaction: int) -> None:
    request = handled()

    event = request.record_feedback(result="Still drips", satisfaction=satisfaction, at=MONDAY)

    assert isinstance(event, RequestReopened)
    assert (request.status, request.assignee_id, event.assignee_id) == (Status.ALLOCATED, 7, 7)


def test_what_was_sent_back_can_be_handled_again() -> None:
    request = handled()
    request.record_feedback(result="Still drips", satisfaction=1, at=MONDAY)

    request.handle("New pump", by=MEI, at=MONDAY)

    assert (request.status, request.handling) == (Status.HANDLED, "New pump")


def test_an_archived_request_refuses_everything() -> None:
    request = archived()

    with pytest.raises(RequestClosed):
        request.allocate(to_id=7, to_name="Mei", at=MONDAY)
    with pytest.raises(RequestClosed):
        request.handle("More", by=MEI, at=MONDAY)
    with pytest.raises(RequestClosed):
        request.record_feedback(result="Good", satisfaction=5, at=MONDAY)
    with pytest.raises(RequestClosed):
        request.delete()


@pytest.mark.parametrize("request_", [allocated(), handled()])
def test_only_a_new_request_is_allocated_or_deleted(request_: Request) -> None:
    with pytest.raises(RequestNotNew):
        request_.allocate(to_id=7, to_name="Mei", at=MONDAY)
    with pytest.raises(RequestNotNew):
        request_.delete()


@pytest.mark.parametrize("request_", [a_request(), handled()])
def test_only_an_allocated_request_is_handled(request_: Request) -> None:
    with pytest.raises(RequestNotAllocated):
        request_.handle("New seal", by=MEI, at=MONDAY)


@pytest.mark.parametrize("request_", [a_request(), allocated()])
def test_there_is_no_feedback_before_it_is_handled(request_: Request) -> None:
    with pytest.raises(RequestNotHandled):
        request_.record_feedback(result="Dry", satisfaction=5, at=MONDAY)


def may(action: str, request: Request, who: Principal) -> None:
    LIFE_CYCLE.must_allow(action, Case(request, who, MONDAY))


def test_only_the_assignee_handles() -> None:
    may("handle", allocated(), MEI)
    with pytest.raises(NotTheAssignee):
        may("handle", allocated(), SUE)


def test_only_who_handled_records_the_feedback() -> None:
    may("record-feedback", handled(), MEI)
    with pytest.raises(NotTheHandler):
        may("record-feedback", handled(), BO)


def test_creator_and_allocator_may_delete_a_new_request_and_nobody_else() -> None:
    may("delete", a_request(), BO)
    may("delete", a_request(), SUE)
    with pytest.raises(NotTheCreator):
        may("delete", a_request(), MEI)


def test_a_request_becomes_overdue_once_and_only_when_its_moment_has_passed() -> None:
    request = a_request()
    request.due_at = MONDAY + timedelta(hours=1)

    assert request.become_overdue(escalated_to_id=8, at=MONDAY) is None
    assert request.become_overdue(escalated_to_id=8, at=request.due_at) is not None
    assert request.become_overdue(escalated_to_id=8, at=request.due_at) is None


def test_the_first_handling_is_the_answer() -> None:
    request = handled()
    request.record_feedback(result="Still drips", satisfaction=1, at=MONDAY)

    request.handle("New pump", by=MEI, at=MONDAY + timedelta(days=1))

    assert request.answered_at == MONDAY
