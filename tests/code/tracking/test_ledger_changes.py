"""Changes of aliases on a real store: refused when others were first, finished after a kill, checked against it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from alias_changes import NAMES, make_versions, move
from projects import Project

from bioner.errors import RegistryError
from bioner.tracking.ledger import Author, Change, Entry, Move
from bioner.tracking.ledger_changes import adopt, change, settle
from bioner.tracking.ledger_store import Ledger
from bioner.tracking.ledger_verify import verify
from bioner.tracking.registry import alias_map
from bioner.tracking.store import Store

pytestmark = pytest.mark.slow

NAME = NAMES[0]
DEAD = replace(Author.here(), user="bert", process="1:99999999.00")


@pytest.fixture
def store(bare_project: Project) -> Store:
    """A store with a champion that the ledger knows."""
    made = make_versions(bare_project.root, NAMES[:1])
    move(made, "champion", None, "1")
    return made


def begin(store: Store, by: Author, *moves: Move) -> Entry:
    """An intent that its process has not ended."""
    ledger = Ledger(store)
    entry = ledger.append(ledger.entries(), "intended", by, Change(NAME, moves, "promoted", "half done"))
    assert entry is not None
    return entry


def problems(store: Store) -> list[str]:
    return [problem.what for problem in verify(store).problems]


def test_change_is_two_entries_and_the_registry_agrees(store: Store) -> None:
    entries = Ledger(store).entries()
    assert [(e.number, e.kind, e.of) for e in entries] == [(1, "intended", None), (2, "done", 1)]
    assert entries[0].by.user == Author.here().user
    assert alias_map(store, NAME) == {"champion": "1"}
    assert verify(store) == replace(verify(store, entries[-1].hash), entries=2, problems=(), outside=())


def test_second_of_two_promotions_is_told_who_won(store: Store) -> None:
    move(store, "champion", "1", "2")
    with pytest.raises(RegistryError, match=r"changed meanwhile by .*it is version 2, and not 1") as refused:
        move(store, "champion", "1", "3")
    assert "entry 4" in refused.value.where
    assert alias_map(store, NAME) == {"champion": "2"}


def test_change_under_way_keeps_others_out_of_its_model_only(store: Store, bare_project: Project) -> None:
    make_versions(bare_project.root, NAMES[1:])
    begin(store, replace(Author.here(), user="bert"), Move("champion", "1", "2"))
    with pytest.raises(RegistryError, match="being changed by bert@"):
        move(store, "champion", "1", "3")
    move(store, "champion", None, "1", NAMES[1])
    assert alias_map(store, NAMES[1]) == {"champion": "1"}
    assert settle(store) == []  # its process lives


def test_change_that_was_not_begun_yet_is_finished(store: Store) -> None:
    begin(store, DEAD, Move("champion", "1", "2"), Move("challenger", None, "1"))
    assert problems(store) == [str(Ledger(store).entries()[2]) + " was begun and not ended"]
    (end,) = settle(store)
    assert (end.kind, end.of) == ("done", 3)
    assert alias_map(store, NAME) == {"champion": "2", "challenger": "1"}
    assert problems(store) == []


def test_change_that_was_half_done_is_finished(store: Store) -> None:
    begin(store, DEAD, Move("champion", "1", "2"), Move("challenger", None, "1"))
    store.client.set_registered_model_alias(NAME, "champion", "2")
    move(store, "challenger", "1", "3")  # which finds the alias where the finished change puts it
    assert alias_map(store, NAME) == {"champion": "2", "challenger": "3"}
    assert [e.kind for e in Ledger(store).entries()[2:]] == ["intended", "resumed", "done", "intended", "done"]
    assert problems(store) == []


@pytest.mark.parametrize("version", ["3", "99"])
def test_change_that_can_no_longer_be_done_is_void(store: Store, version: str) -> None:
    """The alias went elsewhere, or the version is gone."""
    begin(store, DEAD, Move("champion", "1", "99" if version == "99" else "2"))
    if version == "3":
        store.client.set_registered_model_alias(NAME, "champion", "3")
    (end,) = settle(store)
    assert end.kind == "void"
    assert alias_map(store, NAME)["champion"] == ("1" if version == "99" else "3")


def test_change_to_a_version_that_is_not_there_is_void_and_raised(store: Store) -> None:
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException):
        move(store, "champion", "1", "99")
    assert Ledger(store).entries()[-1].kind == "void"
    assert problems(store) == []


def test_change_behind_the_ledger_is_named_then_recorded(store: Store) -> None:
    store.client.set_registered_model_alias(NAME, "champion", "3")
    store.client.set_registered_model_alias(NAME, "mine", "1")
    said = problems(store)
    assert len(said) == 2
    assert said[0].startswith(f"{NAME}@champion is version 3 in the registry, the ledger says 1 (entry 2)")
    assert said[1].startswith(f"{NAME}@mine is version 1 in the registry, the ledger says none (it has no entry)")
    entry = adopt(store, NAME, "clicked by mistake")
    assert entry is not None
    assert (entry.kind, entry.change.reason) == ("outside", "clicked by mistake")
    assert adopt(store, NAME) is None
    assert verify(store).problems == ()
    assert verify(store).outside == (str(entry),)


def test_aliases_of_a_registry_that_had_no_ledger_are_named_and_taken_over(bare_project: Project) -> None:
    store = make_versions(bare_project.root, NAMES[:1])
    assert problems(store) == []
    store.client.set_registered_model_alias(NAME, "champion", "1")
    assert "the ledger says none" in problems(store)[0]
    store.client.create_registered_model("of somebody else")
    store.client.create_model_version("of somebody else", "file:///nowhere")
    store.client.set_registered_model_alias("of somebody else", "champion", "1")
    assert len(problems(store)) == 1
    move(store, "champion", "1", "2")
    assert problems(store) == []
    assert Ledger(store).entries()[0].kind == "outside"


def test_entry_altered_in_the_database_is_named_and_stops_every_change(store: Store, bare_project: Project) -> None:
    move(store, "champion", "1", "2")
    tamper(
        bare_project.root,
        'UPDATE params SET value = replace(value, \'"after": "1"\', \'"after": "4"\') WHERE key = \'00000002\'',
    )
    assert problems(store) == ["entry 2 is not what was written: its hash is another one"]
    with pytest.raises(RegistryError, match="the ledger is damaged: entry 2"):
        move(store, "champion", "2", "3")


def test_end_that_was_cut_off_is_known_by_a_hash_that_was_noted(store: Store, bare_project: Project) -> None:
    noted = verify(store).head
    move(store, "champion", "1", "2")
    last = verify(store).head
    store.client.set_registered_model_alias(NAME, "champion", "1")
    tamper(bare_project.root, "DELETE FROM params WHERE key IN ('00000003', '00000004')")
    assert verify(store, noted).problems == ()
    assert [problem.what for problem in verify(store, last).problems] == [
        f"no entry has the hash {last}: the ledger was cut or written anew"
    ]


def tamper(root: Path, statement: str) -> None:
    with sqlite3.connect(root / ".bioner" / "mlflow.db") as database:
        assert database.execute(statement).rowcount > 0


def test_entry_number_is_given_to_one_of_two(store: Store) -> None:
    ledger, other = Ledger(store), Ledger(store)
    entries = ledger.entries()
    wanted = Change(NAME, (Move("a", None, "1"),), "registered", "first")
    assert ledger.append(entries, "intended", DEAD, wanted) is not None
    assert other.append(entries, "intended", DEAD, replace(wanted, decision="second")) is None
    assert [entry.change.decision for entry in ledger.entries()[2:]] == ["first"]


def test_ledger_that_two_begin_at_once_is_one(bare_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one has made its run before the first one's experiment is there."""
    store = make_versions(bare_project.root, NAMES[:1])
    first, second = Ledger(store), Ledger(store)
    create = type(store.client).create_experiment

    def late(*arguments: object, **options: object) -> str:
        monkeypatch.undo()
        assert first.append([], "outside", DEAD, Change(NAME, (), "found", "first")) is not None
        return str(create(*arguments, **options))  # type: ignore[arg-type]

    monkeypatch.setattr(type(store.client), "create_experiment", late)
    assert second.append([], "outside", DEAD, Change(NAME, (), "found", "second")) is None
    assert [json.loads(text)["change"]["decision"] for text in second.texts().values()] == ["first"]
    assert second.place == first.place


def test_reason_that_is_too_long_is_refused_before_anything_is_written(store: Store) -> None:
    with pytest.raises(RegistryError, match="longer than 500"):
        change(store, Change(NAME, (Move("champion", "1", "2"),), "forced", "", reason="x" * 501))
    assert len(Ledger(store).entries()) == 2
