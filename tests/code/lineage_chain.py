"""A lineage made by hand, with something of everything."""

from __future__ import annotations

from bioner.lineage.pipeline import Corpus, File, Stage
from bioner.lineage.records import CodeInfo, Lineage, RunInfo, Use, VersionInfo

CODE = File("src/bioner/gliner", "c0de.dir")
CORPUS = File("data/sample/en", "5a3b.dir")
TRAIN, SYNTHETIC = File("data/train/a.jsonl", "7a11"), File("data/synthetic.jsonl", "5e7f")
TEACHER, MODEL = File("models/teacher.json", "7eac"), File("models/finetune/mini", "30de.dir")


def chain() -> Lineage:
    """Corpus -> ingest -> finetune <- validate <- teacher, with odd characters wherever a user may put them."""
    stages = (
        Stage(
            "finetune@mini",
            "finetune <mini>",
            {"seed": 13},
            (CODE,),
            (TRAIN, SYNTHETIC),
            (MODEL,),
            ("ingest@a", "validate"),
        ),
        Stage("ingest@a", "ingest a", {}, (), (CORPUS,), (TRAIN,), ()),
        Stage(
            "validate", "validate", {}, (), (TEACHER,), (SYNTHETIC, File("data/quarantine.jsonl", "90")), ("teacher",)
        ),
        Stage("teacher", "teacher", {"teacher": {"backend": "endpoint"}}, (), (), (TEACHER,), ()),
    )
    rule = {"name": "min_f1", "passed": True, "figures": "0.9 > 0.5"}
    return Lineage(
        subject="bioner-gliner/3",
        version=VersionInfo(
            "bioner-gliner", "3", "2026-01-02T03:04:05+00:00", ("champion",), "mini", "ab12", "promoted", (rule,), {}
        ),
        run=RunInfo(
            "0123456789abcdef0123456789abcdef",  # pragma: allowlist secret
            "finetune-mini",
            "FINISHED",
            "2026-01-02T03:00:00+00:00",
            "2026-01-02T03:03:00+00:00",
            "host",
            "main",
            (TRAIN,),
        ),
        stages=stages,
        evaluation=None,
        corpora=(Corpus("a", CORPUS, "CC BY 4.0", "https://example.org/a", "en", "Doe & Roe <2020>"),),
        code=CodeInfo("c0ffee", "clean", (), (CODE,)),
        teacher={"model": "m", "prompt": "9r0m", "sampling": {"samples": 5}, "types": [{"key": "drug"}]},
        validation={"documents": 5, "accepted": 4, "quarantined": 1, "reasons": {"score": 1}, "passed": True},
        environment=("python==3.11.7", "torch==2.9.0"),
        uses=(Use("bioner-gliner", "3", (), {"trained on": 2}),),
    )
