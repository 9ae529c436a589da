"""Three brokers that are one cluster, each on a host of its own: what a partition needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.error import HTTPError

from tests.infra.need import must_have
from tests.infra.network import Islands
from tests.infra.processes import start_process, wait_until
from tests.infra.rabbit import NativeRabbit, epmd_command, find_server

NODES = 3
EPMD_PORT = 4369

SETTINGS = """\
cluster_formation.peer_discovery_backend = classic_config
{nodes}
cluster_partition_handling = pause_minority
net_ticktime = 5
"""
"""The minority of a partition stops by itself, after about so many seconds without a word from the others."""


class Node(NativeRabbit):
    """One broker of a cluster, on one of the islands."""

    def __init__(self, islands: Islands, host: int) -> None:
        self.islands, self.host = islands, host
        addresses = [islands.address(one) for one in range(1, NODES + 1)]
        nodes = "\n".join(
            f"cluster_formation.classic_config.nodes.{number} = rabbit@{address}"
            for number, address in enumerate(addresses, 1)
        )
        settings = SETTINGS.format(nodes=nodes)
        super().__init__(name=f"rabbit@{islands.address(host)}", epmd_port=EPMD_PORT, settings=settings)
        self.folder.chmod(0o755)
        self.epmd = start_process(
            [*islands.inside(host), *epmd_command(EPMD_PORT, islands.address(host))], folder=self.folder
        )
        self.url = self.url.replace("127.0.0.1", islands.address(host))
        self.management_url = self.management_url.replace("127.0.0.1", islands.address(host))

    def environment(self) -> Mapping[str, str]:
        found = dict(super().environment())
        del found["ERL_EPMD_ADDRESS"]
        return found | {"RABBITMQ_USE_LONGNAME": "true", "RABBITMQ_NODE_IP_ADDRESS": "0.0.0.0"}  # noqa: S104  (inside)

    def write_settings(self) -> None:
        super().write_settings()
        file = self.folder / "rabbitmq.conf"
        file.write_text(file.read_text().replace("tcp.ip = 127.0.0.1", "tcp.ip = 0.0.0.0"))

    def launch(self) -> Node:
        self.write_settings()
        command = [*self.islands.inside(self.host), str(find_server() or "rabbitmq-server")]
        self.process = start_process(command, folder=self.folder, environment=self.environment())
        return self


@contextmanager
def cluster() -> Iterator[tuple[Islands, list[Node]]]:
    """All nodes, running and joined. From the main thread only; see start_process."""
    must_have("rabbitmq")
    islands = Islands(NODES)
    with ExitStack() as closing:
        closing.callback(islands.close)
        islands.open()
        nodes = [Node(islands, host) for host in range(1, NODES + 1)]
        for node in nodes:
            closing.callback(node.close)
            node.launch()
        for node in nodes:
            node.wait()
        yield islands, nodes


def vhost_on_all(nodes: Sequence[Node], name: str) -> str:
    """A new virtual host that runs on every node; its address on the first.

    On a node that has joined a moment ago it stays down until somebody starts it there.
    """
    first = nodes[0]
    url = first.create_vhost(name)

    def down() -> list[str]:
        found: Any = first.manage("GET", f"/api/vhosts/{name}")
        states: Mapping[str, str] = found["cluster_state"]
        return [node.name for node in nodes if states.get(node.name) != "running"]

    def is_everywhere() -> bool:
        for node in down():
            with suppress(HTTPError):  # not yet
                first.manage_once("POST", f"/api/vhosts/{name}/start/{node}")
        return not down()

    wait_until(is_everywhere, what="the virtual host on every node")
    return url
