"""PostgreSQL servers for a single test, which may stop, restart and promote them, and a proxy that can cut
connections."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from select import select

import psycopg

from tests.test_run import ROOT, free_ports

TOOLS = ROOT / "bin/postgres"
OPTIONS = "-c fsync=off -c full_page_writes=off -c max_connections=100 -c autovacuum=off -c wal_level=replica"


class Cluster:
    """A server on 127.0.0.1. Its files aren't synced, because a killed process keeps what it has written."""

    def __init__(self, folder: Path):
        found = subprocess.run([TOOLS], capture_output=True, text=True, check=True).stdout.strip()
        self.tools = (Path(found) / "initdb").resolve().parent  # beside a link there may be no pg_basebackup
        self.folder, self.data, self.port = folder, folder / "data", free_ports()
        folder.mkdir()
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, "daemon")

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def run(self, tool: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", "daemon", "--"] if os.geteuid() == 0 else []
        command = [*as_user, str(self.tools / tool), *arguments]
        with (self.folder / "tools.log").open("w") as log:  # a server keeps it open
            done = subprocess.run(command, cwd=self.folder, check=False, stdout=log, stderr=log)
        assert done.returncode == 0, f"{tool}: {(self.folder / 'tools.log').read_text()} {self.log()}"

    def log(self) -> str:
        log = self.folder / "log"
        return log.read_text()[-2_000:] if log.exists() else ""

    def make(self) -> "Cluster":
        self.run("initdb", "-D", str(self.data), "-U", "portal", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        return self

    def copy_of(self, primary: "Cluster") -> "Cluster":
        """Make a standby of `primary`."""
        source = ["-h", "127.0.0.1", "-p", str(primary.port), "-U", "portal"]
        self.run("pg_basebackup", "-D", str(self.data), "-R", "--checkpoint=fast", *source)
        return self

    def start(self, more: str = "") -> "Cluster":
        """`more` are options of the server."""
        own = f"{OPTIONS} -k {self.folder} -p {self.port} {more}"
        self.run("pg_ctl", "-D", str(self.data), "-o", own, "-l", str(self.folder / "log"), "-w", "start")
        return self

    def stop(self, mode: str = "immediate") -> None:
        self.run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def kill(self) -> None:
        """Kill -9 the server and its processes: what they had only in memory is lost."""
        (postmaster,) = (self.data / "postmaster.pid").read_text().splitlines()[:1]
        children = subprocess.run(["pgrep", "-P", postmaster], capture_output=True, text=True, check=True).stdout
        for pid in (postmaster, *children.split()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        while any(is_running(pid) for pid in (postmaster, *children.split())):
            time.sleep(0.01)
        # Until its parent has noticed, its number is in use.
        for lock in (self.data / "postmaster.pid", self.folder / f".s.PGSQL.{self.port}.lock"):
            lock.unlink()

    def promote(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "promote")

    def renew(self, primary: "Cluster") -> None:
        """Start again as a standby of `primary`; a former primary must do that."""
        shutil.rmtree(self.data)
        self.copy_of(primary).start()

    def sql(self, statement: str) -> list[tuple]:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="portal", dbname="postgres", autocommit=True
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def wait_for_standby(self) -> None:
        """From now on, commits wait until a standby has them. Servers copied from this one wait for theirs too."""
        self.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.sql("SELECT pg_reload_conf()")
        (now,) = self.sql("SELECT pg_current_wal_flush_lsn()")[0]
        for _ in range(600):
            if self.sql(f"SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND flush_lsn >= '{now}'"):
                return
            time.sleep(0.1)
        raise AssertionError("no standby follows")

    def remove(self) -> None:
        with contextlib.suppress(AssertionError):
            self.stop()
        shutil.rmtree(self.folder)


@contextlib.contextmanager
def clusters(folder: Path | None = None):
    """clusters() yields a function that makes servers; all are stopped at the end."""
    place = Path(tempfile.mkdtemp(prefix="cluster-", dir=folder))
    place.chmod(0o755)
    made: list[Cluster] = []

    def make() -> Cluster:
        made.append(Cluster(place / str(len(made))))
        return made[-1]

    try:
        yield make
    finally:
        for cluster in made:
            cluster.remove()
        shutil.rmtree(place)


def is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class CuttableProxy:
    """A proxy in front of a server. `cut` ends all connections at once: what was sent arrives, but answers don't."""

    def __init__(self, server_port: int):
        self.server_port = server_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs: set[tuple[socket.socket, socket.socket]] = set()
        self.cuts = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.server_port))
                self.pairs.add((client, server))
                threading.Thread(target=self.carry, args=(client, server), daemon=True).start()

    def carry(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        with contextlib.suppress(OSError, ValueError):
            while True:
                for source in select([client, server], [], [])[0]:
                    data = source.recv(65_536)
                    if not data:
                        raise OSError("closed")
                    other[source].sendall(data)
        self.pairs.discard((client, server))
        client.close()
        server.close()

    def cut(self) -> None:
        for client, _server in list(self.pairs):
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
                self.cuts += 1

    def close(self) -> None:
        self.listener.close()
        self.cut()
