"""The archive at an address."""

from __future__ import annotations

from importlib.util import find_spec

from SynthCore.dicom.archive.address import Address, NodeAddress, check_title
from SynthCore.dicom.archive.archive import Archive
from SynthCore.errors import InputError


def connect(address: Address, own_title: str = "") -> Archive:
    """The archive there; nothing is sent before something is asked of it.

    Parameters
    ----------
    address : WebAddress or NodeAddress
        Of `parse_address`.
    own_title : str
        What this program calls itself to a DICOM node; `dimse.OWN_TITLE` where empty.

    Raises
    ------
    InputError
        If the libraries of the extra ``archive`` are not installed, or a password would cross a
        network that can be read.
    """
    library = "pynetdicom" if isinstance(address, NodeAddress) else "dicomweb_client"
    if find_spec(library) is None:
        raise InputError(
            f"An archive needs {library}; install it with: pip install 'SynthCore[archive]'"
        )
    if isinstance(address, NodeAddress):
        from SynthCore.dicom.archive.dimse import OWN_TITLE, NodeArchive

        return NodeArchive(address, check_title(own_title or OWN_TITLE))
    from SynthCore.dicom.archive.web import WebArchive

    return WebArchive(address)
