"""Where the service listens, and who has to show a token."""

from __future__ import annotations

import pytest

from bioner.errors import ConfigError
from bioner.serving.server import check_token, is_loopback, listen


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.1.2.3", False),
        ("example.org", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) == expected


@pytest.mark.parametrize("token", ["", " secret", "secret\n", "sécret"])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_token_that_cannot_be_one_is_refused_and_not_shown(host: str, token: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_token(host, token)
    assert "secret" not in str(caught.value)


def test_beyond_loopback_a_token_is_needed() -> None:
    check_token("127.0.0.1", None)
    check_token("0.0.0.0", "secret")
    with pytest.raises(ConfigError, match="anybody") as caught:
        check_token("0.0.0.0", None)
    assert "BIONER_SERVE_TOKEN" in caught.value.mend


def test_a_taken_port_and_a_strange_host_are_told() -> None:
    with listen("127.0.0.1", 0) as taken:
        with pytest.raises(ConfigError, match="cannot listen") as caught:
            listen("127.0.0.1", taken.getsockname()[1])
        assert "port" in caught.value.mend
    with pytest.raises(ConfigError, match="cannot listen"):
        listen("no such host", 0)
