"""A team's servers: registry and ledger on PostgreSQL, artifacts and DVC on S3, Prefect on PostgreSQL."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from projects import Project
from scratch import ROOT, bioner
from team_servers import PASSWORD, Team, start_team

from bioner.errors import RegistryError
from bioner.files import hash_tree, write_json
from bioner.pipeline.remote import pull, push
from bioner.pipeline.workspace import Workspace
from bioner.registered import fetch, resolve
from bioner.tracking.by_hand import rollback
from bioner.tracking.ledger import Author, Change, Move
from bioner.tracking.ledger_changes import change
from bioner.tracking.ledger_store import Ledger
from bioner.tracking.ledger_verify import verify
from bioner.tracking.promotion import promote
from bioner.tracking.registry import CHALLENGER, CHAMPION, CONTENT, alias_map
from bioner.tracking.store import Store, connect

pytestmark = pytest.mark.slow

NAME = "bioner-gliner"
_FLOW = """
from prefect import flow, task

@task
def half(number): return number // 2

@flow(name="on-postgres")
def on_postgres(): return half.submit(14).result()

print(on_postgres())
"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with start_team(tmp_path_factory.mktemp("servers")) as started:
        yield started


@pytest.fixture
def team(servers: Team, monkeypatch: pytest.MonkeyPatch) -> Team:
    """The servers, with this process as a worker of theirs."""
    for name, value in servers.environment.items():
        monkeypatch.setenv(name, value)
    return servers


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose GLiNER is trained and evaluated."""
    made = Project(tmp_path / "project")
    (made.root / ".dvc").mkdir(parents=True)
    shutil.copy(ROOT / "dvc.yaml", made.root)
    params = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (made.root / "params.yaml").write_text(params.replace("resamples: 1000", "resamples: 100"), encoding="utf-8")
    made.write_tests()
    gate = {"documents": 40, "accepted": 36, "quarantined": 4, "passed": True, "failures": []}
    write_json(made.root / "metrics/validate.json", gate)
    (made.root / "dvc.lock").write_text("schema: '2.0'\nstages: {}\n")
    monkeypatch.chdir(made.root)
    return made


def promoted(project: Project) -> Store:
    """The project's GLiNER as champion, and a second version, which holds nothing, after it; made by the ledger."""
    project.write_model("gliner-mini", "weights", right={"en": 30, "zh": 15})
    store = connect(project.root)
    assert promote(store, project.root, project.params, project.params.registry.gliner).alias == CHAMPION
    store.client.create_model_version(NAME, "s3://mlflow/nothing", tags={CONTENT: "other"})
    change(store, Change(NAME, (Move(CHAMPION, "1", "2"),), "forced", "to be rolled back"))
    assert alias_map(store, NAME) == {CHAMPION: "2"}
    return store


@pytest.mark.usefixtures("team")
def test_a_model_is_promoted_and_rolled_back_on_postgres_and_s3(project: Project) -> None:
    store = promoted(project)
    rollback(project.root, NAME, "misses new names")
    assert alias_map(store, NAME) == {CHAMPION: "1", CHALLENGER: "2"}
    folder = fetch(store.client, resolve(store.client, f"{NAME}@champion"))
    assert hash_tree(folder) == hash_tree(project.root / project.params.models["gliner-mini"].path)
    assert not verify(store).problems
    assert any(name.endswith("model.safetensors") for name in objects("mlflow")), "artifacts go to S3"


