"""What the words of the report mean: scoring schemes, kinds of errors, reasons of the quarantine, languages."""

from __future__ import annotations

from collections.abc import Mapping

from bioner.evaluation.error_analysis import Kind
from bioner.evaluation.schemes import Mode
from bioner.validation.suites import BREACHES

SCHEMES: Mapping[Mode, str] = {
    "strict": "A prediction is right if its characters (every fragment of them) and its type are exactly those of a "
    "gold mention. This is the main figure.",
    "boundary": "As strict, but the type does not matter: was the mention found with the right extent?",
    "overlap": "The type has to be right, and at least one character has to be shared. Gold mentions and predictions "
    "are paired one to one, in the pairing that makes the most right.",
    "type_within_overlap": "Mentions are first paired by shared characters without looking at types; a pair is right "
    "if its types agree.",
}

KINDS: Mapping[Kind, str] = {
    "missed": "missed",
    "spurious": "spurious",
    "wrong boundary": "wrong boundary",
    "wrong type": "wrong type",
    "both": "boundary and type",
}

ERRORS: Mapping[Kind, str] = {
    "missed": "A gold mention that no prediction touches.",
    "spurious": "A prediction that touches no gold mention, or only such as another prediction answers.",
    "wrong boundary": "The right type, but other characters than the gold mention.",
    "wrong type": "Exactly the characters of the gold mention, but another type.",
    "both": "Some characters of the gold mention, and another type.",
}

TERMS: Mapping[str, str] = {
    "Gold": "The annotation that people made; what a model is expected to find.",
    "Precision and recall": "The share of predictions that are right, and the share of gold mentions that are found. "
    "F1 is their harmonic mean; micro-F1 counts all mentions alike, macro-F1 is the mean over the entity types.",
    "Interval": "Where F1 would lie for other test documents of this kind: a bootstrap over documents. Where the "
    "intervals of two models overlap widely, the difference may be chance.",
    "Flat, nested, discontinuous": "A nested mention shares characters with another one. A discontinuous mention "
    "consists of several fragments with a gap between them. All others are flat.",
    "Threshold": "The score from which a span is predicted. It is chosen on dev documents when a model is trained.",
    "Calibration": "Whether predictions with a score of 0.8 are right eight times in ten. The expected calibration "
    "error is the mean distance between score and share of right predictions; 0 is best.",
    "Champion": "The version of a registered model that was promoted last, by the policy or by a person.",
    "Teacher": "The model that annotates unlabelled text; the GLiNER models are pre-trained on what it finds.",
    "Quarantine": "Annotated texts that broke a rule of the data gate. No model is trained on them.",
}

RULES: Mapping[str, str] = BREACHES

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "Chinese"}
