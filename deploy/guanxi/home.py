"""The data folder: databases, keys and secrets of one installation, made at the first start."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from pathlib import Path

from chassis.problems import Conflict
from chassis.settings import Settings
from guanxi import registry

DEMO_PASSWORD = "guanxi-demo"  # noqa: S105  (known to everybody, only in demo mode)


class InUse(Conflict):
    """Another Guanxi runs on this data folder."""


class Home:
    """Paths and secrets below one folder."""

    def __init__(self, folder: Path, *, demo: bool) -> None:
        self.folder = folder.expanduser().absolute()
        self.demo = demo
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock: int | None = None

    def lock(self) -> None:
        """Keep others out until this process ends. Raises InUse."""
        self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUse(detail=f"{self.folder} is in use; stop the other one, or set DATA=another folder") from error

    def secret(self, name: str) -> str:
        """A random secret, made once and kept readable to the owner only."""
        path = self.folder / "secrets.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if name not in known:
            known[name] = secrets.token_urlsafe(32)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(known, file)
        return known[name]

    def make_keys(self) -> None:
        from identity.keys import generate_keys

        generate_keys(self.folder / "keys")

    @property
    def keys_file(self) -> Path:
        return self.folder / "keys" / "keys.json"

    def settings(self, service: str, database_url: str, **more: object) -> Settings:
        """The settings of one service of this installation."""
        return Settings(
            service=service,
            database_url=database_url,
            keys_file=str(self.keys_file),
            feed_token=self.secret("feed"),
            extra=self.extra(service),
            **more,  # type: ignore[arg-type]
        )

    def extra(self, service: str) -> dict[str, str]:
        """What only one needs: customer, where hooks may go; identity, its signing key and who may come in first."""
        if service == "customer":
            return {"webhook_hosts": os.environ.get("GUANXI_WEBHOOK_HOSTS", "")}
        if service != "identity":
            return {}
        found = {"signing_key_file": str(self.folder / "keys" / "signing.pem")}
        if self.demo:
            return found | {"demo": "1", "demo_password": DEMO_PASSWORD}
        return found | {"first_password_file": str(self.folder / "first-password.txt")}

    def note_databases(self, urls: dict[str, str]) -> None:
        """Remember where the databases of supervised mode are, for the operator's commands."""
        path = self.folder / "databases.json"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(urls, file)

    def forget_databases(self) -> None:
        """This folder is now used in embedded mode: the SQLite files count."""
        (self.folder / "databases.json").unlink(missing_ok=True)

    def database_urls(self) -> dict[str, str]:
        """The address of each service's database: as noted by supervised mode, else the SQLite files."""
        path = self.folder / "databases.json"
        if path.exists():
            noted: dict[str, str] = json.loads(path.read_text())
            return noted
        return {name: self.sqlite_url(name) for name in registry.NAMES}

    def sqlite_url(self, service: str) -> str:
        return f"sqlite:///{self.folder / (registry.PACKAGES[service] + '.db')}"
