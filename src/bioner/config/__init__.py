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
from bioner.config.loading import load_params, merge, parse_params, read_yaml
from bioner.config.models import EarlyStopping, GlinerPhase, LabelSampling, OwnErrors, Selector, Tagger, Variant
from bioner.config.params import Params, Registered
from bioner.config.profiles import EXTENDS, merge_all, profile_names, read_overlays
from bioner.config.promotion import Promotion
from bioner.config.protocols import Protocol
from bioner.config.review import Pinned, Review

__all__ = [
    "EXTENDS",
    "FORMATS",
    "IDENTIFIERS",
    "SPLITS",
    "TABLES",
    "Corpus",
    "Curate",
    "EarlyStopping",
    "Engine",
    "Format",
    "GlinerPhase",
    "Identifier",
    "LabelSampling",
    "OnError",
    "OwnErrors",
    "Params",
    "Pinned",
    "Promotion",
    "Protocol",
    "Registered",
    "Review",
    "Selector",
    "Split",
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
