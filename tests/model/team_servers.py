"""The servers of a team on loopback: PostgreSQL, an S3 store, MLflow with users, and Prefect with a password."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scratch import ROOT, free_port, wait_for_page

PASSWORD = "pass-word-of-a-test"  # pragma: allowlist secret
BUCKETS = ("mlflow", "dvc", "empty")
_KEYS = {"AWS_ACCESS_KEY_ID": "key-of-a-test", "AWS_SECRET_ACCESS_KEY": PASSWORD, "AWS_DEFAULT_REGION": "us-east-1"}
_LAST_WORDS = 90  # seconds, as systemd gives
_MISSING = "this test needs PostgreSQL: apt-get install postgresql"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL server of our own, made by `docker/databases.sh`.

    Attributes:
        programs: the folder of psql, pg_dump and the rest.
        port: on 127.0.0.1.
        folder: where its data lies.
        user: how `subprocess` starts its processes as another user, if at all.
    """

    programs: Path
    port: int
    folder: Path
    user: Mapping[str, Any]

    def uri(self, database: str, role: str, driver: str = "postgresql") -> str:
        """The address of a database, without the password, which `environment` has."""
        return f"{driver}://{role}@127.0.0.1:{self.port}/{database}"

    @property
    def environment(self) -> dict[str, str]:
        """What tells every client of PostgreSQL where it is, and the password."""
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "postgres", "PGPASSWORD": PASSWORD}

    def run(self, program: str, *arguments: str) -> str:
        """What one of its programs prints, run as the superuser of the server."""
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(command, env=os.environ | self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Start it, and wait until it answers."""
        places = f"-c listen_addresses=127.0.0.1 -p {self.port} -c unix_socket_directories={self.folder}"
        self._control(f"--log={self.folder / 'log'}", f"--options={places} -c fsync=off", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` sends its clients away, `immediate` is as if it had been killed."""
        self._control(f"--mode={mode}", "stop")

    def _control(self, *arguments: str) -> None:
        command = [str(self.programs / "pg_ctl"), "--silent", f"--pgdata={self.folder / 'data'}", "--wait", *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, **self.user)


@dataclass(slots=True)
class Server:
    """A server on loopback that can be stopped, and started again on the same port with the same data.

    Attributes:
        command, variables: how it is started.
        port: on 127.0.0.1.
        page: answers as soon as the server does.
        log: what it prints.
    """

    command: list[str]
    variables: Mapping[str, str]
    port: int
    page: str
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; `wait` waits for it."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PREFECT_"))}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self.command, env=kept | dict(self.variables), stdout=log, stderr=log)

    def wait(self) -> None:
        """Wait until it answers."""
        assert self._process is not None
        wait_for_page(self.port, self.page, self._process)

    def stop(self) -> None:
        """Stop it as a service manager does: ask it to end, and kill it if it does not."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(_LAST_WORDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


@dataclass(frozen=True, slots=True)
class Team:
    """All servers, and what a worker has in its environment to use them.

    Attributes:
        overloaded: while this file is there, the S3 store answers 503 to everything (see `moody_s3.py`).
    """

    postgres: Postgres
    s3_server: Server
    mlflow_server: Server
    prefect_server: Server
    overloaded: Path

    @property
    def s3(self) -> str:
        """The address of the S3 store."""
        return self.s3_server.url

    @property
    def mlflow(self) -> str:
        """The address of MLflow."""
        return self.mlflow_server.url

    @property
    def prefect(self) -> str:
        """The address of Prefect."""
        return self.prefect_server.url

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a worker."""
        return {
            **_KEYS,
            "AWS_ENDPOINT_URL": self.s3,
            "MLFLOW_TRACKING_URI": self.mlflow,
            "MLFLOW_TRACKING_USERNAME": "admin",
            "MLFLOW_TRACKING_PASSWORD": PASSWORD,
            "PREFECT_API_URL": f"{self.prefect}/api",
            "PREFECT_CLIENT_RETRY_EXTRA_CODES": "500",
            "PREFECT_API_AUTH_STRING": f"team:{PASSWORD}",
        }


