"""The same two servers from Docker images, through testcontainers."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.infra.postgres import DATABASE, PASSWORD, THROW_AWAY, USER, DatabaseServer
from tests.infra.processes import free_port
from tests.infra.rabbit import QUEUE_ON_DISK_SECONDS, Broker

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

POSTGRES_IMAGE = os.environ.get("POSTGRES_IMAGE", "postgres:17")
RABBITMQ_IMAGE = os.environ.get("RABBITMQ_IMAGE", "rabbitmq:4-management")

DEFAULT_ENGINE = "unix:///var/run/docker.sock"

ENVIRONMENT = {
    # Inside a container the library would choose an address that is not ours to reach.
    "TESTCONTAINERS_CONNECTION_MODE": "docker_host",
    "TESTCONTAINERS_HOST_OVERRIDE": "127.0.0.1",
    # The fixtures remove their containers; a helper image would only be one more thing to fetch.
    "TESTCONTAINERS_RYUK_DISABLED": "true",
}


def docker_is_ready() -> bool:
    """Whether an engine answers and has both images, or may fetch them."""
    import docker

    if not socket_answers(os.environ.get("DOCKER_HOST", DEFAULT_ENGINE)):
        return False
    try:
        client = docker.from_env(timeout=3)
    except docker.errors.DockerException:
        return False
    try:
        client.ping()
        present = all(client.images.list(image) for image in (POSTGRES_IMAGE, RABBITMQ_IMAGE))
        return present or os.environ.get("TEST_DOCKER_PULL") == "1"
    except (docker.errors.DockerException, OSError):
        return False
    finally:
        client.close()


def socket_answers(engine: str) -> bool:
    """Whether somebody listens. The Docker client would leave its own failed socket open."""
    if not engine.startswith("unix://"):
        return True
    with socket.socket(socket.AF_UNIX) as attempt:
        attempt.settimeout(3)
        try:
            attempt.connect(engine.removeprefix("unix://"))
        except OSError:
            return False
    return True


def container(image: str, ports: dict[int, int]) -> DockerContainer:
    """A container that keeps its outer ports when it is restarted."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    from testcontainers.core.container import DockerContainer

    built = DockerContainer(image)
    for inner, outer in ports.items():
        built = built.with_bind_ports(inner, outer)
    return built


class ContainerPostgres(DatabaseServer):
    """PostgreSQL in a container."""

    def __init__(self, settings: Mapping[str, str] = THROW_AWAY) -> None:
        port = free_port()
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self.container = container(POSTGRES_IMAGE, {5432: port}).with_command(options)
        self.container.with_envs(POSTGRES_USER=USER, POSTGRES_PASSWORD=PASSWORD, POSTGRES_DB=DATABASE)
        super().__init__(f"postgresql+psycopg://{USER}:{PASSWORD}@127.0.0.1:{port}/{DATABASE}")

    def start(self) -> ContainerPostgres:
        self.container.start()
        self.wait()
        return self

    def kill(self) -> None:
        self.container.get_wrapped_container().kill()

    def restart(self) -> None:
        self.container.get_wrapped_container().restart(timeout=10)
        self.wait()

    def close(self) -> None:
        """Remove the container and its data."""
        self.container.stop()


class ContainerRabbit(Broker):
    """RabbitMQ in a container."""

    def __init__(self) -> None:
        port, management = free_port(), free_port()
        self.container = container(RABBITMQ_IMAGE, {5672: port, 15672: management})
        # The node's data belong to its name, and its name to the host's.
        self.container.with_kwargs(hostname="guanxi-mq")
        self.container.with_envs(RABBITMQ_DEFAULT_USER="guanxi", RABBITMQ_DEFAULT_PASS="guanxi")
        super().__init__(f"amqp://guanxi:guanxi@127.0.0.1:{port}/%2F", f"http://guanxi:guanxi@127.0.0.1:{management}")

    def launch(self) -> ContainerRabbit:
        self.container.start()
        return self

    def start(self) -> ContainerRabbit:
        self.launch().wait()
        return self

    def is_alive(self) -> bool:
        wrapped = self.container.get_wrapped_container()
        wrapped.reload()
        return bool(wrapped.status == "running")

    def run_control(self, *arguments: str) -> tuple[int, str]:
        code, output = self.container.get_wrapped_container().exec_run(["rabbitmqctl", *arguments])
        return int(code or 0), str(output, errors="replace")

    def kill(self) -> None:
        """Crash the broker with SIGKILL, once its youngest queues have reached the disk."""
        time.sleep(QUEUE_ON_DISK_SECONDS)
        self.container.get_wrapped_container().kill()

    def restart(self) -> None:
        self.container.get_wrapped_container().restart(timeout=10)
        self.wait()

    def close(self) -> None:
        """Remove the container and its data."""
        self.container.stop()
