"""Seven working days, each from the sign-in to the report, told through the public API in both modes.

The four roles of the matrix (sales supervisor, account manager, executive, administrator), the marketer, the service
clerk and the field salesperson. docs/user-guide.md tells the same days by requests that can be repeated.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote

from tests.journeys.test_main_job import a_customer, an_assigned_opportunity
from tests.system import Answer, Person, System, wait_until

PASSWORD = "purple elephants"
PUMPS = {"amount": "9000.00", "expected_on": "2027-02-01"}
STAGES = ("needs-analysis", "value-proposition", "decision-makers", "proposal", "negotiation")


def user_id(person: Person) -> int:
    number: int = person.get("/api/me")["user_id"]
    return number


def taken(person: Person, path: str, **body: Any) -> Any:
    """The answer as soon as the service has heard of what the body names."""

    def tried() -> Answer | None:
        answer = person.ask("POST", path, body)
        return answer if answer.status == 201 else None

    return wait_until(tried, f"POST {path} to be taken").json


def told(person: Person, word: str) -> list[str]:
    found = person.get("/api/notifications?size=200")["items"]
    return [one["code"] for one in found if word in one["text_en"]]


def reported(person: Person, path: str, part: Any) -> Any:
    """The first line of a report that ``part`` is true of, once there is one."""
    return wait_until(lambda: [one for one in person.get(path)["items"] if part(one)], f"{path} to show it")[0]


def test_the_sales_supervisor_hands_out_work_and_reads_what_came_of_it(guanxi: System, word: str) -> None:
    sue, mei, path = an_assigned_opportunity(guanxi, word)
    month = f"20{secrets.randbelow(80) + 10}-05"
    mine, shares = user_id(mei), [{"owner_id": user_id(mei), "amount": 500_000}]
    target = sue.post("/api/targets", 201, month=month, kind="sales", team=word, amount=500_000, shares=shares).json
    kept = sue.get(f"/api/targets/{target['id']}")["shares"]
    assert [(one["owner_id"], one["owner_name"], one["amount"]) for one in kept] == [(mine, "Mei Manager", 500_000)]
    lead = guanxi.person("jun").post("/api/leads", 201, full_name="Li Wei", company=f"{word} Works").json
    sue.post(f"/api/leads/{lead['id']}/transfer", owner_id=mine)
    assert mei.get(f"/api/leads/{lead['id']}")["owner_name"] == "Mei Manager"

    mei.post(f"{path}/failure", reason="They bought elsewhere")

    assert sue.get(path)["failure_reason"] == "They bought elsewhere"
    assert mei.post(f"{path}/win", expect=409).json["type"] == "/problems/opportunity-closed"
    sue.patch(path, expect=409, title="Other pumps")
    query = f"/api/reports/sales?by=cross&salesperson_id={mine}&status=4"
    assert reported(sue, query, lambda one: one["opportunities"] >= 1)["salesperson_name"] == "Mei Manager"
    assert wait_until(lambda: told(mei, word), "mei to be told")


def test_the_account_manager_follows_a_customer_from_the_hint_to_the_money(guanxi: System, word: str) -> None:
    sue, mei, path = an_assigned_opportunity(guanxi, word)
    item = mei.post(f"{path}/plan", expect=201, planned_for="2026-12-01T09:00:00Z", todo="Show the pump").json
    mei.post(f"{path}/plan/{item['id']}/execution", result="They want three")
    mei.post(f"{path}/win")
    number = wait_until(lambda: mei.get(path)["customer_no"], "the link back from the customer")
    customer = mei.get(f"/api/customers/{number}")
    assert (customer["name"], customer["status"], len(number), sue.get(path)["status"]) == (word, 1, 17, 3)
    contacts = mei.get(f"/api/customers/{number}/contacts")["items"]
    assert [(one["name"], one["phone"]) for one in contacts] == [("Li Wei", "010-12345678")]

    mei.patch(f"/api/customers/{number}", region="华东", level=3)
    mei.post(f"/api/customers/{number}/activities", 201, held_at="2026-11-20T09:00:00Z", place="Office", title="Thanks")

    order = mei.post("/api/orders", 201, customer_no=number, amount="300.00").json
    for step in ("confirmation", "picking", "shipping", "delivery"):
        mei.post(f"/api/orders/{order['order_no']}/{step}")
    paid = mei.post(f"/api/orders/{order['order_no']}/payments", amount="300.00", received_on="2026-11-26").json

    assert (paid["status"], paid["received"]) == (6, "300.00")
    report = f"/api/reports/contribution?name={quote(word)}"
    assert reported(sue, report, lambda one: one["customer_no"] == number)["amount"] == "300.00"
    counts = {one["noun"]: one["total"] for one in mei.get(f"/api/customers/{number}/overview")["counts"]}
    assert (counts["contact"], counts["activity"]) == (1, 1)


def test_the_executive_reads_every_report_and_touches_nothing(guanxi: System, word: str) -> None:
    mei, number = a_customer(guanxi, word)
    mei.post("/api/orders", 201, customer_no=number, amount="77.00")
    eve = guanxi.person("eve")

    bought = reported(eve, f"/api/reports/contribution?name={quote(word)}", lambda one: one["customer_no"] == number)

    assert bought["amount"] == "77.00"
    parts = eve.get("/api/reports/composition?by=level")
    assert sum(one["customers"] for one in parts["items"]) == parts["total"] >= 1
    for report in ("composition", "service", "loss", "sales"):
        assert eve.get(f"/api/reports/{report}")["complete_up_to"]
    file = eve.ask("GET", f"/api/reports/contribution/export?name={quote(word)}&format=csv&lang=en")
    assert (file.status, number.encode() in file.raw) == (200, True)
    assert eve.get(f"/api/customers/{number}", expect=403)["needs"] == "customer:read"
    eve.post("/api/orders", 403, customer_no=number, amount="1.00")


def test_the_administrator_lets_somebody_in_and_sees_what_was_done(guanxi: System, word: str) -> None:
    admin = guanxi.person("admin")
    login = f"new-{secrets.token_hex(4)}"
    unit = admin.post("/api/units", 201, name=word, kind="department").json
    said = {"login": login, "full_name": word, "role": "account-manager", "password": PASSWORD, "unit_id": unit["id"]}
    newcomer = admin.post("/api/users", 201, **said).json
    tag = admin.post("/api/dictionary", 201, kind="customer tag", value=word, text=word).json

    person = Person(guanxi.address, login, PASSWORD)
    assert person.get("/api/customers", expect=403)["type"] == "/problems/password-change-due"
    person.put("/api/me/password", 204, old_password=PASSWORD, new_password=f"{PASSWORD} dance")
    person = Person(guanxi.address, login, f"{PASSWORD} dance")
    customer = person.post("/api/customers", 201, name=word, region="华东", level=1).json
    path = f"/api/customers/{customer['customer_no']}/tags"
    wait_until(lambda: person.ask("PUT", path, {"tags": [word]}).status == 200, "the tag to be offered")

    def written() -> Any:
        found = admin.get(f"/api/audit?by_id={newcomer['id']}&size=200")["items"]
        return {one["type"] for one in found} >= {"customer.customer.tagged"} and found

    assert {one["by_name"] for one in wait_until(written, "the audit log to know")} == {word}
    assert admin.get(f"/api/dictionary/{tag['id']}")["value"] == word
    admin.post(f"/api/users/{newcomer['id']}/disable")
    wait_until(lambda: person.ask("GET", "/api/me").status == 401, "the door to close", within=6)


def test_the_marketer_sees_what_a_campaign_brought(guanxi: System, word: str) -> None:
    max_, sue, sam = guanxi.person("max"), guanxi.person("sue"), guanxi.person("sam")
    plan = {"name": word, "kind": "展会", "starts_on": "2026-11-01", "ends_on": "2026-12-20", "budget": "500.00"}
    path = f"/api/campaigns/{max_.post('/api/campaigns', 201, **plan).json['id']}"
    max_.post(f"{path}/submission")
    assert max_.post(f"{path}/approval", 403).json["needs"] == "campaign:approve"
    assert wait_until(lambda: told(sue, word), "sue to be asked") == ["marketing.campaign.submitted"]
    sue.post(f"{path}/approval")
    max_.post(f"{path}/start")
    max_.post(f"{path}/costs", description="Stand", amount="200.00", spent_on="2026-11-20")
    max_.post(f"{path}/responses", channel="现场", number=12)

    lead = max_.post("/api/leads", 201, full_name="Li Wei", company=word, source="交易会").json
    campaign_id = int(path.rpartition("/")[2])
    max_.post(f"/api/leads/{lead['id']}/campaigns", campaign_id=campaign_id)
    sue.post(f"/api/leads/{lead['id']}/transfer", owner_id=user_id(sam))
    sam.post(f"/api/leads/{lead['id']}/conversion", deal={"name": word, **PUMPS})
    deal = wait_until(lambda: sam.get(f"/api/leads/{lead['id']}")["deal_id"], "the lead to be a customer with a deal")
    sam.post(f"/api/deals/{deal}/win")

    brought = max_.get(f"{path}/return")
    assert (brought["cost"], brought["won_amount"], brought["return_on_investment"]) == ("200.00", "9000.00", 44.0)
    max_.post(f"{path}/finish")
    assert max_.post(f"{path}/evaluation", evaluation="Worth it", score=5).json["status"] == "evaluated"


def test_the_service_clerk_settles_a_request_and_a_complaint(guanxi: System, word: str) -> None:
    cleo, sue = guanxi.person("cleo"), guanxi.person("sue")
    mei, number = a_customer(guanxi, word)
    kind = {"kind": "咨询", "title": word, "customer_no": number, "request_text": "Which seal?"}
    request = f"/api/requests/{taken(cleo, '/api/requests', **kind)['id']}"
    sue.post(f"{request}/allocation", assignee_id=user_id(mei))
    mei.post(f"{request}/handling", handling="The bronze one")
    assert mei.post(f"{request}/feedback", result="Still leaks", satisfaction=2).json["status"] == "allocated"
    mei.post(f"{request}/handling", handling="A new seal")
    assert mei.post(f"{request}/feedback", result="Fits", satisfaction=5).json["status"] == "archived"
    mei.post(f"{request}/handling", expect=409, handling="Once more")

    said = {"title": word, "severity": "critical", "customer_no": number, "description": "It leaks"}
    complaint = f"/api/complaints/{cleo.post('/api/complaints', 201, **said).json['id']}"
    sue.post(f"{complaint}/assignment", assignee_id=user_id(cleo))
    cleo.post(f"{complaint}/handling", handling="Sent a new seal")
    refused = cleo.post(f"{complaint}/visit", 403, result="Fine", satisfaction=4).json
    assert refused["type"] == "/problems/handler-may-not-ask"
    sue.post(f"{complaint}/visit", result="Fine", satisfaction=4)
    assert sue.post(f"{complaint}/closing").json["status"] == "closed"

    [visit] = mei.get(f"/api/visits?customer_no={number}")["items"]
    assert mei.post(f"/api/visits/{visit['id']}/completion", result="All well", satisfaction=5).json["status"] == 4
    served = reported(sue, "/api/reports/service", lambda one: one["kind"] == "咨询" and one["archived"])
    assert (served["average_satisfaction"] >= 3, served["reopenings"] >= 1) == (True, True)


def test_the_field_salesperson_takes_a_lead_through_the_nine_stages(guanxi: System, word: str) -> None:
    jun, sam, sue = guanxi.person("jun"), guanxi.person("sam"), guanxi.person("sue")
    said = {"full_name": "Li Wei", "company": word, "phone": f"555-{secrets.randbelow(10**7)}"}
    lead = f"/api/leads/{jun.post('/api/leads', 201, **said).json['id']}"
    jun.post(f"{lead}/attempt")
    jun.post(f"{lead}/contact", status=2, summary="Ask again", next_contact_on="2026-12-24")
    assert jun.post(f"{lead}/conversion", 403).json["needs"] == "lead:convert"
    sue.post(f"{lead}/transfer", owner_id=user_id(sam))
    sam.post(f"{lead}/conversion", deal={"name": word, **PUMPS})
    found = wait_until(lambda: (one := sam.get(lead))["deal_id"] and one, "the lead to be a customer with a deal")
    deal = f"/api/deals/{found['deal_id']}"

    task = {"title": word, "due_at": "2026-12-20T09:00:00Z", "about": "deal", "about_id": str(found["deal_id"])}
    mine = sam.post("/api/tasks", 201, **task).json
    for stage in STAGES:
        sam.post(f"{deal}/stage", stage=stage)
    assert sam.post(f"{deal}/win").json["status"] == "won"
    sam.post(f"/api/tasks/{mine['id']}/completion")

    passed = [one["stage"] for one in sam.get(f"{deal}/stages")["items"]]
    assert passed == ["qualification", *STAGES, "won"]
    forecast = sue.get(f"/api/forecast?month={PUMPS['expected_on'][:7]}")["items"]
    assert [float(one["won_amount"]) >= 9000 for one in forecast if one["owner_id"] == user_id(sam)] == [True]
    jun.get(f"/api/customers/{found['customer_no']}", expect=403)
    assert sam.get(f"/api/customers/{found['customer_no']}")["name"] == word
