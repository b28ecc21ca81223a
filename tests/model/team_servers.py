"""The servers of a team on loopback: PostgreSQL, an S3 store, MLflow with users, and Prefect with a password."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scratch import ROOT, free_port, wait_for_page

PASSWORD = "pass-word-of-a-test"  # pragma: allowlist secret
BUCKETS = ("mlflow", "dvc", "empty")
_KEYS = {"AWS_ACCESS_KEY_ID": "key-of-a-test", "AWS_SECRET_ACCESS_KEY": PASSWORD, "AWS_DEFAULT_REGION": "us-east-1"}
_MISSING = "this test needs PostgreSQL: apt-get install postgresql"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL server of our own, made by `docker/databases.sh`.

    Attributes:
        programs: the folder of psql, pg_dump and the rest.
        port: on 127.0.0.1.
    """

    programs: Path
    port: int

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


@dataclass(frozen=True, slots=True)
class Team:
    """All servers, and what a worker has in its environment to use them."""

    postgres: Postgres
    s3: str
    mlflow: str
    prefect: str

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
            "PREFECT_API_AUTH_STRING": f"team:{PASSWORD}",
        }


@contextmanager
def start_team(folder: Path) -> Iterator[Team]:
    """Start all servers, the slow ones side by side."""
    with ExitStack() as stack:
        postgres = stack.enter_context(start_postgres())
        ports = [free_port() for _ in range(3)]
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        pages = ("/moto-api/", "/health", "/api/health")
        commands = (s3(ports[0]), mlflow(ports[1], urls[0], postgres, folder), prefect(ports[2], postgres, folder))
        servers = []
        for number, (command, environment) in enumerate(commands):
            log = stack.enter_context((folder / f"server-{number}.log").open("wb"))
            servers.append(_start(stack, command, environment, log.fileno()))
        wait_for_page(ports[0], pages[0], servers[0])
        _make_buckets(urls[0])
        for port, page, server in zip(ports, pages, servers, strict=True):
            wait_for_page(port, page, server)
        yield Team(postgres, *urls)


def _start(stack: ExitStack, command: list[str], more: Mapping[str, str], log: int) -> subprocess.Popen[bytes]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PREFECT_"))} | dict(more)
    server = stack.enter_context(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
    stack.callback(server.terminate)
    return server


def s3(port: int) -> tuple[list[str], dict[str, str]]:
    """The S3 store: moto keeps it in memory."""
    return [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)], {}


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
        data, log = folder / "data", folder / "log"
        setup = ["--auth=scram-sha-256", f"--pwfile={secret}", "--username=postgres", "--no-sync", "--encoding=UTF8"]
        command = [str(programs / "initdb"), f"--pgdata={data}", *setup]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)
        settings = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={folder} -c fsync=off"
        control = [str(programs / "pg_ctl"), "--silent", f"--pgdata={data}", "--wait"]
        start = [*control, f"--log={log}", f"--options={settings}", "start"]
        subprocess.run(start, check=True, cwd=folder, stdout=subprocess.DEVNULL, **user)
        try:
            server = Postgres(programs, port)
            make_databases(server)
            yield server
        finally:
            subprocess.run([*control, "--mode=immediate", "stop"], check=True, cwd=folder, **user)
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
