"""Where an archive is: the URL of a DICOMweb service, or ``AET@host:port`` of a DICOM node."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from SynthCore.errors import InputError

EXAMPLES = "https://archive.example/dicom-web or ARCHIVE@archive.example:104"

_NO_ADDRESS = f"That is no address of an archive; write {EXAMPLES}."

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
    def name(self) -> str:
        """The host alone."""
        return urlsplit(self.url).hostname or ""

    @property
    def encrypted(self) -> bool:
        """Whether what is sent cannot be read on its way, or does not leave this machine."""
        return self.url.startswith("https:") or is_loopback(self.name)


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
        If it is neither form, or holds a password. What may be one is not repeated.
    """
    text = text.strip()
    if "://" in text:
        return _web(text)
    title, at, place = text.rpartition("@")
    if not at or ":" in title:
        raise InputError(_NO_ADDRESS)
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
    parts = _split(text)
    if parts.scheme not in ("http", "https") or not _is_host(parts) or _port(parts) == 0:
        raise InputError(_NO_ADDRESS)
    if parts.username or parts.password:
        raise InputError(
            "The archive's address holds a user or a password; leave them out of it and set "
            "SYNTHCORE_ARCHIVE_USER and SYNTHCORE_ARCHIVE_PASSWORD."
        )
    if parts.query or parts.fragment:
        raise InputError("The archive's address has something after ? or #; let it end before.")
    return WebAddress(f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/"))


def _node(title: str, place: str) -> NodeAddress:
    parts = _split(f"//{place}")
    port = _port(parts)
    if not _is_host(parts) or not port or parts.path or parts.query or parts.username:
        raise InputError(_NO_ADDRESS)
    return NodeAddress(check_title(title), str(parts.hostname), port)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise InputError(_NO_ADDRESS) from error


def _is_host(parts: SplitResult) -> bool:
    return bool(parts.hostname) and not re.search(r"\s", parts.netloc)


def _port(parts: SplitResult) -> int | None:
    """0 where it is no port."""
    try:
        return parts.port
    except ValueError:
        return 0
