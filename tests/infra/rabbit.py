"""RabbitMQ for tests: any broker we are given an address of, and one of our own that a test may kill."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from tests.infra.processes import NotOurServer, free_port, must_run, start_process, stop_process, wait_until

PLUGINS = ("rabbitmq_management", "rabbitmq_prometheus", "rabbitmq_stream")

SETTINGS = """\
loopback_users = none
log.console.level = info
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = {prometheus}
stream.listeners.tcp.1 = 127.0.0.1:{stream}
"""

HELLO = b"AMQP\x00\x00\x09\x01"
FIRST_FRAME = b"\x01"
"""A broker that is ready answers the protocol header with a method frame."""

BUSY_RETRIES = 40
"""The management API refuses for some seconds after the broker's first answer."""

STILL_BOOTING = "'rabbit' app to be running"

QUEUE_ON_DISK_SECONDS = 1.0
"""RabbitMQ saves its list of quorum queues every half second; a younger queue never finds its leader after a crash."""


class Broker:
    """A RabbitMQ broker, through its AMQP address and the address of its management API."""

    def __init__(self, url: str, management_url: str | None = None) -> None:
        self.url = url
        self.management_url = management_url or default_management_url(url)

    def url_of(self, vhost: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path="/" + quote(vhost, safe="")))

    def create_vhost(self, name: str) -> str:
        """Create a virtual host in which our account may do anything; returns its AMQP address."""
        user = unquote(urlsplit(self.url).username or "guest")
        self.manage("PUT", f"/api/vhosts/{quote(name, safe='')}")
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self.manage("PUT", f"/api/permissions/{quote(name, safe='')}/{quote(user, safe='')}", everything)
        return self.url_of(name)

    def delete_vhost(self, name: str) -> None:
        self.manage("DELETE", f"/api/vhosts/{quote(name, safe='')}")

    def manage(self, method: str, path: str, body: object = None) -> object:
        """Call the management API and return the parsed answer, or None if there is none.

        Waits while a young or restarted broker does not answer yet.
        """
        for _ in range(BUSY_RETRIES):
            try:
                return self.manage_once(method, path, body)
            except urllib.error.HTTPError as error:
                error.close()
                if error.code < 500:
                    raise
            except OSError:
                pass
            time.sleep(0.25)
        return self.manage_once(method, path, body)

    def manage_once(self, method: str, path: str, body: object = None) -> object:
        parts = urlsplit(self.management_url)
        bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], path=path))
        secret = f"{unquote(parts.username or 'guest')}:{unquote(parts.password or 'guest')}"
        headers = {
            "Authorization": "Basic " + base64.b64encode(secret.encode()).decode(),
            "Content-Type": "application/json",
        }
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(bare, data=content, headers=headers, method=method)  # noqa: S310  our own address
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  our own address
            text = answer.read()
        return json.loads(text) if text else None

    def is_ready(self) -> bool:
        """Whether the broker answers an AMQP greeting; an open port alone says little."""
        parts = urlsplit(self.url)
        try:
            with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5672), timeout=2) as connection:
                connection.sendall(HELLO)
                return connection.recv(1) == FIRST_FRAME
        except OSError:
            return False

    def wait(self) -> None:
        """Wait for both doors: AMQP and the management API."""
        wait_until(self.is_ready, what="RabbitMQ", patience_seconds=180)
        self.manage("GET", "/api/overview")

    def is_alive(self) -> bool:
        return self.is_ready()

    def control(self, *arguments: str) -> str:
        """Run rabbitmqctl against this broker and return what it says; it costs a second.

        A broker answers clients a moment before it obeys.
        """
        for _ in range(BUSY_RETRIES):
            code, text = self.run_control(*arguments)
            if code == 0:
                return text
            if STILL_BOOTING not in text:
                break
            time.sleep(0.25)
        raise RuntimeError(f"rabbitmqctl {' '.join(arguments)} failed: {text}")

    def run_control(self, *arguments: str) -> tuple[int, str]:
        """The exit code, and what it said."""
        raise NotOurServer(f"{type(self).__name__} was not started for one test; use own_broker")

    def kill(self) -> None:
        raise NotOurServer(f"{type(self).__name__} was not started for one test; use own_broker")

    def restart(self) -> None:
        raise NotOurServer(f"{type(self).__name__} was not started for one test; use own_broker")

    def close(self) -> None:
        """Nothing to stop: the broker belongs to somebody else."""


