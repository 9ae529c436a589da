"""What the how-to pages tell a newcomer to write fits the house as it is today, and works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.copying import Copy, blocks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
OPPORTUNITY = "services/marketing/marketing/opportunity"
OPPORTUNITY_TESTS = "services/marketing/tests/test_opportunity_resources.py"
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
    copy.after(page, "        *sales_routes,\n", "        *talks_routes,\n")
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
    number = len(list((copy.folder / "services/identity/migrations/versions").glob("[0-9]*.py")))
    migration = migration.replace("0002", f"{number + 1:04}").replace("0001", f"{number:04}")
    copy.new(f"services/identity/migrations/versions/{number + 1:04}_survey_rights.py", migration)

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
    copy.replace(
        SEEDS, 'request:attach dictionary:read"""', 'request:attach dictionary:read survey:read survey:write"""'
    )
    copy.before(f"{REPORTING}/log.py", '    "service-desk": {', '    "survey": {"survey"},\n')
    everywhere = copy.text("pyproject.toml").replace('"reporting"', '"reporting", "survey"')
    copy.new("pyproject.toml", everywhere.replace('"service_desk.*"]', '"service_desk.*", "survey.*"]'))
