"""RabbitMQ's management API: what AMQP cannot show or change, that is bindings, policies, accounts and alarms."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from chassis.problems import Unavailable
from chassis.topology import (
    ACCOUNTS,
    EXCHANGE,
    POLICY_PRIORITY,
    Account,
    Binding,
    Exchange,
    Policy,
    Queue,
    Topology,
    account_name,
    matches,
)

OPERATOR = "guanxi-operator"
ADMINISTRATOR = "administrator"
TIMEOUT_SECONDS = 10
OURS = "crm."


class Management:
    """One virtual host, through the API of its broker. Every method raises Unavailable when it is refused."""

    def __init__(self, url: str, vhost: str, accounts: str = ACCOUNTS) -> None:
        parts = urlsplit(url)
        self.base = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], path="", query=""))
        login = f"{unquote(parts.username or 'guest')}:{unquote(parts.password or 'guest')}"
        self.headers = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}
        self.headers["Content-Type"] = "application/json"
        self.vhost = quote(vhost, safe="")
        self.accounts = accounts

    # -- looking -------------------------------------------------------------------------------

    def found(self, wanted: Topology) -> Topology:
        """What the virtual host holds under our names, or against them."""
        return Topology(
            exchanges=self._exchanges(),
            queues=self._queues(),
            bindings=self._bindings(),
            policies=self._policies([queue.name for queue in wanted.queues]),
            accounts=self._accounts(),
        )

    def may_administrate(self) -> bool:
        """Whether whoever we come as may make accounts and give them rights."""
        return ADMINISTRATOR in self._ask("GET", "/api/whoami")["tags"]

    def has_alarm(self) -> bool:
        """Whether the broker lacks memory or disk, and therefore takes no events."""
        return self._status("/api/health/checks/alarms") == 503

    def _exchanges(self) -> list[Exchange]:
        rows = self._rows("exchanges")
        return [Exchange(row["name"], row["type"], row["durable"]) for row in rows if row["name"].startswith(OURS)]

    def _queues(self) -> list[Queue]:
        rows = self._rows("queues")
        return [Queue(row["name"], row["arguments"], row["durable"]) for row in rows if row["name"].startswith(OURS)]

    def _bindings(self) -> list[Binding]:
        rows = self._rows("bindings")
        mine = [row for row in rows if row["source"].startswith(OURS)]
        return [Binding(row["source"], row["destination"], row["routing_key"]) for row in mine]

    def _policies(self, queues: list[str]) -> list[Policy]:
        """Ours, and others that would win against ours."""
        found = []
        for row in self._rows("policies"):
            policy = Policy(row["name"], row["pattern"], row["definition"], row["apply-to"], row["priority"])
            is_rival = policy.priority >= POLICY_PRIORITY and policy.apply_to != "exchanges"
            if policy.name.startswith("crm-") or (is_rival and any(matches(policy.pattern, name) for name in queues)):
                found.append(policy)
        return found

    def _accounts(self) -> list[Account]:
        """Ours that may do anything here; one without rights in this virtual host is as good as missing."""
        topics = {row["user"]: row for row in self._rows("topic-permissions", before=True)}
        return [
            _account(rights, topics.get(rights["user"], {}))
            for rights in self._rows("permissions", before=True)
            if rights["user"].startswith(account_name("", self.accounts)) and rights["user"] != OPERATOR
        ]

    # -- changing ------------------------------------------------------------------------------

    def put_policy(self, policy: Policy) -> None:
        body = {"pattern": policy.pattern, "definition": dict(policy.definition), "apply-to": policy.apply_to}
        self._ask("PUT", self._path("policies", policy.name), body | {"priority": policy.priority})

    def put_account(self, account: Account, password: str | None) -> None:
        """Make the account and give it its rights; without a password a new one exists but cannot log in."""
        if password:
            self._ask("PUT", f"/api/users/{quote(account.name)}", {"tags": "", "password": password})
        elif account.name not in [row["name"] for row in self._ask("GET", "/api/users")]:
            self._ask("PUT", f"/api/users/{quote(account.name)}", {"tags": "", "password_hash": ""})
        self._ask("PUT", self._path("permissions", account.name), rights_of(account))
        self._ask("PUT", self._path("topic-permissions", account.name), topic_rights_of(account))

    def delete_account(self, name: str) -> None:
        self._ask("DELETE", f"/api/users/{quote(name)}")

    def delete_policy(self, name: str) -> None:
        self._ask("DELETE", self._path("policies", name))

    # -- asking --------------------------------------------------------------------------------

    def _path(self, kind: str, name: str) -> str:
        return f"/api/{kind}/{self.vhost}/{quote(name, safe='')}"

    def _rows(self, kind: str, *, before: bool = False) -> list[dict[str, Any]]:
        path = f"/api/vhosts/{self.vhost}/{kind}" if before else f"/api/{kind}/{self.vhost}"
        rows: list[dict[str, Any]] = self._ask("GET", path)
        return rows

    def _status(self, path: str) -> int:
        try:
            self._call("GET", path, None)
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return refusal.code
        return 200

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        try:
            return self._call(method, path, body)
        except urllib.error.HTTPError as refusal:
            text = refusal.read(300).decode(errors="replace")
            raise Unavailable(detail=f"{method} {self.base}{path} was refused: {refusal.code} {text}") from refusal
        except OSError as error:
            raise Unavailable(detail=f"{self.base} does not answer: {error}") from error

    def _call(self, method: str, path: str, body: object) -> Any:
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=sent, headers=self.headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  (the operator's own address)
            text = answer.read()
        return json.loads(text) if text else None


def rights_of(account: Account) -> dict[str, str]:
    return {"configure": account.configure, "write": account.write, "read": account.read}


def topic_rights_of(account: Account) -> dict[str, str]:
    return {"exchange": EXCHANGE, "write": account.says, "read": account.hears}


def _account(rights: Mapping[str, str], topics: Mapping[str, str]) -> Account:
    return Account(
        name=rights["user"],
        configure=rights["configure"],
        write=rights["write"],
        read=rights["read"],
        says=topics.get("write", ""),
        hears=topics.get("read", ""),
    )
