"""Beginning anew: only in demo mode, only by an administrator who says so, and nothing is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from gateway.routes import owner_of
from gateway.settings import GatewaySettings
from guanxi import anew
from guanxi.anew import ADDRESS, ASIDE, MARK, Clearing, begin_anew_if_asked, clearable
from guanxi.home import Home

OWN = {"Sec-Fetch-Site": "same-origin", "Cookie": "session=ada"}


def system(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Who has the cookie is Ada the administrator, who has the token is Mei; others are nobody."""
    is_ada = "ada" in environ.get("HTTP_COOKIE", "")
    known = is_ada or bool(environ.get("HTTP_AUTHORIZATION"))
    start_response("200 OK" if known else "401 Unauthorized", [("Content-Type", "application/json")])
    rights = ["role:write"] if is_ada else ["customer:read"]
    return [json.dumps({"rights": rights, "asked": environ["PATH_INFO"]}).encode()]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "identity.db").write_text("old")
    (tmp_path / "identity.db-wal").write_text("older")
    (tmp_path / "demo.json").write_text("{}")
    (tmp_path / "secrets.json").write_text("{}")
    return Home(tmp_path, demo=True)


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(anew, "ANSWER_SECONDS", 0)
    return []


def asked(home: Home, ended: list[str], *, method: str = "POST", headers: Any = OWN, **body: str) -> TestResponse:
    client = Client(Clearing(system, home, lambda: ended.append("ended")), use_cookies=False)
    return client.open(ADDRESS, method=method, headers=headers, json=body)


def test_an_administrator_who_writes_the_word_leaves_a_mark_and_ends_the_process(home: Home, ended: list[str]) -> None:
    answer = asked(home, ended, word="clear")

    assert (answer.status_code, answer.json) == (202, {"state": "clearing"})
    assert (home.folder / MARK).exists()
    while not ended:
        pass


@pytest.mark.parametrize(
    ("status", "how"),
    [
        (401, {"headers": {"Sec-Fetch-Site": "same-origin"}, "word": "clear"}),
        (403, {"headers": {"Authorization": "Bearer mei"}, "word": "clear"}),
        (403, {"headers": {**OWN, "Sec-Fetch-Site": "cross-site"}, "word": "clear"}),
        (405, {"method": "GET"}),
        (422, {"word": "Clear"}),
        (422, {}),
    ],
)
def test_nobody_else_and_nothing_else_clears(home: Home, ended: list[str], status: int, how: dict[str, Any]) -> None:
    assert asked(home, ended, **how).status_code == status
    assert not (home.folder / MARK).exists()


def test_other_addresses_are_answered_as_before(home: Home) -> None:
    answer = Client(Clearing(system, home, lambda: None), use_cookies=False).get("/api/customers", headers=OWN)

    assert answer.json is not None
    assert answer.json["asked"] == "/api/customers"


def test_the_databases_are_put_aside_and_keys_and_secrets_stay(home: Home) -> None:
    anew.ask_to_begin_anew(home.folder)

    assert begin_anew_if_asked(home)
    assert sorted(path.name for path in (home.folder / ASIDE).iterdir()) == [
        "demo.json",
        "identity.db",
        "identity.db-wal",
    ]
    assert [path.name for path in home.folder.iterdir() if path.is_file()] == ["secrets.json"]
    assert not begin_anew_if_asked(home)


def test_what_was_cut_short_goes_on_and_loses_nothing(home: Home) -> None:
    anew.ask_to_begin_anew(home.folder)
    (home.folder / ASIDE).mkdir()
    (home.folder / "identity.db").replace(home.folder / ASIDE / "identity.db")

    assert begin_anew_if_asked(home)
    assert (home.folder / ASIDE / "identity.db").read_text() == "old"
    assert (home.folder / ASIDE / "identity.db-wal").read_text() == "older"


def test_outside_demo_mode_there_is_no_such_address_and_a_mark_means_nothing(home: Home) -> None:
    real = Home(home.folder, demo=False)
    anew.ask_to_begin_anew(real.folder)

    assert clearable(system, real) is system
    assert not begin_anew_if_asked(real)
    assert (home.folder / "identity.db").read_text() == "old"


def test_a_gateway_by_itself_knows_nothing_of_it() -> None:
    assert owner_of(ADDRESS) is None
    assert not GatewaySettings(feed_token="x", demo_password="y").demo_clears
