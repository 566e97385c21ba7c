"""What is said where a DICOMweb service refuses, is silent, or is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from SynthCore.dicom.archive.archive import NotSentError
from SynthCore.dicom.archive.session import PASSWORD, TOKEN, USER
from SynthCore.dicom.guard import quiet
from SynthCore.errors import ComputationError, InputError, SynthCoreError

_CLOSED = (401, 403)
_NO_SERVICE = (404, 405, 406, 415)
_REFUSALS = range(400, 500)


@contextmanager
def named_errors(host: str) -> Iterator[None]:
    """Run a request with its libraries silenced and every failure named.

    Raises
    ------
    InputError
        If the service lets nobody in without a secret.
    NotSentError
        If it was not reached, or refuses before it takes anything.
    ComputationError
        For every other failure.
    """
    from requests import HTTPError, RequestException
    from requests.exceptions import InvalidJSONError, SSLError

    try:
        with quiet():
            yield
    except SynthCoreError:
        raise
    except HTTPError as error:
        raise _refused(error, host) from error
    except SSLError as error:
        raise NotSentError(
            f"The certificate of {host} could not be verified; set REQUESTS_CA_BUNDLE to the file "
            "of the authority that signed it."
        ) from error
    except InvalidJSONError as error:
        raise _no_service(host, "answered with a page or a text") from error
    except (RequestException, OSError) as error:
        kind = NotSentError if _is_unreached(error) else ComputationError
        raise kind(
            f"The archive {host} did not answer or broke off; check its address and whether it "
            "runs."
        ) from error
    except Exception as error:  # what no DICOMweb service says is met in many ways
        raise _no_service(host, "answered with something that is no DICOMweb") from error


def _is_unreached(error: Exception) -> bool:
    """Whether no connection was made."""
    from requests.exceptions import ConnectTimeout, InvalidURL
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, ConnectTimeout | InvalidURL) or isinstance(reason, NewConnectionError)


def _refused(error: Any, host: str) -> SynthCoreError:
    status = error.response.status_code if error.response is not None else 0
    if status in _CLOSED:
        return InputError(
            f"The archive {host} does not let you in (status {status}); set {USER} and {PASSWORD}, "
            f"or {TOKEN}."
        )
    if status in _NO_SERVICE:
        return NotSentError(
            str(_no_service(host, f"has no DICOMweb service at that address (status {status})"))
        )
    kind = NotSentError if status in _REFUSALS else ComputationError
    return kind(f"The archive {host} refused (status {status}); look at its log.")


def _no_service(host: str, what: str) -> ComputationError:
    return ComputationError(
        f"{host} {what}; check the address up to its last part, such as /dicom-web."
    )
