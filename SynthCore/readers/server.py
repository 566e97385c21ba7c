"""A study served to one reader on this computer, and to nobody else.

The server binds a loopback address only. Its address holds a random token, without which nothing
is given; requests under another host's name (DNS rebinding) or from another page are refused. It
serves four things and no file: the page, the state, the slices of an item, and what comes back.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from SynthCore.errors import InputError, SynthCoreError
from SynthCore.readers.answer_log import AnswerLog
from SynthCore.readers.page import items_of, policy, render_page, told
from SynthCore.readers.study import Study, Truths

LOOPBACK = ("127.0.0.1", "localhost")
MOST_POSTED = 8192
"""Bytes of a request's body: an answer with the longest comment is a third of it."""

SECONDS_WAITED = 20
"""For a request that has begun."""


class ReaderServer(ThreadingHTTPServer):
    """Serves one study to one reader.

    Parameters
    ----------
    study : Study
        What is read.
    log : AnswerLog
        Where answers go.
    key : mapping, optional
        The truth: given, the page teaches, and each is told after its answer.
    host : str
        A loopback address.
    port : int
        0 for a free one.

    Raises
    ------
    InputError
        If the address is not loopback, or the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = False

    def __init__(
        self,
        study: Study,
        log: AnswerLog,
        *,
        key: Mapping[str, Truths] | None = None,
        host: str = LOOPBACK[0],
        port: int = 0,
    ) -> None:
        if host not in LOOPBACK:
            raise InputError(
                f"The host {host[:60]!r} is not this computer's own: a study is served on "
                "127.0.0.1 only; hand out a page instead (synthcore readers page)."
            )
        self.study, self.log, self.key = study, log, key
        self.token = secrets.token_urlsafe(24)
        try:
            super().__init__((LOOPBACK[0], port), _Handler)
        except (OSError, OverflowError) as error:
            raise InputError(
                f"The port {port} cannot be used; give another, or 0 for a free one."
            ) from error

    @property
    def address(self) -> str:
        """Where the page is, the token included."""
        return f"http://{LOOPBACK[0]}:{self.server_port}/{self.token}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is nobody's concern, and a log would hold the token."""


def open_server(
    study: Study,
    reader: str,
    *,
    key: Mapping[str, Truths] | None = None,
    host: str = LOOPBACK[0],
    port: int = 0,
) -> ReaderServer:
    """A server for a reader, who goes on where they stopped; with `key` it teaches.

    Raises
    ------
    InputError
        As `AnswerLog`, and if the reader was taught with this study before.
    """
    log = AnswerLog(study, reader, items_of(study, key), taught=key is not None)
    if log.taught_before:
        raise InputError(
            f"{log.reader} was taught with this study and knows the truth: blinded answers would "
            "not count; make another study for this reader."
        )
    return ReaderServer(study, log, key=key, host=host, port=port)


class _Handler(BaseHTTPRequestHandler):
    server: ReaderServer
    server_version, sys_version = "synthcore", ""
    protocol_version = "HTTP/1.1"
    timeout = SECONDS_WAITED

    def do_GET(self) -> None:
        what = self._asked()
        if what is None:
            return
        try:
            if what == "":
                page = render_page(self.server.study, key=self.server.key, served=True)
                self._send(HTTPStatus.OK, "text/html; charset=utf-8", page.encode())
            elif what == "state":
                self._json(HTTPStatus.OK, self.server.log.state())
            elif what.startswith("item/") and what[5:] in self.server.log.items:
                self._json(HTTPStatus.OK, {"slices": self.server.study.slices(what[5:])})
            else:
                self._nothing()
        except SynthCoreError as error:
            self._json(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": str(error)})

    def do_POST(self) -> None:
        what = self._asked()
        if what is None:
            return
        body = self._body()
        if body is None:
            return
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            self._json(HTTPStatus.BAD_REQUEST, {"error": "An answer is a JSON object."})
            return
        log, key = self.server.log, self.server.key
        try:
            if what == "answer":
                answer = log.add(data)
                self._json(HTTPStatus.OK, {"reveal": told(key[answer.item]) if key else None})
            elif what == "seen" and isinstance(data, dict):
                log.note_seen(data.get("item"), data.get("seconds"))
                self._json(HTTPStatus.OK, {})
            else:
                self._nothing()
        except InputError as error:
            self._json(HTTPStatus.CONFLICT, {"error": str(error)})
        except SynthCoreError as error:
            self._json(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": str(error)})

    def _asked(self) -> str | None:
        """What stands behind the token; nothing, and a refusal sent, for any other request."""
        hosts = {f"{host}:{self.server.server_port}" for host in LOOPBACK}
        origin = self.headers.get("Origin")
        if self.headers.get("Host") not in hosts or (
            origin is not None and origin not in {f"http://{host}" for host in hosts}
        ):
            self._refuse(HTTPStatus.FORBIDDEN)
            return None
        token, slash, what = self.path.removeprefix("/").partition("/")
        # bytes: a token of other letters than ASCII must be refused, not fail
        if not slash or not hmac.compare_digest(token.encode(), self.server.token.encode()):
            self._refuse(HTTPStatus.NOT_FOUND)
            return None
        return what

    def _body(self) -> bytes | None:
        kind = (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
        length = self.headers.get("Content-Length") or ""
        if kind != "application/json":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            return None
        if not length.isascii() or not length.isdigit() or len(length) > 9:
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
            return None
        if int(length) > MOST_POSTED:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        return self.rfile.read(int(length))

    def _nothing(self) -> None:
        self._refuse(HTTPStatus.NOT_FOUND)

    def _refuse(self, status: HTTPStatus) -> None:
        """Refuse, and close: what is left of the request is not read."""
        self.close_connection = True
        self._json(status, {"error": status.phrase})

    def _json(self, status: HTTPStatus, data: Mapping[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(data, ensure_ascii=True).encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Content-Security-Policy": f"{policy(served=True)}; frame-ancestors 'none'",
        }
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its parent's name)
        """Nothing: an address holds the token."""
