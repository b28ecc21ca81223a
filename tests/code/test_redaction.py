"""Secrets are taken out of what is shown, wherever they stand in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.errors import RegistryError
from bioner.redaction import without_secrets
from bioner.tracking.store import registry_errors

_WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=6, max_size=30)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://mlflow:pa$$w0rd@db:5432/mlflow failed", "postgresql://***@db:5432/mlflow failed"),
        ("https://a-token@git.example.org/x.git", "https://***@git.example.org/x.git"),
        ("two: http://a:b@x/ and s3://c:d@y", "two: http://***@x/ and s3://***@y"),
        ("http://host/path?to=someone@example.org", "http://host/path?to=someone@example.org"),
        ("write to someone@example.org", "write to someone@example.org"),
    ],
)
def test_passwords_in_addresses_are_not_shown(text: str, shown: str) -> None:
    assert without_secrets(text, {}) == shown


@given(secret=_WORDS, before=st.text(max_size=20), after=st.text(max_size=20))
def test_no_secret_of_the_environment_is_shown(secret: str, before: str, after: str) -> None:
    variables = {"MLFLOW_TRACKING_PASSWORD": secret, "PREFECT_API_AUTH_STRING": f"user:{secret}"}
    assert secret not in without_secrets(f"{before}{secret}{after}", variables)


def test_short_values_and_paths_are_no_secrets() -> None:
    variables = {"X_TOKEN": "abc", "SECRET_PLACE": "/run/secrets/x", "HOME": "not-secret"}
    text = "abc in /run/secrets/x is not-secret"
    assert without_secrets(text, variables) == text


def test_an_error_of_the_registry_shows_no_password() -> None:
    from mlflow.exceptions import MlflowException

    address = "postgresql://mlflow:pass-word@db/mlflow"  # pragma: allowlist secret
    with pytest.raises(RegistryError) as refused, registry_errors(f"the tracking store {address} cannot be used"):
        raise MlflowException(f"could not connect to {address}")
    assert str(refused.value).count("postgresql://***@db/mlflow") == 2
    assert "pass-word" not in str(refused.value)
