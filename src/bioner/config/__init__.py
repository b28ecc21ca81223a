"""`params.yaml` as typed, frozen objects: unknown keys are refused, and every error names the key and its mend."""

from bioner.config.data import (
    FORMATS,
    IDENTIFIERS,
    SPLITS,
    TABLES,
    Corpus,
    Curate,
    Engine,
    Format,
    Identifier,
    OnError,
    Split,
    Thresholds,
    Validate,
)
from bioner.config.drift import Drift
from bioner.config.loading import load_params, merge, parse_params, read_yaml
from bioner.config.models import EarlyStopping, GlinerPhase, LabelSampling, OwnErrors, Selector, Tagger, Variant
from bioner.config.params import Params, Registered
from bioner.config.profiles import EXTENDS, merge_all, profile_names, read_overlays
from bioner.config.promotion import Promotion
from bioner.config.protocols import Protocol
from bioner.config.review import Pinned, Review
from bioner.config.suite import Claim, LabelMap, Other, SuiteSet

__all__ = [
    "EXTENDS",
    "FORMATS",
    "IDENTIFIERS",
    "SPLITS",
    "TABLES",
    "Claim",
    "Corpus",
    "Curate",
    "Drift",
    "EarlyStopping",
    "Engine",
    "Format",
    "GlinerPhase",
    "Identifier",
    "LabelMap",
    "LabelSampling",
    "OnError",
    "Other",
    "OwnErrors",
    "Params",
    "Pinned",
    "Promotion",
    "Protocol",
    "Registered",
    "Review",
    "Selector",
    "Split",
    "SuiteSet",
    "Tagger",
    "Thresholds",
    "Validate",
    "Variant",
    "load_params",
    "merge",
    "merge_all",
    "parse_params",
    "profile_names",
    "read_overlays",
    "read_yaml",
]
