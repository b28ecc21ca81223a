"""What can be chosen: every version of both families, champions first, and models named by hand before them."""

from __future__ import annotations

import pytest
from alias_changes import NAMES, make_versions, move
from projects import Project

from bioner.errors import ModelError
from bioner.playground.offers import Offers
from bioner.registered import registry_client, resolve
from bioner.tracking.registry import CHALLENGER, CHAMPION


def test_champions_come_first_and_every_version_can_be_loaded_by_its_number(bare_project: Project) -> None:
    store = make_versions(bare_project.root)
    move(store, CHAMPION, None, "2")
    move(store, CHALLENGER, None, "4")
    found = Offers(bare_project.root, bare_project.params, ["path:mine"]).read()
    assert [(offer.group, offer.version, offer.aliases) for offer in found[:5]] == [
        ("", "", ()),
        (NAMES[0], "2", (CHAMPION,)),
        (NAMES[0], "4", (CHALLENGER,)),
        (NAMES[0], "3", ()),
        (NAMES[0], "1", ()),
    ]
    assert [offer.version for offer in found if offer.group == NAMES[1]] == ["4", "3", "2", "1"]
    client = registry_client(bare_project.root)
    for offer in found[1:]:
        version = resolve(client, offer.reference.removeprefix("mlflow:"))
        assert (version.name, str(version.version)) == (offer.group, offer.version)


def test_a_version_that_comes_later_is_offered(bare_project: Project) -> None:
    offers = Offers(bare_project.root, bare_project.params, ["path:mine"])
    assert len(offers.read()) == 1
    make_versions(bare_project.root, NAMES[:1])
    assert len(offers.read()) == 5


def test_without_any_model_it_is_said_how_to_get_one(bare_project: Project) -> None:
    (bare_project.root / ".bioner" / "mlflow.db").unlink()
    with pytest.raises(ModelError, match="no model to try") as caught:
        Offers(bare_project.root, bare_project.params).read()
    assert "--model" in caught.value.mend
    assert not (bare_project.root / ".bioner" / "mlflow.db").exists()


def test_models_named_by_hand_need_no_registry(bare_project: Project) -> None:
    (bare_project.root / ".bioner" / "mlflow.db").unlink()
    references = ["path:a", "path:b"]
    found = Offers(bare_project.root, bare_project.params, references).read()
    assert [offer.reference for offer in found] == references