@contextmanager
def start_team(folder: Path, restore: Callable[[Postgres, str], None] = lambda *_: None) -> Iterator[Team]:
    """Start all servers, the slow ones side by side.

    Args:
        restore: fills the databases, and the buckets of the S3 store at that address, before MLflow and Prefect start.
    """
    with ExitStack() as stack:
        postgres = stack.enter_context(start_postgres())
        ports = [free_port() for _ in range(3)]
        overloaded = folder / "overloaded"
        store = Server(*s3(ports[0], overloaded), ports[0], "/moto-api/", folder / "s3.log")
        tracking = Server(*mlflow(ports[1], store.url, postgres, folder), ports[1], "/health", folder / "mlflow.log")
        flows = Server(*prefect(ports[2], postgres, folder), ports[2], "/api/health", folder / "prefect.log")
        _start(stack, store)
        store.wait()
        _make_buckets(store.url)
        restore(postgres, store.url)
        _start(stack, tracking, flows)
        tracking.wait()
        flows.wait()
        yield Team(postgres, store, tracking, flows, overloaded)


def _start(stack: ExitStack, *servers: Server) -> None:
    for server in servers:
        server.start()
        stack.callback(server.stop)


def s3(port: int, overloaded: Path) -> tuple[list[str], dict[str, str]]:
    """The S3 store: moto keeps it in memory."""
    return [sys.executable, str(Path(__file__).with_name("moody_s3.py")), str(port), str(overloaded)], {}


def mlflow(port: int, store: str, postgres: Postgres, folder: Path) -> tuple[list[str], dict[str, str]]:
    """MLflow as in `docker/compose.yaml`: users, runs and models on PostgreSQL, artifacts on S3 through the server."""
    users = (ROOT / "docker" / "mlflow-users.ini").read_text(encoding="utf-8")
    settings = folder / "mlflow-users.ini"
    settings.write_text(users.replace("@postgres/", f"@127.0.0.1:{postgres.port}/"), encoding="utf-8")
    places = ["--artifacts-destination", f"s3://{BUCKETS[0]}", "--workers", "1"]
    command = ["mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--app-name", "basic-auth", *places]
    return [sys.executable, "-m", *command], {
        **_KEYS,
        "AWS_ENDPOINT_URL": store,
        "PGPASSWORD": PASSWORD,
        "MLFLOW_BACKEND_STORE_URI": postgres.uri("mlflow", "mlflow"),
        "MLFLOW_AUTH_CONFIG_PATH": str(settings),
        "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": PASSWORD,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }


def prefect(port: int, postgres: Postgres, folder: Path) -> tuple[list[str], dict[str, str]]:
    """Prefect as in `docker/compose.yaml`: its state on PostgreSQL, and a password."""
    command = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    return [sys.executable, "-m", *command], {
        "PGPASSWORD": PASSWORD,
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": postgres.uri("prefect", "prefect", "postgresql+asyncpg"),
        "PREFECT_SERVER_API_AUTH_STRING": f"team:{PASSWORD}",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }


def _make_buckets(url: str) -> None:
    command = [sys.executable, str(ROOT / "docker" / "buckets.py"), *BUCKETS]
    subprocess.run(command, env=os.environ | _KEYS | {"AWS_ENDPOINT_URL": url}, check=True)


@contextmanager
def start_postgres() -> Iterator[Postgres]:
    """A new PostgreSQL server with the databases of the team; it never runs as root, so that root lends it a user."""
    programs = _programs()
    account = _account() if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="bioner-postgres-"))  # pytest's folders are closed to other users
    port = free_port()
    try:
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
            os.chown(secret, account.pw_uid, account.pw_gid)
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        setup = ["--auth=scram-sha-256", f"--pwfile={secret}", "--username=postgres", "--no-sync", "--encoding=UTF8"]
        command = [str(programs / "initdb"), f"--pgdata={folder / 'data'}", *setup]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)
        server = Postgres(programs, port, folder, user)
        server.start()
        try:
            make_databases(server)
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)


def make_databases(server: Postgres) -> None:
    """Run the script that makes the databases of the team."""
    path = os.pathsep.join((str(server.programs), os.environ["PATH"]))
    more = {"PATH": path, "MLFLOW_PASSWORD": PASSWORD, "PREFECT_PASSWORD": PASSWORD}
    subprocess.run([ROOT / "docker" / "databases.sh"], env=os.environ | server.environment | more, check=True)


def _programs() -> Path:
    """The folder of PostgreSQL's programs: on the path, or where Debian keeps them."""
    found = shutil.which("pg_ctl")
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: int(p.parts[-3]))
    assert found or kept, _MISSING
    return (Path(found).resolve() if found else kept[-1]).parent


def _account() -> pwd.struct_passwd:
    """A user that is not root."""
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]