class NativeRabbit(Broker):
    """A broker from this machine's own binaries: own ports, own folder, own name service.

    ``name`` and ``epmd_port`` join several nodes to one cluster; ``settings`` are added to rabbitmq.conf.
    """

    def __init__(self, *, name: str | None = None, epmd_port: int | None = None, settings: str = "") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="guanxi-mq-"))
        self.port, self.distribution, self.management = free_port(), free_port(), free_port()
        self.name = name or f"guanxi{self.port}@localhost"
        self.settings = settings
        self.epmd_port = epmd_port or free_port()
        # Without a name service of our own, RabbitMQ would leave one running on the machine.
        self.epmd = None if epmd_port else start_process(epmd_command(self.epmd_port), folder=self.folder)
        self.process: subprocess.Popen[bytes] | None = None
        super().__init__(
            f"amqp://guest:guest@127.0.0.1:{self.port}/%2F", f"http://guest:guest@127.0.0.1:{self.management}"
        )

    def launch(self) -> NativeRabbit:
        """Start without waiting. From the main thread only; see start_process."""
        self.write_settings()
        self.process = start_process(
            [find_server() or "rabbitmq-server"], folder=self.folder, environment=self.environment()
        )
        return self

    def start(self) -> NativeRabbit:
        self.launch().wait()
        return self

    def write_settings(self) -> None:
        ports = {"management": self.management, "prometheus": free_port(), "stream": free_port()}
        (self.folder / "rabbitmq.conf").write_text(SETTINGS.format(**ports) + self.settings)
        (self.folder / "enabled_plugins").write_text(f"[{','.join(PLUGINS)}].\n")
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text("GUANXITESTS")
            cookie.chmod(0o400)

    def environment(self) -> Mapping[str, str]:
        """Everything the start script would otherwise take from the machine."""
        folder = str(self.folder)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RABBITMQ_")}
        return inherited | {
            "HOME": folder,
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.epmd_port),
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/advanced.config",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_DIST_PORT": str(self.distribution),
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/generated",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_MNESIA_DIR": f"{folder}/data/node",
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_PLUGINS_EXPAND_DIR": f"{folder}/plugins",
            # One scheduler that does not spin starts a third sooner on a busy machine.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
            # These two make the script become the broker, so that a signal reaches the broker itself.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_START_ARGS": "-noinput",
        }

    def is_ready(self) -> bool:
        if self.process:
            must_run(self.process, folder=self.folder, what="RabbitMQ")
        return super().is_ready()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def run_control(self, *arguments: str) -> tuple[int, str]:
        program = (find_server() or Path("rabbitmq-server")).with_name("rabbitmqctl")
        command = [str(program), "-n", self.name, *arguments]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def kill(self) -> None:
        """Crash the broker with SIGKILL, once its youngest queues have reached the disk."""
        time.sleep(QUEUE_ON_DISK_SECONDS)
        stop_process(self.process, signal.SIGKILL)

    def restart(self) -> None:
        """Stop, if it still runs, and come back on the same ports with the same data."""
        stop_process(self.process, signal.SIGTERM)
        self.start()

    def close(self) -> None:
        # A clean stop takes six seconds with the management plugin, and nobody needs the data.
        stop_process(self.process, signal.SIGKILL)
        stop_process(self.epmd, signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)


def epmd_command(port: int, address: str = "127.0.0.1") -> list[str]:
    return ["epmd", "-port", str(port), "-address", address, "-relaxed_command_check"]


def find_server() -> Path | None:
    """The start script that any account may run; the one in /usr/sbin wants root."""
    named = os.environ.get("RABBITMQ_SERVER_BIN")
    if named:
        return Path(named)
    debian = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    found = debian if debian.exists() else shutil.which("rabbitmq-server")
    return Path(found) if found else None


def default_management_url(url: str) -> str:
    """The same host and account, on the port where the management plugin listens by default."""
    parts = urlsplit(url)
    account = (parts.netloc.rpartition("@")[0] or "guest:guest") + "@"
    return urlunsplit(("http", f"{account}{parts.hostname}:15672", "", "", ""))
