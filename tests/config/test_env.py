"""A wrong environment variable stops start-up with one sentence that names it and says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

ROOT = Path(__file__).resolve().parents[2]
NAME = "SOME_SETTING"


@pytest.mark.parametrize(
    ("value", "flag"), [("true", True), ("1", True), ("YES", True), ("off", False), ("0", False), ("", True)]
)
def test_flag(monkeypatch: pytest.MonkeyPatch, value: str, flag: bool) -> None:
    monkeypatch.setenv(NAME, value)
    assert env.flag(NAME, default=True) is flag


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "a.example, b.example,")
    assert env.words(NAME, default=[]) == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("read", "value", "accepted"),
    [
        (lambda: env.flag(NAME, default=False), "maybe", "one of true, false"),
        (lambda: env.integer(NAME, default=1, least=1, most=9), "ten", "a whole number from 1 to 9"),
        (lambda: env.integer(NAME, default=1, least=1, most=9), "0", "a whole number from 1 to 9"),
        (lambda: env.time_zone(NAME, default="UTC"), "Mars/Olympus", "an IANA time zone"),
        (lambda: env.time_zone(NAME, default="UTC"), "../etc", "an IANA time zone"),
        (lambda: env.url(NAME, schemes=("redis",), default=""), "http://x", "starts with redis://"),
        (lambda: env.database(NAME), "mysql://x/y", "starts with postgres:// or postgresql://"),
        (lambda: env.database(NAME), "postgres://localhost", "with the name of a database"),
        (lambda: env.secret_key(NAME, needed=True), "short", "at least 50 characters"),
    ],
)
def test_a_wrong_value_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, read: object, value: str, accepted: str
) -> None:
    monkeypatch.setenv(NAME, value)

    with pytest.raises(ImproperlyConfigured) as refused:
        read()

    said = str(refused.value)
    assert said.startswith(f"Environment variable {NAME}=")
    assert accepted in said
    assert "\n" not in said


def test_a_short_secret_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "hunter2-hunter2")
    with pytest.raises(ImproperlyConfigured) as refused:
        env.secret_key(NAME, needed=True)
    assert "hunter2-hunter2" not in str(refused.value)


def test_a_database_of_ones_own_needs_a_secret_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"is not set: .* set it to a random text"):
        env.secret_key(NAME, needed=True)
    assert env.secret_key(NAME, needed=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [("DEBUG", "perhaps"), ("DATABASE_URL", "sqlite:///db"), ("REDIS_URL", "localhost"), ("TIME_ZONE", "Nowhere"),
     ("CALCULATION_CHUNK_SIZE", "many"), ("LOG_LEVEL", "LOUD")],
)  # fmt: skip
def test_start_up_stops_without_a_traceback(name: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"Environment variable {name}={value!r} is not usable: set it to ")
