"""Typed readers of environment variables. A wrong value stops start-up with one sentence: which variable, what is
wrong, what is accepted. Nothing else in the product reads ``os.environ`` (but ``embedded.py``, which knows no Django).
"""

from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

_environ = environ.Env()

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}


def refuse(name: str, value: str, accepted: str) -> NoReturn:
    raise ImproperlyConfigured(
        f"Environment variable {name}={value!r} is not usable: set it to {accepted}, or unset it."
    )


def text(name: str, default: str = "") -> str:
    return str(_environ.str(name, default=default)).strip()


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value not in YES | NO:
        refuse(name, value, "one of true, false, 1, 0, yes, no, on, off")
    return value in YES


def choice(name: str, *, accepted: tuple[str, ...], default: str) -> str:
    """One of some words, in capitals or not."""
    value = text(name, default).upper()
    if value not in accepted:
        refuse(name, text(name), "one of " + ", ".join(accepted))
    return value


def integer(name: str, *, default: int, least: int, most: int) -> int:
    value = text(name)
    if not value:
        return default
    if not value.lstrip("-").isdigit() or not least <= int(value) <= most:
        refuse(name, value, f"a whole number from {least} to {most}")
    return int(value)


def words(name: str, *, default: list[str]) -> list[str]:
    """A list separated by commas."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def time_zone(name: str, *, default: str) -> str:
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        refuse(name, value, "an IANA time zone such as Europe/Berlin")
    return value


def url(name: str, *, schemes: tuple[str, ...], default: str) -> str:
    value = text(name, default)
    if value and value.partition("://")[0] not in schemes:
        refuse(
            name, value, "an address that starts with " + " or ".join(f"{scheme}://" for scheme in schemes)
        )
    return value


def database(name: str) -> dict[str, Any] | None:
    """The database behind ``DATABASE_URL``, or None where it is unset and the embedded one serves."""
    value = url(name, schemes=("postgres", "postgresql"), default="")
    if not value:
        return None
    try:
        parsed = dict(_environ.db_url_config(value))
    except Exception:
        refuse(name, value, "postgres://user:password@host:5432/name")
    if not parsed.get("NAME"):
        refuse(name, value, "postgres://user:password@host:5432/name, with the name of a database")
    return parsed


def secret_key(name: str, *, needed: bool) -> str:
    """At least 50 characters in production; where the embedded database serves, a fixed key will do."""
    value = text(name)
    if value and len(value) < 50:
        refuse(name, value[:3] + "…", "a random text of at least 50 characters")
    if value or not needed:
        return value or "for-development-on-the-embedded-database-only-and-nowhere-else"
    raise ImproperlyConfigured(
        f"Environment variable {name} is not set: with DATABASE_URL set, set it to a random text of at least 50 characters, "
        "such as the output of: python -c 'import secrets; print(secrets.token_urlsafe(64))'"
    )
