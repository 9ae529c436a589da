"""The promises as files: JSON Schemas of events, an AsyncAPI document, what a new broker and the web client need."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chassis.events import contract_name
from chassis.manifest import Service
from chassis.marks_file import written
from chassis.personal import EventMarks, contract_of, marks_of
from chassis.topology import EXCHANGE, queue_name, routing_key
from guanxi import client, registry
from guanxi.definitions import VHOST, definitions, text_of, wanted

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "contracts"
ASYNCAPI = FOLDER / "asyncapi.json"
DEFINITIONS = ROOT / "deploy" / "rabbitmq" / "definitions.json"
MACHINES = ROOT / "docs" / "state-machines.md"


def documents() -> dict[Path, str]:
    """Every contract file as it should be, by path."""
    services = registry.load_all()
    found = {}
    for service in services.values():
        for event in service.says:
            found[FOLDER / contract_name(event)] = _text(contract_of(event, service.metadata))
        if service.personal:
            found[service.personal] = written(heard_marks(service, services.values()))
    found[ASYNCAPI] = _text(asyncapi(list(services.values())))
    found[DEFINITIONS] = text_of(definitions(wanted(), VHOST, {}))
    found[MACHINES] = machines(list(services.values()))
    return found | client.documents(services.values())


def heard_marks(listener: Service, services: Iterable[Service]) -> dict[str, EventMarks]:
    """What is personal in whatever reaches a service, whether it reads that today or not: it may have to keep it."""
    listens = listener.all_reactions().aggregates()
    return {
        event.event_type: marks
        for service in services
        if service is not listener
        for event in service.says
        if event.aggregate_type in listens.get(service.name, ())
        if (marks := marks_of(event, service.metadata)) != EventMarks()
    }


def write() -> list[Path]:
    """Bring the folder in line with the code; the paths that changed."""
    wanted = documents()
    changed = []
    for path, text in wanted.items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            changed.append(path)
    for path in surplus(wanted):
        path.unlink()
        changed.append(path)
    return changed


def differing() -> list[str]:
    """What a check complains about: files that differ from the code, or that no code promises."""
    wanted = documents()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    return [str(path.relative_to(ROOT)) for path in (*stale, *surplus(wanted))]


def surplus(wanted: dict[Path, str]) -> list[Path]:
    return [path for path in FOLDER.rglob("*.json") if path not in wanted]


def asyncapi(services: list[Service]) -> dict[str, Any]:
    """AsyncAPI 3.0 with the queues and routing keys of the broker."""
    channels, operations, messages = {}, {}, {}
    for service in services:
        for event in service.says:
            name = event.event_type
            payload = {"$ref": f"./{contract_name(event)}"}
            messages[name] = {"name": name, "contentType": "application/json", "payload": payload}
            channels[name] = {
                "address": routing_key(name),
                "messages": {name: {"$ref": f"#/components/messages/{name}"}},
                "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": EXCHANGE, "type": "topic"}}},
            }
            operations[f"{service.name} says {name}"] = _operation("send", name)
    for service in services:
        for source, aggregates in sorted(service.all_reactions().aggregates().items()):
            for name in sorted(messages):
                if name.split(".")[1] == source and name.split(".")[2] in aggregates:
                    operations[f"{service.name} hears {name}"] = _operation("receive", name, queue_name(service.name))
    info = {"title": "Guanxi events", "version": "0.1.0"}
    components = {"messages": messages}
    return {"asyncapi": "3.0.0", "info": info, "channels": channels, "operations": operations, "components": components}


def machines(services: list[Service]) -> str:
    """The page of state machines: the same declarations that the server checks."""
    parts = [
        "# State machines\n\nDrawn from the declarations that the server checks (`make contracts`). An arrow needs the "
        "right that its call\nasks for; one made *by itself* follows from a job, a deadline or another service.\n"
    ]
    for service in services:
        for machine in service.machines:
            parts.append(f"## {machine.noun} ({service.name})\n\n```mermaid\n{machine.diagram()}\n```\n")
    return "\n".join(parts)


def _operation(action: str, channel: str, queue: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}
    return found | ({"x-queue": queue} if queue else {})


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
