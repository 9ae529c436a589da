"""On PostgreSQL each service has a database and a role of its own, and no other service's role gets in."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from guanxi.provision import provision_all
from tests.infra.postgres import DatabaseServer, fresh_name

pytestmark = pytest.mark.infra


@pytest.fixture
def urls(database_server: DatabaseServer) -> Iterator[dict[str, str]]:
    prefix = fresh_name("own")
    yield provision_all(database_server.url, ["marketing", "service-desk"], lambda name: f"secret of {name}", prefix)
    for service in ("marketing", "service_desk"):
        database_server.drop_database(f"{prefix}_{service}")


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def test_a_service_may_do_what_it_likes_in_its_own_database(urls: dict[str, str]) -> None:
    with connect(urls["marketing"]) as connection:
        connection.execute("CREATE TABLE mine (id int)")
        assert connection.execute("SELECT count(*) FROM mine").fetchone() == (0,)


def test_a_service_cannot_even_connect_to_anothers(urls: dict[str, str]) -> None:
    login = urls["marketing"].rsplit("/", 1)[0]
    others_database = urls["service-desk"].rsplit("/", 1)[1]

    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        connect(f"{login}/{others_database}")


def test_providing_again_changes_nothing_but_the_password(database_server: DatabaseServer) -> None:
    prefix = fresh_name("again")
    first = provision_all(database_server.url, ["marketing"], lambda _: "old", prefix)
    with connect(first["marketing"]) as connection:
        connection.execute("CREATE TABLE kept (id int)")

    second = provision_all(database_server.url, ["marketing"], lambda _: "new", prefix)

    with connect(second["marketing"]) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError, match="password"):
        connect(first["marketing"])
    database_server.drop_database(f"{prefix}_marketing")
