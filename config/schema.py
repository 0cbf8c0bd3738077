"""A fingerprint of the database schema: our migrations and the versions of the libraries that bring their own.

The test run keeps a migrated template a fingerprint; the demo rebuilds its own database when it differs.
"""

import hashlib
from importlib.metadata import version
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
LIBRARIES_WITH_MIGRATIONS = ("django", "django-celery-beat", "django-oauth-toolkit")


def fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(BASE_DIR.glob("*/migrations/*")):
        if path.suffix in (".py", ".sql"):
            digest.update(path.relative_to(BASE_DIR).as_posix().encode() + path.read_bytes())
    for library in LIBRARIES_WITH_MIGRATIONS:
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()[:12]
