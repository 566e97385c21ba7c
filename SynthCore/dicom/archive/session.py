"""Who asks a DICOMweb service: a user with a password, or a token, out of the environment."""

from __future__ import annotations

import os
from typing import Any

from SynthCore.dicom.archive.address import WebAddress
from SynthCore.errors import InputError

USER = "SYNTHCORE_ARCHIVE_USER"
PASSWORD = "SYNTHCORE_ARCHIVE_PASSWORD"  # noqa: S105  # the name of a variable
TOKEN = "SYNTHCORE_ARCHIVE_TOKEN"  # noqa: S105
"""Environment variables: on a command line every user of the machine could read a password."""


def open_session(address: WebAddress) -> Any:
    """A session of requests that carries the secret there is.

    Raises
    ------
    InputError
        If it would cross a network that can be read.
    """
    from requests import Session

    session = Session()
    user, token = os.environ.get(USER, ""), os.environ.get(TOKEN, "")
    if (user or token) and not address.encrypted:
        raise InputError(
            f"{USER if user else TOKEN} is set, and {address.host} is reached by http: the secret "
            "could be read on its way; use https."
        )
    if user:
        # RFC 7617's encoding; requests would take Latin-1, and stop at what that does not hold
        session.auth = (user.encode(), os.environ.get(PASSWORD, "").encode())
    elif token:
        session.auth = _bearer(token)
    return session


def _bearer(token: str) -> Any:
    def sign(request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return sign  # not a header of the session, which a redirection would carry to another host
