"""Runs everything in the Procfile under honcho, for development and the demo. Production has a process
manager of its own, and runs the same lines.
"""

import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from django.core.exceptions import ImproperlyConfigured
from honcho.environ import parse_procfile
from honcho.manager import Manager

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
DEFAULT_BIND = "127.0.0.1:8000"
PORTS_TO_TRY = 100


def environment() -> dict[str, str]:
    """This process's, with the folder of this Python's programs (celery, gunicorn) on the path."""
    programs = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])}


def free_address() -> str:
    """``BIND`` where it is set, else the first free port from 8000 on, as "host:port"."""
    wanted = env.text("BIND", DEFAULT_BIND)
    host, _, port = wanted.rpartition(":")
    if not host or not port.isdigit():
        env.refuse("BIND", wanted, "an address with a port, such as 127.0.0.1:8000")
    last = int(port) + (1 if env.text("BIND") else PORTS_TO_TRY)
    for candidate in range(int(port), last):
        if _is_free(host.strip("[]"), candidate):
            return f"{host}:{candidate}"
    raise ImproperlyConfigured(
        f"{wanted} can not be listened at: end what does, or set BIND to another address."
    )


def _is_free(host: str, port: int) -> bool:
    """Bound as the web server will bind it: a connection that has just ended does not count."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def serve(*, bind: str) -> int:
    """Until Ctrl-C, or until one of the processes ends: then all end. Returns the exit code, 0 for Ctrl-C."""
    manager = Manager()
    for name, command in _processes().items():
        manager.add_process(name, command, env={**environment(), "BIND": bind}, cwd=str(BASE_DIR))
    signal.signal(signal.SIGHUP, _end_quietly)
    manager.loop()
    return 0 if manager.returncode in (130, 143) else manager.returncode or 0


def _processes() -> Mapping[str, str]:
    return dict(parse_procfile((BASE_DIR / "Procfile").read_text()).processes)


def _end_quietly(_number: int, _frame: FrameType | None) -> None:
    """The terminal was closed: there is nobody to write to, and still everything has to end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.kill(os.getpid(), signal.SIGTERM)
