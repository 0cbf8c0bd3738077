"""``manage.py demo`` as a person runs it: in a process of its own, on servers of its own folder."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import embedded, schema

pytestmark = pytest.mark.long

BASE_DIR = Path(__file__).resolve().parent.parent.parent
OURS = {"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DB_NAME", "BIND", "DJANGO_SETTINGS_MODULE"}
PATIENCE = 180
STARTING = "Starting PostgreSQL and Valkey … (the first start takes about a minute)"


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A data folder of its own, and no program of the virtual environment on the path."""
    folder = tmp_path_factory.mktemp("a demo") / "data"
    home = embedded.servers(folder).home
    rest = {name: value for name, value in os.environ.items() if name not in OURS}
    yield {**rest, "LOYALTY_DATA_FOLDER": str(folder), "PATH": "/usr/bin:/bin"}
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def first(env: dict[str, str]) -> str:
    """What the first run says. An earlier one was killed in the middle of the load."""
    killed = subprocess.Popen([sys.executable, "manage.py", "demo", "--no-serve"], cwd=BASE_DIR, env=env,
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert killed.stdout
    assert any("Loading the demo" in line for line in killed.stdout)
    time.sleep(2)
    killed.kill()
    killed.communicate()
    return demo(env)


def demo(env: dict[str, str]) -> str:
    command = [sys.executable, "manage.py", "demo", "--no-serve"]
    done = subprocess.run(
        command, cwd=BASE_DIR, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def figures(said: str) -> list[str]:
    """The summary, without the line that tells how long it took."""
    lines = said.splitlines()
    return lines[["stays/s" in line for line in lines].index(True) + 1 :]


def test_the_first_run_loads_and_calculates(first: str) -> None:
    assert first.splitlines()[:3] == [
        STARTING,
        "Loading the demo: members, and bookings through the intake …",
        "Calculating points on a worker …",
    ]
    assert "400 members, 2,000 bookings. Job 1, calculate points till " in first
    assert re.search(r": \d[\d,]* stays in [\d.]+ s, [\d,]+ stays/s\.\n", first)
    assert re.search(r"Levels reached, [a-z ]+:\n  Silver +\d+\n  Gold +\d+\n  Platinum +\d+\n", first)
    assert first.rstrip().endswith("everything adds up.")


def test_the_second_run_starts_from_what_is_there(env: dict[str, str], first: str) -> None:
    second = demo(env)
    assert second.splitlines()[:2] == [STARTING, "The demo is loaded and calculated."]
    assert second.splitlines()[2:] == first.splitlines()[3:]


def test_other_tables_make_it_build_its_database_anew(env: dict[str, str], first: str) -> None:
    _sql(env, "COMMENT ON DATABASE loyalty IS 'guest loyalty demo, schema of-yesterday'")
    third = demo(env)
    assert third.splitlines()[1:3] == [
        "The tables of the demo's database are of another version of the code: it is rebuilt.",
        "Making the tables …",
    ]
    assert figures(third) == figures(first)
    assert demo(env).splitlines()[1] == "The demo is loaded and calculated."


def test_a_database_with_another_group_in_it_is_never_dropped(env: dict[str, str], first: str) -> None:
    _sql(
        env,
        "COMMENT ON DATABASE loyalty IS 'guest loyalty demo, schema of-yesterday'; "
        "INSERT INTO bookings_propertygroup (code, name, currency, time_zone) "
        "VALUES ('own', 'Own', 'EUR', 'UTC')",
    )
    command = [sys.executable, "manage.py", "demo", "--no-serve"]
    refused = subprocess.run(command, cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "It is not: it holds another property group too." in refused.stderr
    mark = f"guest loyalty demo, schema {schema.fingerprint()}"
    _sql(
        env, f"DELETE FROM bookings_propertygroup WHERE code = 'own'; COMMENT ON DATABASE loyalty IS '{mark}'"
    )


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_serves_until_it_is_ended_and_leaves_nothing_behind(
    env: dict[str, str], first: str, end: signal.Signals
) -> None:
    address = f"127.0.0.1:{_free_port()}"
    served = subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        cwd=BASE_DIR,
        env={**env, "BIND": address},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert "<title>" in _page(f"http://{address}/", served)
        served.send_signal(end)
        assert served.wait(15) == (-9 if end == signal.SIGKILL else 0)
        assert _everything_ends(env["LOYALTY_DATA_FOLDER"])
    finally:
        served.kill()


def _sql(env: dict[str, str], statement: str) -> None:
    code = f"from django.db import connection; connection.cursor().execute({statement!r})"
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code]
    subprocess.run(command, cwd=BASE_DIR, env=env, check=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _page(url: str, served: subprocess.Popen[bytes]) -> str:
    """The page, and that its style sheets are served without being collected first."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own address
                html = str(answer.read().decode())
            break
        except OSError:
            assert served.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
    style = re.search(r'href="(/static/[^"]+\.css)"', html)
    assert style
    with urllib.request.urlopen(url.rstrip("/") + style[1], timeout=10) as answer:  # noqa: S310 - our own address
        assert answer.headers["Content-Type"].startswith("text/css")
    return html


def _everything_ends(folder: str) -> bool:
    """No process that was started for the data folder is left within a few seconds."""
    deadline = time.monotonic() + 20
    while _left(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def _left(folder: str) -> list[str]:
    mark, left = f"LOYALTY_DATA_FOLDER={folder}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                left.append((process / "cmdline").read_text())
        except OSError:
            continue
    return left
