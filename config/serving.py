"""Runs everything in the Procfile under honcho, for development and the demo. Production has a process
manager of its own, and runs the same lines.
"""

import ctypes
import os
import signal
import socket
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from django.core.exceptions import ImproperlyConfigured
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer
from honcho.process import Popen, Process

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
DEFAULT_BIND = "127.0.0.1:8000"
PORTS_TO_TRY = 100
# True, and no news to somebody who tries the product: root runs it.
EXPECTED_WARNINGS = "ignore:You're running the worker:UserWarning"


def environment() -> dict[str, str]:
    """This process's, with the folder of this Python's programs (celery, gunicorn) on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {"PYTHONWARNINGS": EXPECTED_WARNINGS, **os.environ, "PATH": path}


def free_address() -> str:
    """``BIND`` where it is set, else the first free port from 8000 on, as "host:port"."""
    wanted = env.text("BIND", DEFAULT_BIND)
    host, _, port = wanted.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        env.refuse("BIND", wanted, "an address with a port, such as 127.0.0.1:8000")
    last = int(port) + (1 if env.text("BIND") else PORTS_TO_TRY)
    for candidate in range(int(port), last):
        if _is_free(host.strip("[]"), candidate):
            return f"{host}:{candidate}"
    raise ImproperlyConfigured(f"{wanted} is taken: end what listens there, or set BIND to another address.")


def _is_free(host: str, port: int) -> bool:
    """Bound as the web server will bind it: a connection that has just ended does not count."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def serve(*, bind: str) -> int:
    """Until Ctrl-C, or until one of the processes ends: then all end. Returns the exit code, 0 for Ctrl-C."""
    manager = Manager(Printer(_Terminal(sys.stdout)))
    manager._process_ctor = _Process
    commands = parse_procfile((BASE_DIR / "Procfile").read_text()).processes
    for name, command in commands.items():
        manager.add_process(name, command, env={**environment(), "BIND": bind}, cwd=str(BASE_DIR))
    signal.signal(signal.SIGHUP, _end)
    manager.loop()
    return 0 if manager.returncode in (130, 143) else manager.returncode or 0


def _end(_number: int, _frame: FrameType | None) -> None:
    """The terminal was closed: everything ends as with Ctrl-C."""
    os.kill(os.getpid(), signal.SIGTERM)


def end_with_parent(number: int = signal.SIGTERM) -> None:
    """Called in a new process: Linux ends it when its parent is killed, and nothing goes on unseen."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, int(number))


class _Process(Process):
    """Ends with us, also when we are killed: the process between ignores every polite signal."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._child_ctor = partial(Popen, preexec_fn=end_with_parent)

    def run(self, *args: Any, **options: Any) -> None:
        end_with_parent(signal.SIGKILL)
        super().run(*args, **options)


class _Terminal:
    """Where the output goes, as long as somebody reads it. A closed terminal must not keep us from ending."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self.stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self.stream.flush()

    def isatty(self) -> bool:
        return self.stream.isatty()
