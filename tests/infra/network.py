"""The machine's own network put wrong: packets that vanish without a word, and hosts that lose sight of each other.

Needs root and iptables; a rule here touches only ports and addresses of our own, and is taken back at the end.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from tests.infra.need import must_have


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def dropped(port: int) -> Iterator[None]:
    """Packets to and from a port of this machine vanish: neither side is told, as when a cable is cut."""
    (iptables,) = must_have("iptables", root=True)
    rules = [["OUTPUT", "-o", "lo", "-p", "tcp", side, str(port), "-j", "DROP"] for side in ("--dport", "--sport")]
    with ExitStack() as taken_back:
        for rule in rules:
            run(iptables, "-w", "-I", *rule)
            taken_back.callback(run, iptables, "-w", "-D", *rule)
        yield


class Islands:
    """Hosts of their own on one bridge: network namespaces, with us on the same bridge."""

    def __init__(self, number: int) -> None:
        self.ip, self.nsenter, self.iptables = must_have("ip", "nsenter", "iptables", root=True)
        self.mark = random.randint(16, 250)
        self.bridge, self.names = f"gx{self.mark}", [f"gx{self.mark}-{host}" for host in range(1, number + 1)]
        self.closing = ExitStack()

    def address(self, host: int) -> str:
        return f"10.77.{self.mark}.{host}"

    def inside(self, host: int) -> list[str]:
        """The beginning of a command that runs on that host."""
        return [self.nsenter, f"--net=/run/netns/{self.names[host - 1]}"]

    def open(self) -> None:
        """Build the bridge, and a host with an address for each name."""
        self._ip("link", "add", self.bridge, "type", "bridge")
        self.closing.callback(self._ip, "link", "del", self.bridge)
        self._ip("addr", "add", f"{self.address(254)}/24", "dev", self.bridge)
        self._ip("link", "set", self.bridge, "up")
        # a Docker engine on this machine forbids forwarding, and has bridges asked about it
        rule = ["FORWARD", "-i", self.bridge, "-o", self.bridge, "-j", "ACCEPT"]
        run(self.iptables, "-w", "-I", *rule)
        self.closing.callback(run, self.iptables, "-w", "-D", *rule)
        for host in range(1, len(self.names) + 1):
            self._add(host)

    def _add(self, host: int) -> None:
        name, cable = self.names[host - 1], f"{self.bridge}v{host}"
        self._ip("netns", "add", name)
        self.closing.callback(self._ip, "netns", "del", name)
        self._ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
        self._ip("link", "set", cable, "master", self.bridge, "up")
        for words in (["addr", "add", f"{self.address(host)}/24", "dev", "eth0"], *UP):
            run(*self.inside(host), self.ip, *words)

    @contextmanager
    def cut_off(self, host: int, others: Sequence[int]) -> Iterator[None]:
        """This host and the others do not hear each other; we hear them all."""
        rules = [[chain, side, self.address(other), "-j", "DROP"] for other in others for chain, side in BOTH_WAYS]
        with ExitStack() as healed:
            for rule in rules:
                run(*self.inside(host), self.iptables, "-w", "-I", *rule)
                healed.callback(run, *self.inside(host), self.iptables, "-w", "-D", *rule)
            yield

    def close(self) -> None:
        self.closing.close()

    def _ip(self, *words: str) -> None:
        run(self.ip, *words)


UP = (["link", "set", "eth0", "up"], ["link", "set", "lo", "up"])
BOTH_WAYS = (("INPUT", "-s"), ("OUTPUT", "-d"))
