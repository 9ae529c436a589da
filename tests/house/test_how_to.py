"""What the how-to pages tell a newcomer to write fits the house as it is today, and works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.copying import Copy, blocks

pytestmark = [pytest.mark.first, pytest.mark.slow, pytest.mark.timeout(900)]
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
    column, default, in_event, in_call, comes_in, goes_out, shown, title, test = blocks("add-a-field.md")
    model = f"{OPPORTUNITY}/model.py"
    copy.after(model, "    customer_no: Mapped[str | None] = mapped_column(sa.String(17))\n", column)
    copy.after(model, "        defaults = {", f"{default.strip()} ")
    for following in ("class OpportunityEdited", "class OpportunityDeleted"):
        copy.before(model, f"\n\n{following}", in_event)
    for following in ("def edit", "def delete"):
        copy.before(model, f"        )\n\n    {following}", in_call)
    copy.after(f"{OPPORTUNITY}/resources.py", "    product = Text(100)\n", comes_in)
    copy.before(f"{OPPORTUNITY}/resources.py", "    version = ma.fields.Integer(required=True)\n", goes_out)
    copy.after(f"{OPPORTUNITY}/queries.py", '    "customer_no",\n', shown)
    copy.after("services/marketing/marketing/titles.py", "TITLES: Mapping[str, Title] = {\n", title)
    copy.add(OPPORTUNITY_TESTS, test)

    copy.run("guanxi", "migrations", "marketing", "-m", "competitor")
    copy.run("guanxi", "contracts")

    copy.check(OPPORTUNITY_TESTS, "tests/contracts/test_contracts.py", "tests/house/test_titles.py")


def test_add_an_endpoint(copy: Copy) -> None:
    query, imports, views, row, test = blocks("add-an-endpoint.md")
    standard, own = imports.split("\n\n")
    copy.before(f"{OPPORTUNITY}/queries.py", "from typing import Any\n", f"{standard}\n")
    copy.replace(f"{OPPORTUNITY}/queries.py", "from chassis.transaction import Transaction\n", own)
    copy.add(f"{OPPORTUNITY}/queries.py", query)
    copy.before(f"{OPPORTUNITY}/resources.py", 'ONE = "/opportunities', f"{views}\n\n")
    copy.before(f"{OPPORTUNITY}/resources.py", '    Route(method="POST", path="/opportunities/bulk"', row)
    copy.add(OPPORTUNITY_TESTS, test)

    copy.run("guanxi", "contracts")

    copy.check(OPPORTUNITY_TESTS)


def test_add_an_event_and_hear_it(copy: Copy) -> None:
    said = blocks("add-an-event.md")
    say_it(copy, *(next(said) for _ in range(7)))
    offer_it(copy, *(next(said) for _ in range(7)))
    hear_it(copy, *said)

    copy.run("guanxi", "migrations", "service-desk", "-m", "escalation")
    copy.run("guanxi", "contracts")

    house = ("tests/contracts/test_contracts.py", "tests/house/test_problems.py", "tests/house/test_machines.py")
    desk = [f"{DESK}/tests/test_{name}.py" for name in ("request_rules", "request_resources", "random_walk")]
    copy.check(*desk, CUSTOMER_STORIES, *house)


def say_it(copy: Copy, *written: str) -> None:
    refusal, guard, move, event, column, rule, command = written
    life_cycle, model = f"{DESK}/service_desk/request/life_cycle.py", f"{DESK}/service_desk/request/model.py"
    copy.before(life_cycle, "class RequestNotNew", f"{refusal}\n\n")
    copy.before(life_cycle, "def _unless_closed", f"{guard}\n\n")
    copy.before(life_cycle, '        Move("become-overdue"', move)
    copy.before(model, "@dataclasses.dataclass", f"{event}\n\n")
    copy.before(model, "    archived_at: Mapped", column)
    copy.before(model, "    def delete(", f"{rule}\n")
    copy.add(f"{DESK}/service_desk/request/commands.py", command)


def offer_it(copy: Copy, *written: str) -> None:
    body, row, problem, listed, rule_tests, call, http_test = written
    resources = f"{DESK}/service_desk/request/resources.py"
    copy.before(resources, "class RequestRow", f"{body}\n\n")
    copy.before(resources, "    *REQUEST_FILES.routes", row)
    copy.after(resources, "    RequestClosed,\n", "    RequestEscalatedAlready,\n")
    slug, title = "request-escalated-already", problem.splitlines()[0].removeprefix("# ")
    copy.new(f"docs/problems/{slug}.md", problem)
    copy.before("docs/problems/README.md", "| [request-closed]", f"| [{slug}]({slug}.md) | 409 | {title} |\n")
    copy.after(f"{DESK}/service_desk/service.py", "        request.RequestDeleted,\n", listed)
    rules = f"{DESK}/tests/test_request_rules.py"
    copy.after(rules, "    RequestClosed,\n", "    RequestEscalatedAlready,\n")
    copy.after(rules, "RequestArchived, ", "RequestEscalated, ")
    copy.add(rules, rule_tests)
    copy.before(f"{DESK}/tests/test_random_walk.py", '            "handle": Call', call)
    copy.add(f"{DESK}/tests/test_request_resources.py", http_test)


def hear_it(copy: Copy, *written: str) -> None:
    heard, reaction, imports, listed, story = written
    reactions = f"{CUSTOMER}/reactions.py"
    standard, own = imports.split("\n\n")
    copy.before(reactions, "\nfrom chassis.events import", f"{standard}\n")
    copy.before(reactions, "from customer.contact.commands", own)
    copy.before(reactions, "class LinkRequested", f"{heard}\n\n")
    copy.add(reactions, reaction)
    copy.before(f"{CUSTOMER}/service.py", "        **announcing.REACTIONS,\n", listed)
    copy.replace(
        CUSTOMER_STORIES, "reactions import OpportunityWon\n", "reactions import OpportunityWon, RequestEscalated\n"
    )
    copy.before(CUSTOMER_STORIES, "from typing import Any\n", "from datetime import UTC, datetime\n")
    copy.add(CUSTOMER_STORIES, story)


def test_add_a_report(copy: Copy) -> None:
    *rooms, title, listed, story = blocks("add-a-report.md")
    for name, text in zip(("__init__", "model", "queries", "resources"), rooms, strict=True):
        copy.new(f"{REPORTING}/talks/{name}.py", text)
    copy.new("services/reporting/tests/test_talks.py", story)
    catalogue, page = f"{REPORTING}/catalogue.py", f"{REPORTING}/reports.py"
    copy.after(catalogue, "from reporting.shelf import Shelf\n", "from reporting.talks.model import TALKS\n")
    copy.replace(catalogue, "*SERVING])", "*SERVING, TALKS])")
    copy.before(page, "from reporting.warnings import", "from reporting.talks.resources import REPORT as TALKS\n")
    copy.after(f"{REPORTING}/directory/queries.py", "TITLES: Mapping[str, Title] = {\n", listed)
    copy.replace(page, "PERFORMANCE, SALES]", "PERFORMANCE, SALES, TALKS]")
    copy.after(f"{REPORTING}/titles.py", "TITLES: Mapping[str, Title] = {\n", title)
    rebuilding = "services/reporting/tests/test_rebuild.py"
    copy.replace(rebuilding, '"sales_opportunity"}', '"sales_opportunity", "talk"}')
    copy.replace(rebuilding, '"sales"}', '"sales", "talks"}')

    copy.run("guanxi", "migrations", "reporting", "-m", "talks")
    copy.run("guanxi", "contracts")

    copy.check("services/reporting/tests/test_talks.py", rebuilding, "tests/house/test_titles.py")


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
    add_rights_migration(copy, migration)

    copy.run("guanxi", "migrations", "survey", "-m", "first")
    copy.run("guanxi", "contracts")

    house = ("tests/house/test_rooms.py", "tests/house/test_titles.py", "tests/contracts/test_contracts.py")
    copy.check("services/survey", SEEDS, *house)


def make_survey_known(copy: Copy, rights: str) -> None:
    """The entries of the page's table."""
    copy.after("deploy/bootstrap.py", '    "services/reporting",\n', '    "services/survey",\n')
    copy.after("deploy/guanxi/registry.py", '    "reporting": "reporting",\n', '    "survey": "survey",\n')
    copy.after("deploy/pyproject.toml", '    "guanxi-reporting~=0.1",\n', '    "guanxi-survey~=0.1",\n')
    copy.replace("gateway/gateway/routes.py", '"reporting")', '"reporting", "survey")')
    copy.after("gateway/gateway/routes.py", '    "reports": "reporting",\n', '    "surveys": "survey",\n')
    copy.before(RIGHTS, '    ("L0401", "report:contribution"', rights)
    copy.replace(SEEDS, "report:sales dictionary:read\n", "report:sales dictionary:read survey:read\n")
    copy.replace(
        SEEDS,
        "request:attach dictionary:read ",
        "request:attach dictionary:read survey:read survey:write\n        ",
    )
    copy.before(f"{REPORTING}/log.py", '    "service-desk": {', '    "survey": {"survey"},\n')
    everywhere = copy.text("pyproject.toml").replace('"reporting"', '"reporting", "survey"')
    copy.new("pyproject.toml", everywhere.replace('"service_desk.*"]', '"service_desk.*", "survey.*"]'))


def add_rights_migration(copy: Copy, migration: str) -> None:
    """The page counts as if identity had one migration so far; here it has some more."""
    versions = copy.folder / "services/identity/migrations/versions"
    newest = max(int(path.name[:4]) for path in versions.glob("[0-9]*.py"))
    numbered = migration.replace("0002", f"{newest + 1:04}").replace("0001", f"{newest:04}")
    (versions / f"{newest + 1:04}_survey_rights.py").write_text(numbered)
