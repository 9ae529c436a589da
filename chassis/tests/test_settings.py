"""A service does not start half set, and says everything that is missing at once."""

from __future__ import annotations

import pytest

from chassis.settings import HalfSet, Settings

WHOLE = {
    "GUANXI_DATABASE_URL": "sqlite://",
    "GUANXI_KEYS_FILE": "/keys.json",
    "GUANXI_FEED_TOKEN": "token",
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("GUANXI_")]:
        monkeypatch.delenv(name)


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(HalfSet) as refused:
        Settings.from_environment("workshop")

    assert [name for name in WHOLE if name not in str(refused.value)] == []


def test_a_wrong_value_is_named_beside_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_PORT", "eighty")

    with pytest.raises(HalfSet) as refused:
        Settings.from_environment("workshop")

    assert all(name in str(refused.value) for name in ("GUANXI_PORT", "GUANXI_DATABASE_URL"))


@pytest.mark.parametrize("name", ["GUANXI_FEEDS", "GUANXI_EXTRA"])
def test_a_mapping_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for variable, value in WHOLE.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv(name, "{nonsense")

    with pytest.raises(HalfSet):
        Settings.from_environment("workshop")


def test_the_rest_has_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in WHOLE.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("GUANXI_FEEDS", '{"shelf": "http://127.0.0.1:1"}')

    settings = Settings.from_environment("workshop")

    assert (settings.service, settings.amqp_url, settings.port) == ("workshop", "", 0)
    assert settings.feeds == {"shelf": "http://127.0.0.1:1"}
