"""Requests to a DICOMweb service: who asks, where they may go, how long an answer may be."""

from __future__ import annotations

import os
import re
import time
from typing import Any
from urllib.parse import urlsplit

from SynthCore.dicom.archive.address import WebAddress, is_loopback
from SynthCore.dicom.archive.archive import NotSentError
from SynthCore.errors import ComputationError, InputError

USER = "SYNTHCORE_ARCHIVE_USER"
PASSWORD = "SYNTHCORE_ARCHIVE_PASSWORD"  # noqa: S105  # the name of a variable
TOKEN = "SYNTHCORE_ARCHIVE_TOKEN"  # noqa: S105
"""Environment variables: on a command line every user of the machine could read a password."""

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

_TOKEN = re.compile(r"[\x21-\x7e]+")
"""What a header can carry; RFC 6750 allows less."""

MOST_BYTES = 2**28
"""Of an answer that is no image; metadata of 5,000 slices are some 100 MB."""

LONGEST_S = 600.0
"""That such an answer may take."""

_PIECE = 2**16


def open_session(address: WebAddress) -> Any:
    """A session of requests that carries the secret there is, to that address and no other.

    Raises
    ------
    InputError
        If it would cross a network that can be read, a token is none, or a file of certificates
        is not there.
    """
    from requests import Session

    session = Session()
    user, token = os.environ.get(USER, ""), os.environ.get(TOKEN, "")
    if token and not _TOKEN.fullmatch(token):
        raise InputError(
            f"{TOKEN} holds a space, a line end or a letter that no token has; copy it again."
        )
    if (user or token) and not address.encrypted:
        raise InputError(
            f"{USER if user else TOKEN} is set, and {address.host} is reached by http: the secret "
            "could be read on its way; use https."
        )
    if is_loopback(address.name):
        session.trust_env = False  # a proxy is another machine
    if address.url.startswith("https:"):
        session.verify = _authorities()  # which requests would not look for on this machine
    if user:
        # RFC 7617's encoding; requests would take Latin-1, and stop at what that does not hold
        session.auth = (user.encode(), os.environ.get(PASSWORD, "").encode())
    else:
        # nobody's secret instead of none, for which requests would look into ~/.netrc
        session.auth = _bearer(token) if token else _nobody
    session.hooks["response"].append(_guarded(address.host))
    return session


def _authorities() -> str | bool:
    """The file of who signs certificates, by the variables that requests looks at."""
    for name in BUNDLES:
        path = os.environ.get(name, "")
        if path and not os.access(path, os.R_OK):
            raise InputError(
                f"The file of certificates that {name} names is not there or may not be read; "
                "correct the variable."
            )
        if path:
            return path
    return True


def _nobody(request: Any) -> Any:
    return request


def _bearer(token: str) -> Any:
    def sign(request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return sign


def _guarded(host: str) -> Any:
    """What looks at every answer before it is read."""

    def look(response: Any, *_: Any, **options: Any) -> Any:
        if response.is_redirect:
            # what is sent is a patient's, and would go where nobody asked for
            raise NotSentError(f"The archive {host} sends on to another address; give that.")
        if _is_search(response.request) and _is_cut(response):
            raise ComputationError(
                f"The archive {host} gives only the first of what fits; give --study, or more of "
                "what is known."
            )
        if not options.get("stream"):
            response._content = _read(response, host)  # what requests would read without bounds
            response._content_consumed = True
        return response

    return look


def _is_search(request: Any) -> bool:
    """Whether it is one of QIDO-RS for studies or series: of others a warning says other things."""
    path = str(urlsplit(request.url).path)
    return request.method == "GET" and path.endswith(("/studies", "/series"))


def _is_cut(response: Any) -> bool:
    return str(response.headers.get("Warning", "")).startswith("299")


def _read(response: Any, host: str) -> bytes:
    kept, until = bytearray(), time.monotonic() + LONGEST_S
    for piece in response.iter_content(_PIECE):
        kept += piece
        if len(kept) > MOST_BYTES or time.monotonic() > until:
            response.close()
            raise ComputationError(f"The archive {host} does not come to an end; look at its log.")
    return bytes(kept)
