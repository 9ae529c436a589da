"""What the how-to pages tell a newcomer to write fits the house as it is today, and works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.copying import Copy, blocks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
OPPORTUNITY = "services/marketing/marketing/opportunity"
OPPORTUNITY_TESTS = "services/marketing/tests/test_opportunity_resources.py"
DESK = "services/service-desk"
CUSTOMER = "services/customer/customer"
CUSTOMER_STORIES = "services/customer/tests/test_reactions.py"
REPORTING = "services/reporting/reporting"
RIGHTS = "services/identity/identity/right/model.py"
SEEDS = "services/identity/tests/test_seeds.py"


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_add_a_field(copy: Copy) -> None:
    column, defaults, in_event, in_call, comes_in, goes_out, shown, test = blocks("add-a-field.md")
    model = f"{OPPORTUNITY}/model.py"
    copy.after(model, "    customer_no: Mapped[str | None] = mapped_column(sa.String(17))\n", column)
    copy.replace(model, defaults.replace(', "competitor": ""', ""), defaults)
    for following in ("class OpportunityEdited", "class OpportunityDeleted"):
        copy.before(model, f"\n\n{following}", in_event)
    for following in ("def edit", "def delete"):
        copy.before(model, f"        )\n\n    {following}", in_call)
    copy.after(f"{OPPORTUNITY}/resources.py", "    product = Text(100)\n", comes_in)
    copy.before(f"{OPPORTUNITY}/resources.py", "    version = ma.fields.Integer(required=True)\n", goes_out)
    copy.after(f"{OPPORTUNITY}/queries.py", '    "customer_no",\n', shown)
    copy.add(OPPORTUNITY_TESTS, test)

    copy.run("guanxi", "migrations", "marketing", "-m", "competitor")
    copy.run("guanxi", "contracts")

    copy.check(OPPORTUNITY_TESTS, "tests/contracts/test_contracts.py")


def test_add_an_endpoint(copy: Copy) -> None:
    query, imports, views, row, test = blocks("add-an-endpoint.md")
    standard, own = imports.split("\n\n")
    copy.before(f"{OPPORTUNITY}/queries.py", "from typing import Any\n", f"{standard}\n")
    copy.replace(f"{OPPORTUNITY}/queries.py", "from chassis.transaction import Transaction\n", own)
    copy.add(f"{OPPORTUNITY}/queries.py", query)
    copy.before(f"{OPPORTUNITY}/resources.py", 'ONE = "/opportunities', f"{views}\n\n")
    copy.before(f"{OPPORTUNITY}/resources.py", '    Route(method="POST", path="/opportunities/bulk"', row)
    copy.add(OPPORTUNITY_TESTS, test)

    copy.check(OPPORTUNITY_TESTS)


def test_add_an_event_and_hear_it(copy: Copy) -> None:
    said = blocks("add-an-event.md")
    declare_what_is_said(copy, *(next(said) for _ in range(5)))
    offer_it(copy, *(next(said) for _ in range(6)))
    hear_it(copy, *said)

    copy.run("guanxi", "migrations", "service-desk", "-m", "escalation")
    copy.run("guanxi", "contracts")

    copy.check(
        "services/service-desk", CUSTOMER_STORIES, "tests/contracts/test_contracts.py", "tests/house/test_problems.py"
    )


def declare_what_is_said(copy: Copy, *written: str) -> None:
    event, refusal, column, rule, command = written
    model = f"{DESK}/service_desk/request/model.py"
    copy.before(model, "class RequestClosed", f"{event}\n\n{refusal}\n\n")
    copy.before(model, "    archived_at: Mapped", column)
    copy.before(model, "    def must_be_open", f"{rule}\n")
    copy.add(f"{DESK}/service_desk/request/commands.py", command)


def offer_it(copy: Copy, *written: str) -> None:
    body, row, problem, listed, rule_test, http_test = written
    resources = f"{DESK}/service_desk/request/resources.py"
    copy.before(resources, "class RequestRow", f"{body}\n\n")
    copy.before(resources, "]  # fmt: skip", row)
    copy.after(resources, "    RequestClosed,\n", "    RequestEscalatedAlready,\n")
    slug, title = "request-escalated-already", problem.splitlines()[0].removeprefix("# ")
    copy.new(f"docs/problems/{slug}.md", problem)
    copy.before("docs/problems/README.md", "| [request-closed]", f"| [{slug}]({slug}.md) | 409 | {title} |\n")
    copy.after(f"{DESK}/service_desk/service.py", "        request.RequestDeleted,\n", listed)
    rules = f"{DESK}/tests/test_request_rules.py"
    copy.after(rules, "    RequestClosed,\n", "    RequestEscalated,\n    RequestEscalatedAlready,\n")
    copy.add(rules, rule_test)
    copy.add(f"{DESK}/tests/test_request_resources.py", http_test)


def hear_it(copy: Copy, *written: str) -> None:
    heard, reaction, imports, listed, story = written
    reactions = f"{CUSTOMER}/reactions.py"
    standard, own = imports.split("\n\n")
    copy.before(reactions, "from chassis.events import", f"{standard}\n\n")
    copy.after(reactions, "from customer import copies\n", own)
    copy.before(reactions, "def welcome_customer", f"{heard}\n\n")
    copy.add(reactions, reaction)
    copy.before(f"{CUSTOMER}/service.py", "    },\n    jobs=", listed)
    copy.replace(CUSTOMER_STORIES, "ItemRemoved, OpportunityWon\n", "ItemRemoved, OpportunityWon, RequestEscalated\n")
    copy.before(CUSTOMER_STORIES, "from typing import Any\n", "from datetime import UTC, datetime\n")
    copy.add(CUSTOMER_STORIES, story)


def test_add_a_report(copy: Copy) -> None:
    *rooms, story = blocks("add-a-report.md")
    for name, text in zip(("__init__", "model", "queries", "resources"), rooms, strict=True):
        copy.new(f"{REPORTING}/talks/{name}.py", text)
    copy.new("services/reporting/tests/test_talks.py", story)
    catalogue, page = f"{REPORTING}/catalogue.py", f"{REPORTING}/service.py"
    copy.after(catalogue, "from reporting.shelf import Shelf\n", "from reporting.talks.model import TALKS\n")
    copy.replace(catalogue, "OPPORTUNITIES])", "OPPORTUNITIES, TALKS])")
    sales = "from reporting.sales.resources import routes as sales_routes\n"
    copy.after(page, sales, "from reporting.talks.resources import routes as talks_routes\n")
    copy.replace(page, "*sales_routes]", "*sales_routes, *talks_routes]")
    rebuilding = "services/reporting/tests/test_rebuild.py"
    copy.after(rebuilding, '        "sales",\n', '        "talk",\n        "talks",\n')

    copy.run("guanxi", "migrations", "reporting", "-m", "talks")

    copy.check("services/reporting/tests/test_talks.py", rebuilding)


def test_add_a_service(copy: Copy) -> None:
    *files, rights, migration = blocks("add-a-service.md")
    where = ("pyproject.toml", "README.md", "survey/__init__.py", "survey/base.py", "survey/survey/__init__.py",
             "survey/survey/model.py", "survey/survey/commands.py", "survey/survey/queries.py",
             "survey/survey/resources.py", "survey/service.py", "tests/conftest.py",
             "tests/test_survey_resources.py")  # fmt: skip
    for path, text in zip(where, files, strict=True):
        copy.new(f"services/survey/{path}", text)
    copy.new("services/survey/survey/py.typed", "")
    for path in ("env.py", "script.py.mako"):
        copy.new(f"services/survey/migrations/{path}", copy.text(f"services/marketing/migrations/{path}"))
    (copy.folder / "services/survey/migrations/versions").mkdir()
    make_survey_known(copy, rights)
    copy.new("services/identity/migrations/versions/0002_survey_rights.py", migration)

    copy.run("guanxi", "migrations", "survey", "-m", "first")
    copy.run("guanxi", "contracts")

    copy.check("services/survey", SEEDS, "tests/house/test_rooms.py", "tests/contracts/test_contracts.py")


def make_survey_known(copy: Copy, rights: str) -> None:
    """The entries of the page's table."""
    copy.after("deploy/bootstrap.py", '    "services/reporting",\n', '    "services/survey",\n')
    copy.after("deploy/guanxi/registry.py", '    "reporting": "reporting",\n', '    "survey": "survey",\n')
    copy.after("deploy/pyproject.toml", '    "guanxi-reporting~=0.1",\n', '    "guanxi-survey~=0.1",\n')
    copy.replace("gateway/gateway/routes.py", '"reporting")', '"reporting", "survey")')
    copy.after("gateway/gateway/routes.py", '    "reports": "reporting",\n', '    "surveys": "survey",\n')
    copy.before(RIGHTS, '    ("L0401", "report:contribution"', rights)
    copy.replace(SEEDS, 'report:sales dictionary:read"""', 'report:sales dictionary:read\n        survey:read"""')
    copy.replace(SEEDS, '        dictionary:read"""', '        dictionary:read survey:read survey:write"""')
    copy.after(f"{REPORTING}/log.py", '    "service-desk": {"request"},\n', '    "survey": {"survey"},\n')
    everywhere = copy.text("pyproject.toml").replace('"reporting"', '"reporting", "survey"')
    copy.new("pyproject.toml", everywhere.replace('"service_desk.*"]', '"service_desk.*", "survey.*"]'))
