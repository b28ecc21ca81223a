"""Where the playground listens: on loopback, and nowhere else."""

from __future__ import annotations

import pytest

from bioner.errors import ConfigError
from bioner.playground.server import check_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_is_taken(host: str) -> None:
    check_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", "", "127.0.0.1.example.org"])
def test_any_other_address_is_refused_even_with_a_token(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIONER_SERVE_TOKEN", "secret")
    with pytest.raises(ConfigError, match="anybody") as caught:
        check_loopback(host)
    assert "proxy" in caught.value.mend
