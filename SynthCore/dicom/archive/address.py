"""Where an archive is: the URL of a DICOMweb service, or ``AET@host:port`` of a DICOM node."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from SynthCore.errors import InputError

EXAMPLES = "https://archive.example/dicom-web or ARCHIVE@archive.example:104"

_TITLE = re.compile(r"[\x20-\x5b\x5d-\x7e]{1,16}")
"""An application entity title (VR AE): 16 characters of ASCII, no backslash, no control."""


@dataclass(frozen=True)
class WebAddress:
    """A DICOMweb service: the URL that ``/studies`` is appended to."""

    url: str

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return urlsplit(self.url).netloc

    @property
    def encrypted(self) -> bool:
        """Whether what is sent cannot be read on its way, or does not leave this machine."""
        parts = urlsplit(self.url)
        return parts.scheme == "https" or is_loopback(parts.hostname or "")


@dataclass(frozen=True)
class NodeAddress:
    """A DICOM node: its application entity title, host and port."""

    title: str
    name: str
    port: int

    @property
    def host(self) -> str:
        """For messages."""
        return f"{self.title}@{self.name}:{self.port}"

    @property
    def encrypted(self) -> bool:
        """DIMSE is plain: only what does not leave this machine cannot be read on its way."""
        return is_loopback(self.name)


Address = WebAddress | NodeAddress


def parse_address(text: str) -> Address:
    """An archive's address as a person writes it.

    Raises
    ------
    InputError
        If it is neither form, or holds a password.
    """
    if "://" in text:
        return _web(text)
    title, at, place = text.rpartition("@")
    if not at:
        raise InputError(f"The archive {text!r} is no address; write {EXAMPLES}.")
    return _node(title, place)


def check_title(title: str) -> str:
    """An application entity title without the spaces around it.

    Raises
    ------
    InputError
        If it is empty or longer than 16 characters, or holds others than DICOM allows.
    """
    title = title.strip(" ")
    if not _TITLE.fullmatch(title):
        raise InputError(
            f"{title[:40]!r} is no application entity title: up to 16 letters, digits and signs."
        )
    return title


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _web(text: str) -> WebAddress:
    parts = _split(text, text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"The archive {text!r} is no address; write {EXAMPLES}.")
    if parts.username or parts.password:
        # not repeated: it would be in the log
        raise InputError(
            "The archive's address holds a user or a password; leave them out of it and set "
            "SYNTHCORE_ARCHIVE_USER and SYNTHCORE_ARCHIVE_PASSWORD."
        )
    if parts.query or parts.fragment:
        raise InputError(f"The archive's address {text!r} has something after ? or #; end before.")
    return WebAddress(text.rstrip("/"))


def _node(title: str, place: str) -> NodeAddress:
    parts = _split(f"//{place}", place)
    try:
        port = parts.port
    except ValueError:
        port = None
    if not parts.hostname or not port or parts.path or parts.query:
        raise InputError(f"{place!r} is not HOST:PORT of an archive; write {EXAMPLES}.")
    return NodeAddress(check_title(title), parts.hostname, port)


def _split(url: str, text: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise InputError(f"The archive {text!r} is no address; write {EXAMPLES}.") from error
