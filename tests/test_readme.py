"""The README says what is so: its commands, paths, settings, columns and names exist."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from bookings.csv_rows import COLUMNS, REQUIRED
from loyalty.demo import load, story

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
# Said by make to pip so that a good installation says nothing.
QUIET = {"--quiet", "--disable-pip-version-check"}
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "PATH", "PYTHONPATH"}


def section(title: str) -> str:
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def code(text: str) -> list[str]:
    """What stands between backquotes."""
    return re.findall(r"`([^`\n]+)`", text)


def lines_of_code() -> list[str]:
    """The indented lines, which a reader may copy."""
    return [line.strip() for line in README.splitlines() if line.startswith("    ")]


def what_make_runs(target: str) -> list[list[str]]:
    """The recipe's lines as words, on a machine where nothing is installed yet."""
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "VENV", "ARGS")}
    command = ["make", "--no-print-directory", "--dry-run", "--always-make", target]
    said = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
    return [[word for word in shlex.split(line) if word not in QUIET] for line in said.splitlines()]


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_plain_lines_are_what_make_runs(target: str) -> None:
    row = next(line for line in section("Two commands").splitlines() if f"| `make {target}` |" in line)
    plain = [shlex.split(line) for line in code(row)[1:]]
    made = what_make_runs(target)
    assert len(plain) == 3
    assert [line for line in plain if line not in made] == []


def test_every_make_command_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
    named = re.findall(r"(?:^    |`)make ([a-z]+)", README, re.M)
    assert {"demo", "test", "lint", "bench", "help"} <= set(named) <= targets


def test_every_path_exists() -> None:
    paths = {text for text in code(README) if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", text) and "/" in text}
    later = {"staticfiles/", ".data/"}
    missing = sorted(path for path in paths - later if not (ROOT / path).exists())
    assert missing == []
    assert len(paths) > 25


def test_every_name_stands_in_the_file_beside_it() -> None:
    """`loyalty/earning.py` (`_line`): the file has such a name."""
    pairs = re.findall(r"`([\w/]+\.py)` \(`(?:\w+\.)?(\w+)`\)", section("How to add …"))
    wrong = [pair for pair in pairs if not re.search(rf"\b{pair[1]}\b", (ROOT / pair[0]).read_text())]
    assert wrong == []
    assert len(pairs) >= 8


def test_settings_are_those_that_the_code_reads() -> None:
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", section("Settings"), re.M))
    code_of = "".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code_of))
    read |= set(re.findall(r'environ\.get\("([A-Z_]+)"', code_of))
    read |= set(re.findall(r"\$\{([A-Z_]+):-", (ROOT / "Procfile").read_text()))
    assert told == read - NOT_OURS


def test_variables_of_make_are_told() -> None:
    told = set(re.findall(r"`([A-Z]+)` \(", section("Settings")))
    assert told == set(re.findall(r"^([A-Z]+) \?=", MAKEFILE, re.M))


def test_every_manage_command_takes_its_arguments() -> None:
    lines = [line.split("manage.py ", 1)[1] for line in lines_of_code() if "manage.py " in line]
    assert lines
    for name, *arguments in map(shlex.split, lines):
        command = load_command_class(get_commands()[name], name)
        command.create_parser("manage.py", name).parse_args(arguments)


def test_the_example_commands_name_what_the_demo_has() -> None:
    assert "--property BERLIN" in README
    assert "BERLIN" in {hotel.code for hotel in story.HOTELS}
    assert f"calculate_points {story.TYPE} " in README
    assert all(f"| `{login.email}` | `{login.password}` |" in README for login in story.LOGINS)
    assert f"{load.FULL.members} guests with a card" in README


def test_columns_of_the_import_are_all_told() -> None:
    table = section("Commands").split("| column |", 1)[1]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = re.findall(r"`(\w+)`", " ".join(first_cells))
    assert sorted(told) == sorted(COLUMNS)
    assert set(re.findall(r"`(\w+)`\*", table)) == set(REQUIRED)


def test_the_first_screen_has_it_all() -> None:
    """What this is, the two commands, where each rule is."""
    titles = re.findall(r"^## (.+)$", README, re.M)
    assert titles[:2] == ["Two commands", "Where is each rule?"]
    assert README.index("\n## Two commands") < 700
