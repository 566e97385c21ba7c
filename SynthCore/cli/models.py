"""``synthcore models``: list, show and verify models."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from SynthCore.cli.console import NOT_CLEARED, print_json, say, table
from SynthCore.errors import ModelError
from SynthCore.models.bundle import Bundle, load_network, verify_weights
from SynthCore.models.library import find_bundle, list_bundles
from SynthCore.models.methods import load_method

app = typer.Typer(help="List, show and verify models.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_models(
    task: Annotated[str | None, typer.Option(help="Only models for this task.")] = None,
    as_json: Json = False,
) -> None:
    """List the models: learned ones first."""
    bundles, problems = list_bundles(task)
    if as_json:
        print_json({"models": [_short(b) for b in bundles], "problems": list(problems)})
        return
    table(
        "Models",
        ["Model", "Task", "From", "Into", "Kind", "Made for"],
        [
            [
                b.name,
                b.card.task,
                ", ".join(b.card.inputs),
                b.card.target,
                b.card.kind,
                b.card.anatomy,
            ]
            for b in bundles
        ],
    )
    for problem in problems:
        say(problem)


@app.command("show")
def show(model: str, as_json: Json = False) -> None:
    """Show a model's card."""
    bundle = find_bundle(model)
    if as_json:
        print_json(dict(bundle.card.block) | {"version": bundle.card.version})
        return
    page = bundle.folder / "docs" / "README.md"
    if page.is_file():
        say(page.read_text(encoding="utf-8", errors="replace"))
    else:
        say(f"{bundle.name} {bundle.card.version}: {bundle.card.block.get('intended_use', '')}")
    say(NOT_CLEARED)


@app.command("verify")
def verify(
    model: Annotated[str | None, typer.Argument(help="A model; all of them by default.")] = None,
    as_json: Json = False,
) -> None:
    """Check the hash of a model's weights and that it can be loaded."""
    bundles, told = list_bundles() if model is None else ((find_bundle(model),), ())
    problems, verified = list(told), []
    for bundle in bundles:
        try:
            verify_weights(bundle)
            if bundle.card.kind == "network":
                load_network(bundle)
            else:
                load_method(bundle)
        except ModelError as error:
            problems.append(str(error))
        else:
            verified.append(bundle)
    if not as_json:
        for bundle in verified:
            sha = bundle.card.weights_sha256
            say(
                f"{bundle.name}: "
                + (f"weights match SHA-256 {sha}" if sha else "no weights, loads")
            )
    if problems:
        raise ModelError(" ".join(problems))
    if as_json:
        print_json({"verified": [_short(b) for b in verified]})


def _short(bundle: Bundle) -> dict[str, Any]:
    card = bundle.card
    return {
        "id": card.id,
        "version": card.version,
        "task": card.task,
        "inputs": list(card.inputs),
        "target": card.target,
        "kind": card.kind,
        "anatomy": card.anatomy,
        "folder": str(bundle.folder),
        "weights_sha256": card.weights_sha256,
    }
