"""The import contracts hold, and each of them catches a violation: a copy of the code with one wrong import is refused."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# contract, the file that gets the wrong import, the import
VIOLATIONS = [
    ("Apps", "bookings/intake.py", "import loyalty.ledger"),
    ("What apps import of config", "config/extranet.py", "import bookings.access"),
    ("Inside bookings", "bookings/changes.py", "import bookings.intake"),
    ("Inside loyalty", "loyalty/ledger.py", "import loyalty.stays"),
    ("Calculations are pure", "loyalty/earning.py", "import django.utils.timezone"),
    ("Rules know no worker", "loyalty/enrolment.py", "import celery"),
    ("No cycles", "bookings/models/property.py", "import bookings.models.guest"),
]


def lint(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for app in ("config", "bookings", "loyalty"):
        shutil.copytree(ROOT / app, tmp_path / app, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    code, said = lint(ROOT)
    assert code == 0, said
    assert "0 broken" in said


@pytest.mark.parametrize(("contract", "file", "wrong"), VIOLATIONS)
def test_each_contract_catches_a_violation(copy: Path, contract: str, file: str, wrong: str) -> None:
    victim = copy / file
    victim.write_text(victim.read_text() + f"\n{wrong}\n")

    code, said = lint(copy)

    assert code == 1, said
    assert any(
        line.startswith(contract) and line.rstrip().endswith("BROKEN") for line in said.splitlines()
    ), said


def test_a_module_that_no_layer_names_is_refused(copy: Path) -> None:
    (copy / "loyalty" / "helpers.py").write_text("")

    code, said = lint(copy)

    assert code == 1
    assert "helpers" in said


def test_every_contract_has_its_violation() -> None:
    names = [
        line.split('"')[1]
        for line in (ROOT / "pyproject.toml").read_text().splitlines()
        if line.startswith("name = ")
    ]
    contracts = [name for name in names if name != "guest-loyalty"]
    assert len(contracts) == len(VIOLATIONS)
    for contract, _, _ in VIOLATIONS:
        assert any(name.startswith(contract) for name in contracts)
