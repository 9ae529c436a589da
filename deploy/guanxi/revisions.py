"""New migrations, written by Alembic from the difference between the models and the last revision."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from chassis.database import Database
from chassis.migrations import config, defaults_differ, newest
from guanxi import registry


def write(service_name: str, message: str) -> Path | None:
    """The file that was written, or None when nothing differs. Uses a throw-away SQLite database."""
    service = registry.load(service_name)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/throwaway.db")
        with database.engine.connect() as connection:
            settings = config(service, connection)
            command.upgrade(settings, "head")
            connection.commit()
            context = MigrationContext.configure(connection, opts={"compare_server_default": defaults_differ})
            if not compare_metadata(context, service.metadata):
                return None
            number = f"{int(newest(service.migrations) or 0) + 1:04d}"
            slug = re.sub(r"\W+", "_", message.lower()).strip("_")
            script = command.revision(settings, message, autogenerate=True, rev_id=number)
        database.close()
    path = Path(script.path)  # type: ignore[union-attr]
    return tidy(path.rename(path.with_name(f"{number}_{slug}.py")))


def tidy(path: Path) -> Path:
    """The file as the checks want it, where the tool for that is installed."""
    if shutil.which("ruff"):
        for command in (["check", "--fix"], ["format"]):
            subprocess.run(["ruff", *command, "--quiet", str(path)], stdout=subprocess.DEVNULL, check=False)
    return path
