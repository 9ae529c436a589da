"""The topology as a file that a new RabbitMQ reads at its start: ``deploy/rabbitmq/definitions.json``.

Passwords are no part of it. Without them the accounts exist and nobody can log in with them; with
``GUANXI_BROKER_PASSWORD_<SERVICE>`` in the environment their salted hashes are written.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from chassis import topology
from chassis.topology import ACCOUNTS, Topology, account_name
from guanxi import registry
from guanxi.management import OPERATOR, rights_of, topic_rights_of

VHOST = "guanxi"
VARIABLE = "GUANXI_BROKER_PASSWORD_"
HASHING = "rabbit_password_hashing_sha256"
EVERYTHING = {"configure": ".*", "write": ".*", "read": ".*"}


def wanted(accounts: str = ACCOUNTS) -> Topology:
    """What the five services need."""
    services = registry.load_all()
    listens = {name: service.all_reactions().aggregates() for name, service in services.items()}
    return topology.of_all(listens, accounts)


def password_of(account: str, environment: Mapping[str, str], accounts: str = ACCOUNTS) -> str | None:
    """The password that the environment gives an account; ``guanxi-service-desk`` looks at ``…_SERVICE_DESK``."""
    service = account.removeprefix(account_name("", accounts))
    return environment.get(VARIABLE + service.upper().replace("-", "_")) or None


def definitions(wanted: Topology, vhost: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """The document, in RabbitMQ's form; the operator's account is in it when it has a password."""
    here = {"vhost": vhost}
    accounts = wanted.accounts
    users = [_user(account.name, environment, []) for account in accounts]
    permissions = [here | {"user": account.name} | rights_of(account) for account in accounts]
    if password_of(OPERATOR, environment):
        users.append(_user(OPERATOR, environment, ["administrator"]))
        permissions.append(here | {"user": OPERATOR} | EVERYTHING)
    return {
        "vhosts": [{"name": vhost}],
        "users": users,
        "permissions": permissions,
        "topic_permissions": [here | {"user": account.name} | topic_rights_of(account) for account in accounts],
        **_objects(wanted, here),
    }


def _objects(wanted: Topology, here: dict[str, str]) -> dict[str, Any]:
    lasting = here | {"durable": True, "auto_delete": False}
    return {
        "exchanges": [
            lasting | {"name": one.name, "type": one.kind, "internal": False, "arguments": {}}
            for one in wanted.exchanges
        ],
        "queues": [lasting | {"name": one.name, "arguments": dict(one.arguments)} for one in wanted.queues],
        "bindings": [
            here
            | {"source": one.exchange, "destination": one.queue, "destination_type": "queue"}
            | {"routing_key": one.key, "arguments": {}}
            for one in wanted.bindings
        ],
        "policies": [
            here
            | {"name": one.name, "pattern": one.pattern, "apply-to": one.apply_to}
            | {"definition": dict(one.definition), "priority": one.priority}
            for one in wanted.policies
        ],
    }


def _user(name: str, environment: Mapping[str, str], tags: list[str]) -> dict[str, Any]:
    password = password_of(name, environment)
    hashed = hash_of(password) if password else ""
    return {"name": name, "password_hash": hashed, "hashing_algorithm": HASHING, "tags": tags}


def hash_of(password: str) -> str:
    """RabbitMQ's form: four random bytes, and SHA-256 of these and the password."""
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def text_of(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True) + "\n"
