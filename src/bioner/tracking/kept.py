"""The evidence of a registered version as the registry kept it, whatever the workspace holds by now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bioner.config import Params
from bioner.errors import RegistryError
from bioner.tracking.evidence import GOLD, PREDICTIONS, TEST_DOCUMENTS, Tested, evidence_id, hash_test_set
from bioner.tracking.registry import CONTENT, EVIDENCE, SIZE, TEST
from bioner.tracking.store import Store

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion


def kept_evidence(store: Store, workspace: Path, params: Params, version: ModelVersion, place: Path) -> Tested:
    """Fetch the evidence of a version to an empty folder.

    Args:
        workspace: where the test documents of a version are looked for that was registered before they were kept.

    Raises:
        RegistryError: there is none, it is not what was registered, or its test documents are gone.
    """
    tags, where = version.tags, f"{version.name}/{version.version}"
    if EVIDENCE not in tags or TEST not in tags:
        mend = "take a version that `bioner run` registered"
        raise RegistryError("this version has no evidence: nothing says how good it is", where=where, mend=mend)
    folder = Path(store.client.download_artifacts(version.run_id, tags[EVIDENCE], str(place)))
    predictions, gold = folder / PREDICTIONS, folder / GOLD
    made = evidence_id(tags.get(CONTENT), tags[TEST], predictions, folder)
    if not tags[EVIDENCE].endswith(made[:16]):
        mend = f"see what was changed with `bioner audit {where}`"
        raise RegistryError("the evidence of this version is not what was registered", where=where, mend=mend)
    if not gold.is_dir():
        gold = workspace / TEST_DOCUMENTS
        if not gold.is_dir() or hash_test_set(gold, params) != tags[TEST]:
            mend = "put the test documents of that time back, or register the model again with `bioner run`"
            raise RegistryError("the test documents of this version were not kept", where=where, mend=mend)
    size = tags.get(SIZE)
    return Tested(predictions, gold, folder, int(size) if size else None, tags[TEST], made)
