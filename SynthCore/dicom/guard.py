"""Turn whatever a reading library throws into one sentence a person can act on.

The messages of the libraries are left out on purpose: they may hold values of a header, and a
header may hold a name. The original error stays attached as the cause.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from SynthCore.errors import InputError, SynthCoreError

MAX_VOXELS = 2**31
"""More voxels than this are taken for a damaged header; it is 8 GiB as float32."""


_is_quiet: ContextVar[bool] = ContextVar("_is_quiet", default=False)


def _speaks(record: logging.LogRecord) -> bool:
    return not _is_quiet.get()


_LIBRARIES = (
    "pydicom", "nibabel", "pylibjpeg", "libjpeg", "openjpeg", "dicomweb_client", "pynetdicom",
    "urllib3",
)  # fmt: skip
_filtered: set[str] = set()


def _filter_loggers() -> None:
    # a filter does not hold for the loggers below, and those come with their modules
    for name in set(logging.Logger.manager.loggerDict) - _filtered:
        if name.partition(".")[0] in _LIBRARIES:
            logging.getLogger(name).addFilter(_speaks)
        _filtered.add(name)


@contextmanager
def quiet() -> Iterator[None]:
    """No warning and no log line of a reading library: pydicom's quote the values of a header."""
    _filter_loggers()
    token = _is_quiet.set(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        _is_quiet.reset(token)


@contextmanager
def guarded(what: str, trouble: str) -> Iterator[None]:
    """Run the body with third-party warnings silenced and every failure named.

    Parameters
    ----------
    what : str
        What is read, by the name the user gave it: ``scan.nii.gz``.
    trouble : str
        What to say of any other failure, with what to do: ``is damaged; copy it again``.

    Raises
    ------
    InputError
        For every exception of the body that is not SynthCore's own.
    """
    try:
        with quiet():
            yield
    except SynthCoreError:
        raise
    except MemoryError as error:
        raise InputError(f"{what} does not fit into memory; crop or resample it first.") from error
    except FileNotFoundError as error:
        raise InputError(f"{what} is not there; check the path.") from error
    except PermissionError as error:
        raise InputError(f"{what} may not be read; change its permissions.") from error
    except Exception as error:
        raise InputError(f"{what} {trouble}.") from error


def check_size(shape: tuple[int, ...], what: str) -> None:
    """Refuse an empty axis or more than `MAX_VOXELS` voxels, before anything is allocated.

    Raises
    ------
    InputError
        With the sizes the header claims.
    """
    sizes = " x ".join(str(n) for n in shape)
    if any(n < 1 for n in shape):
        raise InputError(f"{what} has an axis of no length ({sizes}); give an image with voxels.")
    total = 1
    for n in shape:
        total *= n
    if total > MAX_VOXELS:
        raise InputError(
            f"{what} claims {sizes} voxels, more than can be read; check that it is not damaged."
        )
