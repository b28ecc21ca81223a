"""Stage protocol: one experiment; its trials are kept one by one, so that a killed one goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import bioner
from bioner.config import Protocol
from bioner.documents import Document, read_documents
from bioner.entity_types import EntityTypes
from bioner.errors import DataError
from bioner.files import hash_tree, hash_value, write_json
from bioner.protocols.bench import Bench
from bioner.protocols.contrasts import contrasts
from bioner.protocols.material import Material, known_types, only
from bioner.protocols.seen import fed_to
from bioner.protocols.summary import Judge
from bioner.protocols.trial import check_equal_compute
from bioner.protocols.trials import asked_types, trials_of
from bioner.stages import layout
from bioner.stages.context import Context, read_corpora
from bioner.tracking.runs import stage_run

# what predictions depend on; documents and lessons are hashed by what they hold, and scores are made anew
_CODE = ("gliner", "protocols/bench.py", "protocols/teaching.py", "training.py", "windows.py", "words.py")


def run(context: Context) -> None:
    """Run the protocol named by the item; figures, and what was checked, go to its metrics file.

    Raises:
        ConfigError: a zero-shot protocol asks for types that its models have seen.
        DataError: there is nothing to learn from, or to judge on.
    """
    name, params = context.need_item(), context.params
    protocol = params.protocols[name]
    inputs = [layout.split(split) for split in ("train", "dev", "test")]
    with stage_run(context, [*inputs, layout.SYNTHETIC]) as tracked:
        material, leaked = _material(protocol, context).without_leaks()
        asked = asked_types(protocol, material)
        trials = trials_of(protocol, material)
        gold = only(material.test, asked)
        bench = Bench(
            variant=params.gliner.variants[protocol.variant],
            documents=gold,
            folder=layout.STATE / "protocols" / name,
            code=_code(),
            batch_size=params.evaluate.batch_size,
            threads=params.threads,
            seed=params.seed,
        )
        outcomes = list(bench.run(trials))
        judge = Judge(gold, params.evaluate.resamples, params.evaluate.confidence, params.seed)
        record: dict[str, Any] = {
            "kind": protocol.kind,
            "corpora": list(protocol.corpora),
            "types": list(asked.keys),
            "documents": len(gold),
            "trials": len(outcomes),
            "confidence": params.evaluate.confidence,
            "training documents left out as judged ones": leaked,
        }
        if protocol.kind == "ablation":
            record["updates of every trained arm"] = check_equal_compute(outcomes)
        record |= judge.summarise(outcomes, contrasts(protocol))
        write_json(layout.metrics("protocol", name), record)
        tracked.metrics(_means(record["results"]))
        tracked.artifact(layout.metrics("protocol", name))


def _material(protocol: Protocol, context: Context) -> Material:
    types, variant = context.params.entity_types, protocol.variant
    train, synthetic = read_corpora("train"), list(read_documents(layout.SYNTHETIC))
    fed = EntityTypes({}) if protocol.kind != "zero-shot" else _fed_to_encoder(protocol, context)
    pretrained = known_types(synthetic, types, fed)
    trained = [document for documents in train.values() for document in documents]
    return Material(
        types=types,
        train=_gold("train", protocol),
        dev=_gold("dev", protocol) if protocol.kind == "supervised" else [],
        test=_gold("test", protocol),
        synthetic=[replace(document, source="teacher") for document in synthetic],  # as in the stage pretrain
        folders={"encoder": None, "pretrain": layout.pretrained(variant), "finetune": layout.finetuned(variant)},
        seen={"encoder": fed, "pretrain": pretrained, "finetune": known_types(trained, types, pretrained)},
        seed=context.params.seed,
    )


def _gold(split: str, protocol: Protocol) -> list[Document]:
    """The documents of the corpora of a protocol, ids made unique; each corpus is one source, as in fine-tuning."""
    corpora = read_corpora(split, held_out=True)
    found = [replace(d, id=f"{c}/{d.id}", source=c) for c in protocol.corpora for d in corpora.get(c, [])]
    if not found:
        mend = f"give one of its corpora a {split} split"
        raise DataError(f"the corpora of the protocol have no {split} document", mend=mend)
    return found


def _fed_to_encoder(protocol: Protocol, context: Context) -> EntityTypes:
    """What the encoder of the variant has seen before anything here was trained."""
    encoder = context.params.gliner.variants[protocol.variant].encoder
    return fed_to(encoder, protocol.saw, f"protocols.{context.need_item()}")


def _code() -> str:
    """Hash of the code that predictions depend on; scores are made anew each time."""
    root = Path(bioner.__file__).parent
    return hash_value([[hash_tree(file) for file in _python(root / part)] for part in _CODE])


def _python(part: Path) -> Sequence[Path]:
    return sorted(part.rglob("*.py")) if part.is_dir() else [part]


def _means(results: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    return {f"{row}: {name}": values[name] for row, values in results.items() for name in ("strict F1", "overlap F1")}
