"""The embedded servers stop after their last user, survive whatever is killed, and leave no process."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from config import embedded, embedded_keeper
from tests.config.embedded_users import (
    NAMES,
    again,
    answer,
    are_gone,
    assert_works_and_remembers,
    begin,
    end,
    is_soon,
    keepers,
    kill,
    remember,
    send,
    servers_of,
    sql,
    use,
    valkey,
)


class TestStopping:
    def test_after_the_last_user_has_ended(self, folder: Path) -> None:
        end(use(folder))

        assert are_gone(folder)
        log = (embedded.servers(folder).home / "postgres.log").read_text()
        assert log.rstrip().endswith("database system is shut down")
        assert not Path(embedded.database_settings(folder)["HOST"]).exists()

    def test_after_kill_9_of_the_last_user(self, folder: Path) -> None:
        kill(use(folder).pid)

        assert are_gone(folder)

    @pytest.mark.long
    def test_not_while_another_user_lives(self, folder: Path) -> None:
        first, second = use(folder), use(folder)
        remember(folder)
        before = servers_of(folder)

        kill(first.pid)
        first.wait()
        time.sleep(embedded_keeper.LINGER + 1)

        assert servers_of(folder) == before
        assert_works_and_remembers(folder)
        end(second)
        assert are_gone(folder)

    def test_not_while_what_a_user_forked_lives(self, folder: Path) -> None:
        user = use(folder)
        send(user, "fork")
        assert answer(user) == "ready"
        assert user.wait() == 0
        time.sleep(embedded_keeper.LINGER + 1)

        assert again(user) == "ready"  # The fork, which has the same pipes.

        assert len(servers_of(folder)) == 2

    @pytest.mark.long
    def test_user_that_comes_while_they_stop_gets_working_servers(self, folder: Path) -> None:
        for pause in (1.4, 1.5, 1.55, 1.6, 1.65, 1.7, 1.8):
            user = use(folder)
            assert sql(folder, "SELECT 1") == [(1,)]
            assert valkey(folder).ping()
            assert len(servers_of(folder)) == 2
            end(user)
            time.sleep(pause)

    def test_keeper_that_is_told_to_stop_stops_its_server_cleanly(self, folder: Path) -> None:
        user = use(folder)
        remember(folder)
        for pid in keepers(folder):
            os.kill(pid, signal.SIGTERM)
        assert are_gone(folder)

        assert again(user) == "ready"

        assert_works_and_remembers(folder)


class TestFaults:
    @pytest.mark.parametrize("who", ["the same process", "a new process"])
    def test_kill_9_of_the_keepers(self, folder: Path, who: str) -> None:
        user = use(folder)
        remember(folder)
        kill(*keepers(folder))

        assert (again(user) if who == "the same process" else answer(begin(folder))) == "ready"

        assert_works_and_remembers(folder)

    def test_orphans_of_killed_keepers_go_with_the_next_user(self, folder: Path) -> None:
        user = use(folder)
        kill(*keepers(folder))
        end(user)
        assert len(servers_of(folder)) == 2

        end(use(folder))

        assert are_gone(folder)

    @pytest.mark.parametrize("who", ["the same process", "a new process"])
    def test_kill_9_of_both_servers(self, folder: Path, who: str) -> None:
        user = use(folder)
        remember(folder)
        killed = servers_of(folder)
        kill(*killed)

        assert (again(user) if who == "the same process" else answer(begin(folder))) == "ready"

        assert_works_and_remembers(folder)
        assert not set(killed) & set(servers_of(folder))

    def test_servers_come_back_by_themselves(self, folder: Path) -> None:
        use(folder)
        remember(folder)
        killed = servers_of(folder)
        kill(*killed)

        assert is_soon(lambda: len(servers_of(folder)) == 2 and not set(killed) & set(servers_of(folder)))
        assert is_soon(lambda: all(embedded.answers(embedded.servers(folder), name) for name in NAMES))
        assert_works_and_remembers(folder)

    @pytest.mark.parametrize("content", ["", "12", "nonsense\n", "living", "zombie"])
    def test_pid_file_of_a_killed_server(self, folder: Path, content: str) -> None:
        user = use(folder)
        remember(folder)
        kill(*keepers(folder), *servers_of(folder), user.pid)
        pid_file = embedded.servers(folder).home / "postgres" / "postmaster.pid"
        socket = embedded.servers(folder).socket("postgres")
        with subprocess.Popen(["/bin/true"]) as zombie, subprocess.Popen(["/bin/sleep", "60"]) as living:
            pid = {"living": living.pid, "zombie": zombie.pid}.get(content)
            content = (
                f"{pid}\n{pid_file.parent}\n1\n5432\n{socket.parent}\n\n  1 1\nready\n" if pid else content
            )
            pid_file.write_text(content)
            socket.with_name(f"{socket.name}.lock").write_text(content)

            use(folder)

            assert_works_and_remembers(folder)
            living.kill()

    @pytest.mark.parametrize(
        "left", [[], ["PG_VERSION"], ["PG_VERSION", "base/1/PG_VERSION", "global/pg_control"]]
    )
    def test_half_made_data_folder_is_set_aside(self, folder: Path, left: list[str]) -> None:
        home = embedded.servers(folder).home
        (home / "postgres").mkdir(parents=True)
        home.chmod(0o755)
        for name in left:
            (home / "postgres" / name).parent.mkdir(parents=True, exist_ok=True)
            (home / "postgres" / name).write_text("18\n")
        (home / "postgres.new-12345").mkdir()

        use(folder)

        assert sql(folder, "SELECT 1") == [(1,)]
        (aside,) = home.glob("postgres.incomplete-*")
        assert all((aside / name).read_text() == "18\n" for name in left)
        assert not (home / "postgres.new-12345").exists()

    def test_cold_start_that_was_killed_half_way(self, folder: Path) -> None:
        user = begin(folder)
        assert is_soon(lambda: list(embedded.servers(folder).home.glob("postgres.new-*/PG_VERSION")) != [])
        kill(user.pid, *keepers(folder))

        use(folder)

        assert sql(folder, "SELECT 1") == [(1,)]
        assert len(servers_of(folder)) == 2

    def test_data_folder_that_was_deleted_while_in_use(self, folder: Path) -> None:
        use(folder)
        remember(folder)
        shutil.rmtree(embedded.servers(folder).home)
        shutil.rmtree(folder, ignore_errors=True)

        use(folder)

        assert sql(folder, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == [(0,)]
        assert is_soon(lambda: len(servers_of(folder)) == 2 and len(keepers(folder)) == 2)

    def test_sockets_that_were_deleted_while_in_use(self, folder: Path) -> None:
        user = use(folder)
        remember(folder)
        for name in NAMES:
            shutil.rmtree(embedded.servers(folder).socket(name).parent)

        assert again(user) == "ready"

        assert_works_and_remembers(folder)
