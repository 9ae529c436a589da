"""The data folder: secrets once, keys once, one process at a time."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.problems import Conflict
from chassis.settings import HalfSet
from guanxi.home import Home
from guanxi.keeper import Keeper
from guanxi.supervised import free_port
from guanxi.up import PortTaken, must_be_free
from tests.system import wait_until


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    secret = Home(tmp_path, demo=True).secret("feed")

    assert Home(tmp_path, demo=True).secret("feed") == secret
    assert len(secret) > 40
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    Home(tmp_path, demo=True).lock()

    with pytest.raises(Conflict, match="is in use"):
        Home(tmp_path, demo=True).lock()


def test_there_is_no_default_password_outside_demo_mode(tmp_path: Path) -> None:
    assert "demo_password" not in Home(tmp_path, demo=False).extra("identity")
    assert "demo_password" in Home(tmp_path, demo=True).extra("identity")
    assert Home(tmp_path, demo=True).extra("marketing") == {}


def test_a_taken_port_is_named_before_anything_starts() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTaken, match="PORT="):
            must_be_free("127.0.0.1", taken.getsockname()[1])


def test_full_mode_refuses_to_start_without_its_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from guanxi.supervised import run

    monkeypatch.delenv("GUANXI_DATABASE_URL", raising=False)
    with pytest.raises(HalfSet, match="GUANXI_DATABASE_URL"):
        run(tmp_path, host="127.0.0.1", port=free_port(), demo=True)


def test_a_process_that_dies_is_started_again_until_it_is_asked_to_stop() -> None:
    keeper = Keeper("short-lived", "migrate", ("nothing",), {})
    keeper.start()

    wait_until(lambda: keeper.starts >= 2, "the second start", within=60)
    keeper.ask_to_stop()
    keeper.wait(0)

    assert keeper.child is not None
    assert keeper.child.exitcode is not None


def test_the_command_says_a_refusal_in_a_sentence(tmp_path: Path) -> None:
    Home(tmp_path, demo=True).lock()
    command = [sys.executable, "-m", "guanxi", "up", "--data", str(tmp_path), "--port", str(free_port())]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 2
    assert "is in use" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_operators_commands_look_where_the_last_start_kept_its_data(tmp_path: Path) -> None:
    home = Home(tmp_path / "data", demo=True)
    home.note_databases({"marketing": "postgresql+psycopg://somewhere"})
    assert home.database_urls() == {"marketing": "postgresql+psycopg://somewhere"}

    home.forget_databases()

    assert home.database_urls()["marketing"].startswith("sqlite:///")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
