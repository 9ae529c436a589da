"""The key pair of identity: the private half signs tokens here, the public half lets every service check them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chassis.principal import ALGORITHM, AUDIENCE, Principal, claims_of

ISSUER = "guanxi-identity"
LASTS_SECONDS = 60
"""How long the other services may go on without identity; a logout is noticed sooner, at the gateway."""
SIGNING_FILE, KEYS_FILE = "signing.pem", "keys.json"


def generate_keys(folder: Path) -> None:
    """Make ``signing.pem`` (for the owner only) and ``keys.json`` (for everybody), unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    signing = folder / SIGNING_FILE
    if not signing.exists():
        _write_private(signing, _pem(ec.generate_private_key(ec.SECP256R1())))
    if not (folder / KEYS_FILE).exists():
        key = public_key(_load(signing))
        (folder / KEYS_FILE).write_text(json.dumps({"keys": [key]}, indent=2) + "\n")


def public_key(private: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """The JWK of the public half; its ``kid`` is the thumbprint of RFC 7638."""
    found: dict[str, Any] = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    named = {name: found[name] for name in ("crv", "kty", "x", "y")}
    digest = hashlib.sha256(json.dumps(named, separators=(",", ":"), sort_keys=True).encode()).digest()
    kid = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return named | {"kid": kid, "use": "sig", "alg": ALGORITHM}


class Signer:
    """Signs who somebody is, for a minute."""

    def __init__(self, signing_file: str | Path) -> None:
        self._key = _load(Path(signing_file))
        self._headers = {"kid": public_key(self._key)["kid"]}

    def token(self, principal: Principal) -> str:
        now = int(time.time())
        times = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + LASTS_SECONDS}
        return jwt.encode(claims_of(principal) | times, self._key, ALGORITHM, headers=self._headers)


def _load(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} holds no elliptic-curve key")
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(path: Path, content: bytes) -> None:
    """Readable to the owner only, from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
