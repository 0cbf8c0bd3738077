"""Users of embedded servers for the tests: a user is a real process, as the rule is about processes.

It calls `ensure` once for every line it is sent, and says so.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import redis

from config import embedded, embedded_keeper

BASE_DIR = Path(__file__).resolve().parent.parent.parent
USER = """
import os, sys
from pathlib import Path
from config import embedded
for line in sys.stdin:
    try:
        embedded.ensure(folder=Path(sys.argv[1]))
    except embedded.ServerError as error:
        print(repr(str(error)), flush=True)
    else:
        print("ready", flush=True)
    if line == "fork\\n" and os.fork():
        os._exit(0)
"""
NAMES = ("postgres", "valkey")
User = subprocess.Popen[str]
STARTED: dict[Path, list[User]] = {}


def begin(folder: Path, **environment: str) -> User:
    env = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
    user = subprocess.Popen(
        [sys.executable, "-c", USER, str(folder)],
        cwd=BASE_DIR,
        env=env | environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    STARTED.get(folder, []).append(user)
    send(user, "ensure")
    return user


def use(folder: Path, **environment: str) -> User:
    user = begin(folder, **environment)
    assert answer(user) == "ready"
    return user


def send(user: User, line: str) -> None:
    assert user.stdin is not None
    user.stdin.write(line + "\n")
    user.stdin.flush()


def answer(user: User) -> str:
    assert user.stdout is not None
    return user.stdout.readline().strip()


def again(user: User) -> str:
    send(user, "ensure")
    return answer(user)


def end(user: User) -> None:
    user.communicate()
    assert user.returncode == 0


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def is_soon(condition: Callable[[], bool], *, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def keepers(folder: Path) -> list[int]:
    """Living keepers of this folder; a zombie has no command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if "config.embedded_keeper" in words and str(folder) in words:
            found.append(int(pid))
    return sorted(found)


def servers_of(folder: Path) -> list[int]:
    """The main processes of this folder's servers: one postgres, one valkey."""
    tag = embedded.servers(folder).tag
    found = embedded_keeper.running("postgres") | embedded_keeper.running("valkey")
    return sorted(pid for pid, words in found.items() if tag in words and not words.startswith("postgres:"))


def are_gone(folder: Path) -> bool:
    return is_soon(lambda: not servers_of(folder) and not keepers(folder))


def sql(folder: Path, query: str) -> list[tuple[object, ...]]:
    settings = embedded.database_settings(folder)
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname=settings["NAME"]
    ) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def valkey(folder: Path) -> redis.Redis:
    return redis.Redis.from_url(embedded.cache_url(3, folder=folder))


def remember(folder: Path) -> None:
    sql(folder, "CREATE TABLE kept AS SELECT 42 AS answer")
    valkey(folder).set("kept", "42")
    time.sleep(1.1)  # Valkey writes its file to disk each second.


def assert_works_and_remembers(folder: Path) -> None:
    assert sql(folder, "SELECT answer FROM kept") == [(42,)]
    assert valkey(folder).get("kept") == b"42"
    assert len(servers_of(folder)) == 2
    assert len(keepers(folder)) == 2
