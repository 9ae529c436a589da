"""What the gateway calls: it holds the opaque token of a session, which no other service ever sees."""

from __future__ import annotations

import flask

from chassis.database import Database
from chassis.events import encode
from chassis.feed import sister_request
from chassis.principal import Principal
from chassis.problems import Unauthenticated, Unavailable, wrong_field
from chassis.settings import Settings
from chassis.transaction import looking, transaction
from identity.keys import LASTS_SECONDS, Signer
from identity.session.commands import sign_out
from identity.session.queries import holder_of

SERVICE = "identity"
LONGEST_TOKEN = 200


def add_views(app: flask.Flask, database: Database, settings: Settings) -> None:
    """``POST /internal/exchange`` for the gateway, and ``DELETE /session`` with the opaque token as bearer."""
    signing_file = settings.extra.get("signing_key_file")
    signer = Signer(signing_file) if signing_file else None

    def exchange() -> flask.Response:
        token = _token_of(sister_request(settings.feed_token))
        if signer is None:
            raise Unavailable(detail="The setting signing_key_file names no key")
        with looking(database, SERVICE) as tx:
            holder = holder_of(tx, token)
        return _json({"token": signer.token(holder), "expires_in": LASTS_SECONDS, "user": _shown(holder)})

    def end() -> flask.Response:
        scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated()
        with transaction(database, SERVICE) as tx:
            sign_out(tx, token)
        return flask.Response(status=204)

    app.add_url_rule("/internal/exchange", "exchange", exchange, methods=["POST"])
    app.add_url_rule("/session", "end session", end, methods=["DELETE"])


def _token_of(request: flask.Request) -> str:
    body = request.get_json(force=True, silent=True)
    token = body.get("token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN:
        raise wrong_field("/token", "The opaque token of a session")
    return token


def _shown(holder: Principal) -> dict[str, object]:
    return {"user_id": holder.user_id, "full_name": holder.name, "role": holder.role, "scope": holder.scope}


def _json(value: object) -> flask.Response:
    return flask.Response(encode(value), content_type="application/json")
