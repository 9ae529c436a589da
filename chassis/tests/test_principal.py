"""Tokens: only identity's own, for us, and not expired."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
import sqlalchemy as sa
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg

from chassis.principal import ALGORITHM, AUDIENCE, SYSTEM, Principal, Verifier, claims_of
from chassis.problems import Forbidden, Unauthenticated
from tests import toy

ADA = Principal(user_id=7, name="Ada", role="maker", kind="user", scope="own", rights=frozenset({"toy:read"}))
OURS, THEIRS = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def public(key: ec.EllipticCurvePrivateKey, name: str) -> dict[str, Any]:
    return json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())) | {"kid": name, "alg": ALGORITHM}


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [public(OURS, "one")]}))
    return path


@pytest.fixture
def verifier(keys_file: Path) -> Verifier:
    return Verifier(keys_file)


def claims(**more: Any) -> dict[str, Any]:
    return claims_of(ADA) | {"aud": AUDIENCE, "iss": "identity", "exp": time.time() + 60} | more


def token(key: Any = OURS, name: str = "one", algorithm: str = ALGORITHM, **more: Any) -> str:
    said = {name: value for name, value in claims(**more).items() if value is not None}
    return "Bearer " + jwt.encode(said, key, algorithm=algorithm, headers={"kid": name})


def test_a_good_token_says_who_asks(verifier: Verifier) -> None:
    assert verifier.principal(token()) == ADA


def public_pem() -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return OURS.public_key().public_bytes(serialization.Encoding.PEM, form)


@pytest.mark.parametrize(
    "given",
    [
        lambda: None,
        lambda: "",
        lambda: "Bearer",
        lambda: "Bearer nonsense",
        lambda: "Bearer a.b.c",
        lambda: "Basic " + token().partition(" ")[2],
        lambda: token(exp=time.time() - 60),
        lambda: token(exp=None),
        lambda: token(key=THEIRS),
        lambda: token(name="two"),
        lambda: token(key=None, algorithm="none"),
        lambda: token(key="x" * 32, algorithm="HS256"),
        lambda: token(aud="another"),
        lambda: token(aud=None),
        lambda: token(iss=None),
        lambda: token(sub=None),
        lambda: token(sub="ada"),
        lambda: token(rights=None),
        lambda: token(nbf=time.time() + 600),
        lambda: token()[:-3] + "AAA",
    ],
    ids=[
        "nothing", "empty", "no token", "nonsense", "three letters", "basic", "expired", "never expires", "wrong key",
        "unknown key", "alg none", "shared secret", "wrong audience", "no audience", "no issuer", "nobody",
        "no number", "no rights", "not yet", "changed",
    ],
)  # fmt: skip
def test_any_other_token_is_refused(verifier: Verifier, given: Any) -> None:
    with pytest.raises(Unauthenticated):
        verifier.principal(given())


def test_a_remembered_token_expires_all_the_same(verifier: Verifier) -> None:
    remembered = token(exp=time.time() + 30)
    assert verifier.principal(remembered) == ADA

    with time_machine.travel(time.time() + 40), pytest.raises(Unauthenticated):
        verifier.principal(remembered)


def test_a_new_key_is_found_without_a_restart(verifier: Verifier, keys_file: Path) -> None:
    assert verifier.principal(token()) == ADA
    keys_file.write_text(json.dumps({"keys": [public(OURS, "one"), public(THEIRS, "two")]}))

    assert verifier.principal(token(key=THEIRS, name="two")) == ADA


def test_a_key_that_was_taken_away_counts_no_more(verifier: Verifier, keys_file: Path) -> None:
    keys_file.write_text(json.dumps({"keys": [public(THEIRS, "two")]}))

    with pytest.raises(Unauthenticated):
        verifier.principal(token())


def test_a_missing_right_is_named() -> None:
    ADA.must("toy:read")
    with pytest.raises(Forbidden) as refused:
        ADA.must("toy:write")

    assert refused.value.needs == "toy:write"
    SYSTEM.must("toy:write")


DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": psycopg.dialect()}
CONDITIONS = {
    "own": {"sqlite": ("toy.rank = ?", [7]), "postgresql": ("toy.rank = %(rank_1)s::INTEGER", [7])},
    "subtree": {
        "sqlite": ("toy.rank IN (SELECT value FROM json_each(?))", [[7, 9]]),
        "postgresql": ("toy.rank = ANY (%(param_1)s::INTEGER[])", [[7, 9]]),
    },
    "all": {"sqlite": ("1", []), "postgresql": ("true", [])},
}


@pytest.mark.parametrize(
    ("scope", "owners", "sees"),
    [
        ("own", {7}, True),
        ("own", {8}, False),
        ("own", {None}, False),
        ("own", {8, 7}, True),
        ("subtree", {9}, True),
        ("subtree", {8}, False),
        ("all", {8}, True),
    ],
)
def test_who_sees_what(scope: Any, owners: set[int | None], sees: bool) -> None:
    who = Principal(user_id=7, kind="user", scope=scope, team=frozenset({9}))

    assert who.sees(owners) is sees
    condition = who.only_seen(toy.Toy.rank)
    found = {name: condition.compile(dialect=dialect) for name, dialect in DIALECTS.items()}
    assert {name: (str(sql), [*sql.params.values()]) for name, sql in found.items()} == CONDITIONS[scope]


def test_the_system_sees_everything() -> None:
    assert SYSTEM.sees({None})
    assert SYSTEM.only_seen(toy.Toy.rank).compare(sa.true())
