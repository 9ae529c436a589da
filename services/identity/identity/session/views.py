"""What the gateway calls: it holds the opaque token of a session, which no other service ever sees."""

from __future__ import annotations

from typing import Any

import flask

from chassis.caller import Caller, address_text
from chassis.database import Database
from chassis.events import encode
from chassis.feed import sister_request
from chassis.principal import Principal
from chassis.problems import Unauthenticated, Unavailable, wrong_field
from chassis.settings import Settings
from chassis.transaction import looking, transaction
from identity.keys import LASTS_SECONDS, Signer
from identity.session.commands import note_use, sign_out
from identity.session.queries import Holder, holder_of

SERVICE = "identity"
LONGEST_TOKEN, LONGEST_ADDRESS = 200, 100
OWN_ACCOUNT = ("me",)
"""The addresses that stay open to whoever has to do something else first: a password to be chosen."""


def add_views(app: flask.Flask, database: Database, settings: Settings) -> None:
    """``POST /internal/exchange`` for the gateway, and ``DELETE /session`` with the opaque token as bearer."""
    signing_file = settings.extra.get("signing_key_file")
    signer = Signer(signing_file) if signing_file else None

    def exchange() -> flask.Response:
        body = sister_request(settings.feed_token).get_json(force=True, silent=True)
        token = _text(body, "token", LONGEST_TOKEN)
        if not token:
            raise wrong_field("/token", "The opaque token of a session")
        if signer is None:
            raise Unavailable(detail="The setting signing_key_file names no key")
        with looking(database, SERVICE) as tx:
            holder = holder_of(tx, token, Caller(address_text(_text(body, "address", LONGEST_ADDRESS))))
            tx.session.close()
            note_use(tx, holder)
        return _json({"token": signer.token(holder.principal), "expires_in": LASTS_SECONDS, **_terms(holder)})

    def end() -> flask.Response:
        scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated()
        with transaction(database, SERVICE) as tx:
            sign_out(tx, token)
        return flask.Response(status=204)

    app.add_url_rule("/internal/exchange", "exchange", exchange, methods=["POST"])
    app.add_url_rule("/session", "end session", end, methods=["DELETE"])


def _text(body: Any, name: str, longest: int) -> str:
    found = body.get(name, "") if isinstance(body, dict) else ""
    if not isinstance(found, str) or len(found) > longest:
        raise wrong_field(f"/{name}", f"A text of at most {longest} characters")
    return found


def _terms(holder: Holder) -> dict[str, object]:
    """For which address and for which paths the signed token is; what everything else answers."""
    only = {"segments": OWN_ACCOUNT, "else": holder.due.body()} if holder.due else None
    return {"user": _shown(holder.principal), "is_bound": holder.is_bound, "only": only}


def _shown(holder: Principal) -> dict[str, object]:
    return {"user_id": holder.user_id, "full_name": holder.name, "role": holder.role, "scope": holder.scope}


def _json(value: object) -> flask.Response:
    return flask.Response(encode(value), content_type="application/json")
