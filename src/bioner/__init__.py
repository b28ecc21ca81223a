"""BioNER Foundry: from biomedical text and a list of entity types to a registered, promoted, auditable model."""

__version__ = "0.1.0"
