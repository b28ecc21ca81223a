"""HTTP to an endpoint: one request, one answer of bounded size and time, and what goes wrong as an error of ours."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import NoReturn, Self

import aiohttp
from pydantic import SecretStr

from bioner.config.teacher import Endpoint
from bioner.errors import ModelError
from bioner.teacher.chat import RequestError
from bioner.teacher.endpoint_status import judge_status

_BLOCK = 1 << 16


class Connection:
    """A pool of connections, as an asynchronous context manager; no cookies, no redirects, no proxies.

    Args:
        settings: where the endpoint is, and the limits.
        key: what it asks for as a bearer token, if anything.
    """

    def __init__(self, settings: Endpoint, key: SecretStr | None) -> None:
        self._settings = settings
        self._key = key
        self._url = settings.url.rstrip("/")

    async def __aenter__(self) -> Self:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "bioner"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        limits = self._settings.limits
        self._session = aiohttp.ClientSession(
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=limits.timeout),
            connector=aiohttp.TCPConnector(limit=limits.concurrency),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._session.close()

    async def send(self, method: str, path: str, payload: bytes | None = None) -> bytes:
        """The body of the answer.

        Args:
            path: what comes after the address of the endpoint.
            payload: JSON.

        Raises:
            RequestError: there is none, or none of success; other requests may get one.
            ModelError: no request can succeed.
        """
        headers = {"Content-Type": "application/json"} if payload is not None else None
        url = self._url + path
        try:
            async with self._session.request(method, url, data=payload, headers=headers, allow_redirects=False) as got:
                body = await self._read(got)
                status, answered = got.status, got.headers
        except TimeoutError:
            raise RequestError("timed out", passing=True, down=True) from None
        except aiohttp.ClientPayloadError:
            raise RequestError("half an answer", passing=True, down=True) from None
        except (aiohttp.ClientSSLError, ssl.SSLError):
            mend = "give the name that the certificate is for, and trust who signed it (SSL_CERT_FILE)"
            raise ModelError("the endpoint's certificate is not accepted", where=self._url, mend=mend) from None
        except (aiohttp.ClientError, OSError):  # what they say can hold headers
            raise RequestError("no connection", passing=True, down=True) from None
        if not 200 <= status < 300:
            self._refuse(status, answered, body, path)
        return body

    def _refuse(self, status: int, headers: Mapping[str, str], body: bytes, path: str) -> NoReturn:
        if self._key is not None:  # some say the key that they refuse
            body = body.replace(self._key.get_secret_value().encode(), b"***")
        raise judge_status(status, headers, body, self._settings, asks_model=path != "/models")

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for block in response.content.iter_chunked(_BLOCK):
            body += block
            if len(body) > self._settings.limits.max_bytes:
                raise RequestError("an answer of too many bytes")
        return bytes(body)
