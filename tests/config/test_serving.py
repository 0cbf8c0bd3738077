"""Where the site listens, and how its processes are started."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import serving


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_gives_way_to_the_next_free_one(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIND", raising=False)
    monkeypatch.setattr(serving, "DEFAULT_BIND", f"127.0.0.1:{taken}")
    host, port = serving.free_address().split(":")
    assert host == "127.0.0.1"
    assert taken < int(port) < taken + serving.PORTS_TO_TRY


def test_an_address_that_was_named_is_used_or_refused(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIND", f"127.0.0.1:{taken}")
    with pytest.raises(ImproperlyConfigured, match=f"127.0.0.1:{taken} is taken"):
        serving.free_address()


@pytest.mark.parametrize("value", ["8000", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:0", "127.0.0.1:65536"])
def test_what_is_no_address_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIND", value)
    with pytest.raises(ImproperlyConfigured, match=r"BIND=.* an address with a port"):
        serving.free_address()


def test_programs_are_found_when_the_path_does_not_hold_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    programs = serving.environment()["PATH"].split(os.pathsep)
    assert programs == [str(Path(sys.executable).parent), "/usr/bin", "/bin"]
