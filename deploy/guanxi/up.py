"""``guanxi up``: the whole system in one process, for trying it, for a small firm, for development."""

from __future__ import annotations

import logging
import os
import socket
import time
from pathlib import Path

import click

from chassis import telemetry
from chassis.problems import Conflict
from guanxi.anew import begin_anew_if_asked, clearable
from guanxi.embedded import Embedded
from guanxi.home import DEMO_PASSWORD, Home
from guanxi.server import Server, serve_beside

ACCOUNTS = (
    ("admin", "system administrator 系统管理员"),
    ("sue", "sales supervisor 销售主管"),
    ("mei", "account manager 客户经理"),
    ("eve", "executive 高管"),
    ("max", "marketing specialist 营销专员"),
    ("sam", "senior sales 高级销售"),
    ("jun", "junior sales 初级销售"),
    ("cleo", "service clerk 服务专员"),
)


class PortTaken(Conflict):
    """Something else listens on this port."""


def run_embedded(data: Path, *, host: str, port: int, demo: bool, health_port: int = 0) -> None:
    """Serve until Ctrl-C. Raises PortTaken or InUse before anything is touched."""
    began = time.monotonic()
    must_be_free(host, port)
    telemetry.log_as_json("guanxi", os.environ.get("GUANXI_LOG_LEVEL", "WARNING"))
    os.umask(0o077)  # the database files are for this account only
    home = Home(data, demo=demo)
    home.lock()
    home.forget_databases()
    parts: list[Embedded] = []

    def make() -> object:
        nonlocal began
        if begin_anew_if_asked(home):
            began = time.monotonic()
        parts.append(Embedded(home, can_begin_anew=home.demo))
        return clearable(parts[0].app, home)

    def ready() -> None:
        parts[0].start()
        if health_port:
            serve_beside(parts[0].health_app(), host, health_port)
        announce(home, host, port, time.monotonic() - began)

    def ended() -> None:
        for part in parts:
            part.stop()

    logging.getLogger("gunicorn").setLevel(logging.WARNING)
    Server(make, f"{host}:{port}", ready=ready, ended=ended).run()


def must_be_free(host: str, port: int) -> None:
    """Raises PortTaken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                detail=f"{host}:{port} is in use; choose another, for example: make up PORT=8090"
            ) from error


def announce(home: Home, host: str, port: int, seconds: float) -> None:
    """What a newcomer needs to know, once it is true."""
    click.echo(f"\nGuanxi 关系 serves http://{host}:{port} (started in {seconds:.1f} s, data in {home.folder})")
    if home.demo:
        click.echo(f"Demo accounts, password {DEMO_PASSWORD}:")
        for login, role in ACCOUNTS:
            click.echo(f"  {login:<6} {role}")
    else:
        click.echo(f"First account: admin, password in {home.folder / 'first-password.txt'}")
    click.echo("Ctrl-C stops it.\n")
