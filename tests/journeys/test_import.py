"""An import of a few rows into a running system, in both modes: what of it is taken, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

from guanxi.importing.client import Api
from guanxi.importing.run import GOOD_ROWS, NOTHING, Importer, Outcome
from guanxi.importing.tables import login_of
from tests.system import System, wait_until

PIPELINE_HEADER = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"


def brought_in(api: dict[str, Api], folder: Path, on_error: str = NOTHING) -> dict[str, Outcome]:
    outcomes = Importer(api, on_error=on_error, progress=lambda *_: None).run(folder)
    return {outcome.title: outcome for outcome in outcomes}


def write(folder: Path, name: str, header: str, *rows: str) -> None:
    (folder / name).write_text("\n".join([header, *rows]) + "\n")


def test_of_a_damaged_file_nothing_or_only_the_good_rows_come_in(
    api: dict[str, Api], tmp_path: Path, word: str
) -> None:
    write(tmp_path, "crm_products.csv", "product,series,sales_price", f"A {word},S,10", f"B {word},S,ten")

    refused = brought_in(api, tmp_path)["products"]
    assert (refused.is_refused, refused.created) == (True, 0)
    assert [(fault.row, fault.column) for fault in refused.faults] == [(3, "sales_price")]

    kept = brought_in(api, tmp_path, GOOD_ROWS)["products"]
    assert (kept.created, len(kept.faults)) == (1, 1)


def test_a_deal_of_who_has_left_is_refused_and_holds_up_no_other(
    guanxi: System, api: dict[str, Api], tmp_path: Path, word: str
) -> None:
    stays, left = f"Ann {word}", f"Bob {word}"
    write(tmp_path, "crm_sales_teams.csv", "sales_agent,manager", f"{stays},Sue {word}", f"{left},Sue {word}")
    assert brought_in(api, tmp_path)["sales teams"].created == 3
    admin = guanxi.person("admin")
    [who_left] = admin.get(f"/api/users?login={login_of(left)}")["items"]
    heard_of = f"/api/opportunities/assignees?login={login_of(left)}"
    sue = guanxi.person("sue")
    wait_until(lambda: sue.get(heard_of)["total"] == 1, "marketing to hear of them")
    admin.post(f"/api/users/{who_left['id']}/disable")
    wait_until(lambda: sue.get(heard_of)["total"] == 0, "marketing to hear who has left")

    deals = [f"{name} {word},{name} {word},GTX,Acme,Prospecting,,," for name in ("Ann", "Bob")]
    write(tmp_path, "crm_sales_pipeline.csv", PIPELINE_HEADER, *deals)
    outcome = brought_in(api, tmp_path, GOOD_ROWS)["pipeline"]

    assert (outcome.created, outcome.is_refused) == (1, False)
    assert [(fault.row, fault.column) for fault in outcome.faults] == [(3, "salesperson")]
