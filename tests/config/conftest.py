"""A pair of embedded servers for each test that asks for one."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import embedded
from tests.config.embedded_users import STARTED, User, are_gone, keepers


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder, of which the test leaves no process behind."""
    path = tmp_path / "data"
    users: list[User] = []
    STARTED[path] = users
    home = embedded.servers(path).home
    yield path
    for user in users:
        user.kill()
        user.communicate()
    for pid in keepers(path):
        os.kill(pid, signal.SIGTERM)  # Waiting for them to end by themselves costs two seconds a test.
    gone = are_gone(path)
    shutil.rmtree(home, ignore_errors=True)
    assert gone
