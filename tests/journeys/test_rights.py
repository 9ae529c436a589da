"""Who may do what: every call of every service by every role, and without a session."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from chassis.routes import Route
from guanxi import registry
from tests.system import Person, System, wait_until

ADMIN, SUPERVISOR, MANAGER, EXECUTIVE = "admin", "sue", "mei", "eve"
FOUR = (ADMIN, SUPERVISOR, MANAGER, EXECUTIVE)
MARKETER, SENIOR, JUNIOR, CLERK = "max", "sam", "jun", "cleo"
SALES_SIDE = (MARKETER, SENIOR, JUNIOR, CLERK)
EVERYBODY = (*FOUR, *SALES_SIDE)
NOBODYS_EVENT = "00000000-0000-7000-8000-000000000000"

MATRIX = [
    # the fifteen functions of the reference, each with the calls that carry it out, and who may
    ("manage users, roles and rights", "GET /users", {ADMIN}),
    ("manage users, roles and rights", "POST /users", {ADMIN}),
    ("manage users, roles and rights", "PUT /roles/{id}/rights", {ADMIN}),
    ("manage users, roles and rights", "DELETE /users/{id}", {ADMIN}),
    ("manage users, roles and rights", "DELETE /roles/{id}", {ADMIN}),
    ("manage users, roles and rights", "POST /units", {ADMIN}),
    ("manage users, roles and rights", "GET /audit", {ADMIN}),
    ("create sales opportunities", "POST /opportunities", {SUPERVISOR, MANAGER}),
    ("assign sales opportunities", "POST /opportunities/{id}/assignment", {SUPERVISOR}),
    ("develop development plans", "POST /opportunities/{id}/plan", {SUPERVISOR, MANAGER}),
    ("implement the development plan", "POST /opportunities/{id}/plan/{id}/execution", {MANAGER}),
    ("maintain responsible customer information", "POST /customers", {MANAGER}),
    ("maintain responsible customer information", "PATCH /customers/{id}", {MANAGER}),
    ("delay or confirm the loss of own customers", "POST /losses/{id}/measures", {MANAGER}),
    ("delay or confirm the loss of own customers", "POST /losses/{id}/confirmation", {MANAGER}),
    ("accept customer requests and create the service", "POST /requests", {MANAGER}),
    ("allocate customer service", "POST /requests/{id}/allocation", {SUPERVISOR}),
    ("handle the service assigned to oneself", "POST /requests/{id}/handling", {MANAGER}),
    ("plan visits and promotions", "POST /marketing-plans", {SUPERVISOR, MANAGER}),
    ("review marketing plans", "POST /marketing-plans/{id}/approval", {SUPERVISOR}),
    ("carry marketing plans out", "POST /marketing-plans/{id}/check-ins", {SUPERVISOR, MANAGER}),
    ("say what came of marketing plans", "PUT /marketing-plans/{id}/feedback", {SUPERVISOR, MANAGER}),
    ("enter complaints", "POST /complaints", {SUPERVISOR, MANAGER}),
    ("assign complaints", "POST /complaints/{id}/assignment", {SUPERVISOR}),
    ("handle complaints", "POST /complaints/{id}/handling", {MANAGER}),
    ("ask complainants", "POST /complaints/{id}/visit", {SUPERVISOR, MANAGER}),
    ("close complaints", "POST /complaints/{id}/closing", {SUPERVISOR}),
    ("plan and make return visits", "POST /visits", {SUPERVISOR, MANAGER}),
    ("let others make return visits", "POST /visits/{id}/assignment", {SUPERVISOR}),
    ("change service promises", "PUT /service-promises", {ADMIN, SUPERVISOR}),
    ("feedback on services handled", "POST /requests/{id}/feedback", {MANAGER}),
    ("analyse customer contribution", "GET /reports/contribution", {SUPERVISOR, EXECUTIVE}),
    ("analyse customer composition", "GET /reports/composition", {SUPERVISOR, EXECUTIVE}),
    ("analyse customer service composition", "GET /reports/service", {SUPERVISOR, EXECUTIVE}),
    ("analyse customer churn", "GET /reports/loss", {SUPERVISOR, EXECUTIVE}),
    ("analyse sales performance", "GET /reports/sales-funnel", {SUPERVISOR, MANAGER, EXECUTIVE}),
    ("analyse campaign effect", "GET /reports/campaign-effect", {SUPERVISOR, EXECUTIVE}),
    ("see the records behind a figure", "GET /reports/contribution/drill", {SUPERVISOR, EXECUTIVE}),
    # what the reference has not: the event bus is the administrator's
    ("look after the event bus", "GET /bus/marketing/parked", {ADMIN}),
    ("look after the event bus", "POST /bus/reporting/redrive", {ADMIN}),
    ("look after the event bus", "POST /bus/customer/pause", {ADMIN}),
    ("look after the event bus", f"GET /bus/causation/{NOBODYS_EVENT}", {ADMIN}),
    # files: whoever sees a list may take it along, whoever may write may attach, whoever brings in may take back
    ("export users", "GET /users/export", {ADMIN}),
    ("export customers", "GET /customers/export", {SUPERVISOR, MANAGER}),
    ("export a report", "GET /reports/contribution/export", {SUPERVISOR, EXECUTIVE}),
    ("import users", "POST /users/imports", {ADMIN}),
    ("import customers", "POST /customers/imports", {SUPERVISOR}),
    ("take an import back", "POST /orders/imports/{id}/undo", {SUPERVISOR}),
    ("attach to a customer", "POST /customers/{id}/attachments", {MANAGER}),
    ("attach to an order", "POST /orders/{id}/attachments", {SUPERVISOR, MANAGER}),
    ("attach to an opportunity", "POST /opportunities/{id}/attachments", {SUPERVISOR, MANAGER}),
    ("attach to a request", "POST /requests/{id}/attachments", {SUPERVISOR, MANAGER}),
    ("read a file of a customer", "GET /customers/{id}/attachments/{id}", {SUPERVISOR, MANAGER}),
]
"""Exactly these of the four roles of the reference."""
MORE = [
    # what the roles of the sales side may do beside them
    ("manage users, roles and rights", "GET /users", set()),
    ("read the audit log", "GET /audit", set()),
    ("create sales opportunities", "POST /opportunities", set()),
    ("see customers", "GET /customers", {SENIOR, CLERK}),
    ("maintain customer information", "POST /customers", {SENIOR}),
    ("maintain contacts", "POST /customers/{id}/contacts", {SENIOR}),
    ("accept customer requests", "POST /requests", {CLERK}),
    ("allocate customer service", "POST /requests/{id}/allocation", set()),
    ("handle services", "POST /requests/{id}/handling", {CLERK}),
    ("see the dictionary", "GET /dictionary", {MARKETER, SENIOR, JUNIOR, CLERK}),
    ("analyse customer churn", "GET /reports/loss", set()),
    ("analyse sales performance", "GET /reports/sales-funnel", {SENIOR, JUNIOR}),
    ("analyse campaign effect", "GET /reports/campaign-effect", {MARKETER}),
    ("analyse customer service composition", "GET /reports/service", {CLERK}),
]


def routes() -> Iterator[Route]:
    for service in registry.load_all().values():
        yield from (route for route in service.all_routes() if route.needs)


ROUTES = {f"{route.method} {route.path}": route for route in routes()}


def address(path: str) -> str:
    """A path with ids that nobody has."""
    path = re.sub(r"<int:[a-z_]+>|\{id\}", "999999999", path)
    return "/api" + re.sub(r"<(?:string:)?[a-z_]+>", "nothing", path)


def statuses(person: Person, method: str, path: str) -> int:
    body = {} if method in ("POST", "PUT", "PATCH") else None
    return person.ask(method, address(path), body, {"If-Match": '"1"'}).status


@pytest.fixture(scope="module")
def people(embedded_system: System) -> dict[str, Person]:
    return {login: embedded_system.person(login) for login in EVERYBODY}


@pytest.mark.parametrize(("function", "call", "allowed"), MATRIX, ids=[call for _, call, _ in MATRIX])
def test_the_matrix_holds_cell_by_cell(people: dict[str, Person], function: str, call: str, allowed: set[str]) -> None:
    method, path = call.split()

    refused = {login for login in FOUR if statuses(people[login], method, path) == 403}

    assert refused == set(FOUR) - allowed, function


@pytest.mark.parametrize(("function", "call", "allowed"), MORE, ids=[call for _, call, _ in MORE])
def test_the_sales_side_may_do_what_it_is_there_for(
    people: dict[str, Person], function: str, call: str, allowed: set[str]
) -> None:
    method, path = call.split()

    refused = {login for login in SALES_SIDE if statuses(people[login], method, path) == 403}

    assert refused == set(SALES_SIDE) - allowed, function


def test_every_call_is_refused_to_whoever_lacks_its_right(people: dict[str, Person]) -> None:
    rights = {login: set(person.get("/api/me")["rights"]) for login, person in people.items()}
    wrong = []
    for name, route in ROUTES.items():
        for login, person in people.items():
            status = statuses(person, route.method, route.path)
            if (status == 403) != (route.needs not in rights[login]) or status in (401, 405) or status >= 500:
                wrong.append(f"{login} {name}: {status}")

    assert wrong == []
    assert len(ROUTES) > 50


def test_every_call_without_a_session_is_refused(embedded_system: System) -> None:
    nobody = embedded_system.anonymous()

    answered = {name: statuses(nobody, route.method, route.path) for name, route in ROUTES.items()}

    assert {name: status for name, status in answered.items() if status != 401} == {}


def test_a_session_ends_with_its_sign_out(guanxi: System) -> None:
    mei = guanxi.person("mei")
    mei.get("/api/customers")

    assert mei.ask("DELETE", "/api/session").status == 204

    mei.get("/api/customers", expect=401)


def test_a_disabled_user_and_a_changed_right_take_effect_without_a_new_sign_in(guanxi: System) -> None:
    admin = guanxi.person("admin")
    role = next(one for one in admin.get("/api/roles")["items"] if one["code"] == "account-manager")
    new = {"login": "tom", "full_name": "Tom", "role": "account-manager", "password": "a long enough password",
           "must_change_password": False}  # fmt: skip
    user = admin.post("/api/users", expect=201, **new).json
    tom = Person(guanxi.address, "tom", "a long enough password")
    tom.get("/api/opportunities")
    before = admin.get(f"/api/roles/{role['id']}")["rights"]

    without = [right for right in before if right != "opportunity:read"]
    try:
        set_rights(admin, role["id"], without)
        wait_until(lambda: tom.ask("GET", "/api/opportunities").status == 403, "the right to be gone", within=5)
    finally:
        set_rights(admin, role["id"], before)
    wait_until(lambda: tom.ask("GET", "/api/opportunities").status == 200, "the right to be back", within=5)

    admin.post(f"/api/users/{user['id']}/disable")
    wait_until(lambda: tom.ask("GET", "/api/opportunities").status == 401, "the user to be out", within=5)


def set_rights(admin: Person, role_id: int, rights: list[str]) -> None:
    path = f"/api/roles/{role_id}"
    etag = admin.ask("GET", path).etag
    answer = admin.ask("PUT", f"{path}/rights", {"rights": rights}, {"If-Match": etag})
    assert answer.status == 200, answer.raw