def objects(bucket: str) -> list[str]:
    """The names of all objects of a bucket."""
    import boto3

    return [item["Key"] for item in boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.mark.usefixtures("team")
def test_of_several_who_write_one_entry_postgres_takes_one(project: Project) -> None:
    store = connect(project.root)
    ledger, author = Ledger(store), Author.here()
    wide = Change("other", (Move("x", None, "1"),), "found", '"说' * 500, "\u0001明" * 250)  # as long as it may be
    before = ledger.entries()
    with ThreadPoolExecutor(4) as threads:
        tries = [threads.submit(Ledger(store).append, before, "outside", author, wide) for _ in range(4)]
        taken = [entry for entry in (done.result() for done in tries) if entry]
    assert len(taken) == 1
    assert ledger.entries() == [*before, taken[0]]
    with pytest.raises(RegistryError, match="longer"):
        change(store, Change("other", (), "found", "x" * 1001))


@pytest.mark.usefixtures("team")
def test_dvc_pushes_to_s3_and_pulls_from_it(tiny_project: Path) -> None:
    workspace = Workspace(tiny_project, None)
    for arguments in (["remote", "add", "--default", "team", "s3://dvc/store"], ["repro", "--quiet", "first"]):
        subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=tiny_project, check=True)
    made = (tiny_project / "first.txt").read_bytes()
    push(workspace)
    assert objects("dvc")
    saved = tiny_project / "saved"
    for source, target in (("s3://dvc", saved), (saved, "s3://empty")):
        subprocess.run([sys.executable, ROOT / "docker/copy-bucket.py", source, target], check=True)
    assert objects("empty") == objects("dvc")
    shutil.rmtree(tiny_project / ".dvc/cache")
    (tiny_project / "first.txt").unlink()
    pull(workspace)
    assert (tiny_project / "first.txt").read_bytes() == made


@pytest.mark.usefixtures("team")
def test_a_copy_of_a_bucket_takes_what_was_overwritten_by_as_many_bytes(tmp_path: Path) -> None:
    import boto3

    store = boto3.client("s3")
    store.create_bucket(Bucket="overwritten")
    for text in (b"one", b"two"):
        time.sleep(1)  # a store tells whole seconds
        store.put_object(Bucket="overwritten", Key="a/b", Body=text)
        copy = [sys.executable, ROOT / "docker/copy-bucket.py", "s3://overwritten", tmp_path]
        subprocess.run(copy, check=True)
        assert (tmp_path / "a/b").read_bytes() == text


def test_a_flow_runs_on_postgres_and_only_with_the_password(team: Team, tmp_path: Path) -> None:
    script = tmp_path / "flow.py"
    script.write_text(_FLOW)
    environment = os.environ | {"PREFECT_HOME": str(tmp_path / "home"), "PREFECT_LOGGING_LEVEL": "ERROR"}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "7", done.stderr
    query = "select f.name, r.state_type from flow_run r join flow f on f.id = r.flow_id"
    assert "on-postgres|COMPLETED" in team.postgres.run("psql", "-d", "prefect", "-Atc", query)
    environment["PREFECT_API_AUTH_STRING"] = "team:wrong"
    refused = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "401" in refused.stderr
    assert PASSWORD not in refused.stderr


@pytest.mark.usefixtures("team")
def test_the_doctor_finds_the_servers_well_and_what_is_missing(tiny_project: Path) -> None:
    shutil.copy(ROOT / "prefect.yaml", tiny_project)
    shutil.copy(ROOT / "constraints.txt", tiny_project)
    remote = ["remote", "add", "--default", "team", "s3://dvc/doctor"]
    subprocess.run([sys.executable, "-m", "dvc", *remote], cwd=tiny_project, check=True)
    done = bioner(tiny_project, "doctor", "--json")
    assert done.returncode == 8, done.stdout + done.stderr
    found = [(item["check"], item["state"], item["what"]) for item in json.loads(done.stdout)]
    assert [what for name, state, what in found if name in {"mlflow", "dvc remote"} and state != "ok"] == []
    assert any(what.startswith("MLflow ") and "answers at" in what for _, _, what in found)
    assert any("artifacts in mlflow-artifacts:" in what for _, _, what in found)
    assert "the DVC remote team (s3: dvc/doctor) is read and written" in [what for _, _, what in found]
    prefect = {what: state for name, state, what in found if name == "prefect"}
    assert "ok" in prefect.values()
    assert prefect["Prefect has no work pool 'bioner'"] == "failure"
    assert PASSWORD not in done.stdout + done.stderr
