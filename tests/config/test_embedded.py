"""Where the embedded servers are, what `ensure` starts, and which commands need it."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import embedded, embedded_keeper
from tests.config.embedded_users import (
    BASE_DIR,
    NAMES,
    STARTED,
    again,
    answer,
    are_gone,
    assert_works_and_remembers,
    begin,
    end,
    keepers,
    remember,
    servers_of,
    sql,
    use,
    valkey,
)


class TestAddresses:
    def test_are_computed_without_starting_or_making_anything(self, folder: Path) -> None:
        settings = embedded.database_settings(folder)
        place = embedded.servers(folder)

        assert settings["NAME"] == settings["USER"] == "loyalty"
        assert settings["HOST"] == str(embedded.SOCKETS / f"{place.tag}-postgres")
        assert embedded.broker_url(4, folder=folder) == (
            f"redis+socket:///tmp/{place.tag}-valkey/valkey.sock?virtual_host=4"
        )
        assert embedded.cache_url(5, folder=folder) == f"unix:///tmp/{place.tag}-valkey/valkey.sock?db=5"
        assert not folder.exists()
        assert not Path(settings["HOST"]).exists()
        assert not servers_of(folder)

    def test_fit_into_a_socket_address_however_long_the_folder_is(self) -> None:
        place = embedded.servers(Path("/" + "long/" * 100))

        assert all(len(bytes(place.socket(name))) <= 107 for name in NAMES)

    def test_do_not_depend_on_where_and_how_a_process_was_started(self, folder: Path) -> None:
        program = "from config import embedded; print(embedded.database_settings()['HOST'])"
        relative = os.path.relpath(folder, BASE_DIR)
        env = os.environ | {"LOYALTY_DATA_FOLDER": relative, "TMPDIR": "/var/tmp"}  # noqa: S108 - only a value that must not matter
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=True
        )

        assert done.stdout.strip() == embedded.database_settings(folder)["HOST"]

    def test_default_folder_lies_beside_the_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("LOYALTY_DATA_FOLDER", raising=False)

        assert embedded.servers().folder == BASE_DIR / ".data"


class TestEnsure:
    def test_servers_run_as_the_design_asks(self, folder: Path) -> None:
        use(folder)

        assert sql(
            folder,
            """SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding),
               current_setting('listen_addresses'), current_setting('jit'), current_setting('fsync'),
               current_setting('client_connection_check_interval')
               FROM pg_database WHERE datname = 'loyalty'""",
        ) == [("b", "C.UTF-8", "UTF8", "", "off", "on", "500ms")]
        assert valkey(folder).config_get("appendonly") == {"appendonly": "yes"}
        assert valkey(folder).config_get("port") == {"port": "0"}
        assert Path(embedded.database_settings(folder)["HOST"]).stat().st_mode & 0o077 == 0

    def test_second_call_changes_nothing_and_is_cheap(self, folder: Path) -> None:
        user = use(folder)
        before = servers_of(folder), keepers(folder)
        start = time.monotonic()

        assert [again(user) for _ in range(10)] == ["ready"] * 10

        assert (servers_of(folder), keepers(folder)) == before
        assert time.monotonic() - start < 1

    def test_data_survives_stop_and_start(self, folder: Path) -> None:
        end_of = use(folder)
        remember(folder)
        end(end_of)
        assert are_gone(folder)

        use(folder)

        assert_works_and_remembers(folder)

    @pytest.mark.long
    def test_path_with_a_space(self, folder: Path) -> None:
        spaced = folder / "a data folder"
        STARTED[spaced] = STARTED[folder]
        user = use(spaced)
        remember(spaced)
        end(user)
        assert are_gone(spaced)
        user = use(spaced)
        assert_works_and_remembers(spaced)
        user.kill()
        assert are_gone(spaced)
        shutil.rmtree(embedded.servers(spaced).home)

    def test_dropped_database_is_made_again(self, folder: Path) -> None:
        user = use(folder)
        embedded.ask_postgres(embedded.servers(folder), "postgres", query="DROP DATABASE loyalty")

        assert again(user) == "ready"

        assert sql(folder, "SELECT 1") == [(1,)]

    @pytest.mark.parametrize(
        ("set_variables", "running"),
        [
            (("DATABASE_URL", "REDIS_URL"), []),
            (("DATABASE_URL",), ["valkey"]),
            (("REDIS_URL",), ["postgres"]),
        ],
    )
    def test_a_server_that_the_environment_names_is_not_started(
        self, folder: Path, set_variables: tuple[str, ...], running: list[str]
    ) -> None:
        use(folder, **dict.fromkeys(set_variables, "scheme://elsewhere"))

        tag = embedded.servers(folder).tag
        assert [name for name in NAMES if tag in "".join(embedded_keeper.running(name).values())] == running
        assert folder.exists() == bool(running)

    @pytest.mark.long
    def test_ten_cold_starts_at_once_share_one_pair(self, folder: Path) -> None:
        users = [begin(folder) for _ in range(10)]

        assert [answer(user) for user in users] == ["ready"] * 10

        assert len(servers_of(folder)) == 2
        assert len(keepers(folder)) == 2

    def test_error_says_why_and_where_the_log_is(self, folder: Path) -> None:
        end(use(folder))
        assert are_gone(folder)
        home = embedded.servers(folder).home
        (home / "postgres" / "pg_hba.conf").write_text("nonsense\n")

        message = answer(begin(folder))

        assert "postgres did not start (exit code 1)" in message
        assert 'invalid connection type "nonsense"' in message
        assert str(home / "postgres.log") in message

    def test_cluster_of_another_version_is_left_alone_with_advice(self, folder: Path) -> None:
        end(use(folder))
        assert are_gone(folder)
        version = embedded.servers(folder).home / "postgres" / "PG_VERSION"
        version.write_text("17\n")

        message = answer(begin(folder))

        assert "is of PostgreSQL 17, but 18 is installed: dump it with version 17" in message
        assert version.read_text() == "17\n"
        version.write_text("18\n")
        assert answer(begin(folder)) == "ready"


class TestNeedsData:
    @pytest.mark.parametrize(
        "line",
        [
            "",
            "help",
            "--help",
            "--version",
            "version",
            "help migrate",
            "migrate --help",
            "migrate -h",
            "check",
            "check --deploy",
            "makemigrations --check",
            "collectstatic --noinput",
            "makemessages -l ru",
            "compilemessages",
            "findstatic x",
            "diffsettings",
            "startapp x",
        ],
    )
    def test_no(self, line: str) -> None:
        assert not embedded.needs_data(["manage.py", *line.split()])

    @pytest.mark.parametrize(
        "line",
        [
            "migrate",
            "runserver",
            "shell",
            "test",
            "sqlmigrate x 1",
            "audit_ledger",
            "check --database default",
            "check --database=default",
        ],
    )
    def test_yes(self, line: str) -> None:
        assert embedded.needs_data(["manage.py", *line.split()])

    def test_keeper_loads_no_django(self) -> None:
        program = "import sys, config.embedded_keeper; sys.exit('django' in sys.modules)"

        assert subprocess.run([sys.executable, "-c", program], cwd=BASE_DIR).returncode == 0
