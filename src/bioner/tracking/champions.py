"""Champions as rivals: what the champion of a registered model predicted on the test documents of a workspace."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from bioner.config import Params, Registered
from bioner.documents import Document
from bioner.errors import RegistryError
from bioner.evaluation.pairing import read_pool
from bioner.tracking.evidence import TEST_DOCUMENTS, hash_test_set
from bioner.tracking.kept import kept_evidence
from bioner.tracking.registry import CHAMPION, TEST, alias_map
from bioner.tracking.store import Store, registry_errors


@dataclass(frozen=True, slots=True)
class Champion:
    """The champion of a registered model, with the documents it was judged by as it annotated them."""

    version: str
    predictions: tuple[Document, ...]


def read_champion(store: Store, workspace: Path, params: Params, entry: Registered) -> Champion:
    """Fetch what the champion predicted, from its evidence: the model is not run.

    Raises:
        RegistryError: there is no champion, its evidence is not what was registered, or it was tested on other
            documents or types than those of the workspace.
    """
    with registry_errors(f"the champion of {entry.name} cannot be read"), tempfile.TemporaryDirectory() as place:
        number = alias_map(store, entry.name).get(CHAMPION)
        if number is None:
            raise RegistryError(f"{entry.name} has no champion yet", mend="register one with `bioner run`")
        version = store.client.get_model_version(entry.name, number)
        if version.tags.get(TEST) != hash_test_set(workspace / TEST_DOCUMENTS, params):
            raise RegistryError(
                f"the champion, version {number}, was tested on other documents or types than these",
                mend="put the new version forward with `bioner promote`, which runs what has to be run again",
            )
        evidence = kept_evidence(store, workspace, params, version, Path(place))
        return Champion(number, tuple(read_pool(evidence.predictions)))
