"""The Prefect flows: thin, they submit stages to DVC, wait, and talk to the registry."""
