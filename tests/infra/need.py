"""What only some tests need of the machine: asked for, installed if we may, and never passed over in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.infra.postgres import find_binaries
from tests.infra.rabbit import find_server

SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
"""Where administrators' programs are, also when the path of an ordinary account lacks them."""


def find_program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), SYSTEM_FOLDERS)))


def find_faketime() -> str | None:
    """The library that tells a process another time; the variant for programs with threads."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    return str(found[0]) if found else None


NEEDS: Mapping[str, tuple[str, Callable[[], str | None]]] = {
    "iptables": ("iptables", lambda: find_program("iptables")),
    "ip": ("iproute2", lambda: find_program("ip")),
    "nsenter": ("util-linux", lambda: find_program("nsenter")),
    "mount": ("mount", lambda: find_program("mount")),
    "faketime": ("libfaketime", find_faketime),
    "postgres": ("postgresql", lambda: str(find_binaries() or "")),
    "rabbitmq": ("rabbitmq-server", lambda: str(find_server() or "")),
}
"""What it is called here, the Debian package it is in, and how it is found."""


def must_have(*names: str, root: bool = False) -> list[str]:
    """Where these are, in this order. Installs what is missing as root on Debian; else the test fails and says what."""
    if root and os.geteuid() != 0:
        pytest.fail("this test changes the machine's network or mounts: run it as root", pytrace=False)
    missing = [NEEDS[name][0] for name in names if not NEEDS[name][1]()]
    if missing and not (may_install() and install(missing)):
        pytest.fail(f"this test needs Debian's {' and '.join(missing)}: apt install {' '.join(missing)}", pytrace=False)
    return [str(NEEDS[name][1]()) for name in names]


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None and os.environ.get("TEST_NO_APT") != "1"


def install(packages: list[str]) -> bool:
    """Whether apt could; run level 1 keeps packages from starting servers of the system."""
    sys.stderr.write(f"\ntests: installing {' and '.join(packages)} with apt\n")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            return False
    return True
