"""Identity on stage: with keys, the demo accounts, and everybody able to sign in."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.caller import ADDRESS, VOUCHER
from chassis.database import Database
from chassis.settings import Settings
from chassis.testing.stage import Client, Stage, prepare, some_settings
from identity.keys import generate_keys
from identity.service import service

PASSWORD = "correct horse"


def settings_in(folder: Path) -> Settings:
    extra = {"signing_key_file": str(folder / "keys/signing.pem"), "demo": "1", "demo_password": PASSWORD}
    plain = some_settings("identity", f"sqlite:///{folder}/identity.db")
    return dataclasses.replace(plain, keys_file=str(folder / "keys/keys.json"), extra=extra)


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with keys and a seeded database, to copy: hashing four passwords takes its time."""
    folder = tmp_path_factory.mktemp("first-day")
    generate_keys(folder / "keys")
    settings = settings_in(folder)
    database = Database(settings.database_url)
    prepare(service, database, settings)
    database.close()
    return folder


@pytest.fixture
def stage(first_day: Path, tmp_path: Path) -> Iterator[Stage]:
    shutil.copytree(first_day, tmp_path / "identity")
    settings = settings_in(tmp_path / "identity")
    database = Database(settings.database_url)
    yield Stage(service, database, settings)
    database.close()


@pytest.fixture
def admin(stage: Stage) -> Client:
    """Somebody with every right, who is none of the four."""
    return stage.client()


class Door:
    """Identity as the gateway sees it: sign in, exchange, call with a signed token."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.http = service.web(stage.settings, stage.database).test_client()

    def sign_in(self, login: str, password: str = PASSWORD, *, from_: str = "", **more: Any) -> Any:
        """``from_`` is the client's address, as the gateway vouches for it."""
        vouched = {ADDRESS: from_, VOUCHER: self.stage.settings.feed_token} if from_ else {}
        body = {"login": login, "password": password, **more}
        return self.http.post("/session", json=body, headers={"User-Agent": "pytest", **vouched})

    def token(self, login: str) -> str:
        found: str = self.sign_in(login).get_json()["token"]
        return found

    def exchange(self, token: Any, feed_token: str | None = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {feed_token or self.stage.settings.feed_token}"}
        return self.http.post("/internal/exchange", json={"token": token, **more}, headers=headers)

    def signed(self, login: str) -> dict[str, str]:
        return self.signed_with(login, PASSWORD)

    def signed_with(self, login: str, password: str) -> dict[str, str]:
        token = self.sign_in(login, password).get_json()["token"]
        return {"Authorization": f"Bearer {self.exchange(token).get_json()['token']}"}

    def sign_out(self, token: str) -> Any:
        return self.http.delete("/session", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def door(stage: Stage) -> Door:
    return Door(stage)


@pytest.fixture
def id_of(admin: Client) -> Callable[[str], int]:
    def find(login: str) -> int:
        [found] = admin.get(f"/users?login={login}")["items"]
        number: int = found["id"]
        return number

    return find
