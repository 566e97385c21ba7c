"""A DICOMweb service with faults that a good archive does not have."""

from __future__ import annotations

import io
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pydicom
from pydicom.dataset import Dataset

Change = Callable[[Dataset], Dataset | None]
"""What the service makes of an object before it keeps it; None throws it away."""


class WebService:
    """Keeps what it is sent, after a change, and tells of it.

    Of the series in `silent_of` it answers with the status `not_found`; where there is an `answer`
    (headers and body), it gives that to every GET, and closes the connection. It can answer to what
    it was sent with a `page`, say `more` in the headers of its answers, and take some `seconds` to
    tell what it holds; `asked` are the addresses of every GET.
    """

    def __init__(self, change: Change = lambda made: made, failure: int = 0) -> None:
        self.change, self.failure = change, failure
        self.silent_of: set[str] = set()
        self.not_found = 500
        self.answer: tuple[dict[str, str], bytes] | None = None
        self.page = b""
        self.more: dict[str, str] = {}
        self.seconds = 0.0
        self.asked: list[str] = []
        self.kept: list[Dataset] = []
        self.authorizations: list[str] = []
        self.url = ""

    def take(self, body: bytes) -> tuple[int, Dataset]:
        """STOW-RS of one object."""
        start = body.index(b"\r\n\r\n") + 4
        made = pydicom.dcmread(io.BytesIO(body[start : body.rindex(b"\r\n--")]))
        item, answer = Dataset(), Dataset()
        item.ReferencedSOPClassUID = made.SOPClassUID
        item.ReferencedSOPInstanceUID = made.SOPInstanceUID
        if self.failure:
            item.FailureReason = self.failure
            answer.FailedSOPSequence = [item]
            return 409, answer
        kept = self.change(made)
        if kept is not None:
            self.kept.append(kept)
        answer.ReferencedSOPSequence = [item]
        return 200, answer


@contextmanager
def web_service(
    change: Change = lambda made: made, failure: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[WebService]:
    """Such a service, on a free port."""
    service = WebService(change, failure)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            service.authorizations.append(self.headers.get("Authorization", ""))
            status, answer = service.take(self.rfile.read(int(self.headers["Content-Length"])))
            if service.page:
                self.give(200, "text/html", service.page)
            else:
                self.reply(status, answer.to_json_dict())

        def do_GET(self) -> None:
            service.asked.append(self.path)
            time.sleep(service.seconds)
            if service.answer is not None:
                self.send_response(200)
                for name, value in service.answer[0].items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(service.answer[1])
                self.close_connection = True
                return
            series = re.search(r"series/([0-9.]+)/metadata", self.path)
            if series and series.group(1) in service.silent_of:
                self.reply(service.not_found, [])
                return
            found = [m for m in service.kept if series and m.SeriesInstanceUID == series.group(1)]
            for one in found:
                one.pop("PixelData", None)
            self.reply(200, [one.to_json_dict() for one in found])

        def reply(self, status: int, answer: Any) -> None:
            self.give(status, "application/dicom+json", json.dumps(answer).encode())

        def give(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in service.more.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    service.url = f"http{'' if tls is None else 's'}://127.0.0.1:{server.server_port}/dicom-web"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
