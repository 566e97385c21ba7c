"""``synthcore dose-engine``: install the engine that computes dose for plan checks, or see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from SynthCore.cli.console import print_json, progress_bar, say

if TYPE_CHECKING:
    from SynthCore.planning.engine.environment import Status

app = typer.Typer(
    help="The dose engine of plan-check: pyRadPlan in an environment of its own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("status")
def show(as_json: AsJson = False) -> None:
    """Say whether the engine is installed, where, and with which versions."""
    from SynthCore.planning.engine.environment import status

    _print(status(), as_json)


@app.command("install")
def install(
    again: Annotated[bool, typer.Option("--again", help="Replace one that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Download the engine with pip and put it into its own environment.

    Its folder is in the user's place for program data, or where the environment variable
    SYNTHCORE_DOSE_ENGINE says. Nothing else is changed, and nothing is downloaded at any other
    time.
    """
    from SynthCore.planning.engine import environment

    if not as_json:
        say(f"The dose engine goes into {environment.home()}.")
    with progress_bar("dose engine") as progress:
        found = environment.install(again=again, progress=progress)
    _print(found, as_json)


def _print(found: Status, as_json: bool) -> None:
    from SynthCore.planning.engine.environment import pinned

    if as_json:
        print_json({
            "folder": str(found.folder), "installed": found.installed, "current": found.current,
            "versions": list(found.versions), "pinned": list(pinned()),
        })  # fmt: skip
        return
    if not found.installed:
        say(f"The dose engine is not installed; its place is {found.folder}.")
        say("Install it with `synthcore dose-engine install`.")
        return
    how = "ready" if found.current else "of other versions: install it with --again"
    engine = next((v for v in found.versions if v.startswith("pyRadPlan")), "the dose engine")
    say(f"{engine} in {found.folder}: {how}.")
