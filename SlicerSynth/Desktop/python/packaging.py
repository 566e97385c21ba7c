"""`slicer.packaging`: packages for the Python that runs the window.

The window's environment is complete when it starts, so that nothing is installed from here: a
missing package is named instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any


def pip_check(req: Any, _seen: set[str] | None = None) -> bool:
    """Whether one requirement, or each of several, is met by what is installed."""
    from packaging.requirements import Requirement

    requirements = [req] if isinstance(req, str) else list(req)
    for text in requirements:
        wanted = Requirement(str(text))
        try:
            if not wanted.specifier.contains(version(wanted.name), prereleases=True):
                return False
        except PackageNotFoundError:
            return False
    return True


def pip_install(
    requirements: str | Sequence[str],
    constraints: Any = None,
    no_deps_requirements: Any = None,
    skip_packages: Any = None,
    blocking: bool = True,
    show_progress: bool = True,
    requester: str | None = None,
    parent: Any = None,
    logCallback: Callable[..., Any] | None = None,
    completedCallback: Callable[..., Any] | None = None,
) -> None:
    """Refuse, and say what is missing: the set-up of the window installs everything at once."""
    raise RuntimeError(
        "The window installs no packages while it runs: run ./scripts/setup again "
        f"for {requirements}."
    )


def pip_ensure(
    requirements: str | Sequence[str],
    constraints: Any = None,
    skip_packages: Any = None,
    prompt_install: bool = True,
    prompt_restart: bool = True,
    requester: str | None = None,
    skip_in_testing: bool = True,
    show_progress: bool = True,
) -> None:
    """Nothing where all is there; otherwise say what is missing."""
    if not pip_check(requirements):
        pip_install(requirements)


def isPipInstallInProgress() -> bool:
    """Never: see `pip_install`."""
    return False
