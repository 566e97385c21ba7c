"""``synthcore``: the command line, its exit codes and its errors.

Exit codes: 0 done, 2 wrong use or unreadable input, 3 input refused by a check,
4 computation failed, 130 cancelled.
"""

from __future__ import annotations

import dataclasses
import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from itertools import pairwise
from types import FrameType
from typing import Annotated, Any

import typer

import SynthCore
from SynthCore.cli import (
    augment,
    batch,
    bench,
    commission,
    deidentify,
    demo,
    dose_engine,
    evaluate,
    fetch,
    finetune,
    gallery,
    generate,
    lesion,
    models,
    plan_check,
    readers,
    remove,
    run,
    send,
    tasks,
    teach,
    train,
    verify,
    worker,
)
from SynthCore.cli.console import NOT_CLEARED, note, print_json
from SynthCore.cli.stoppable import HANG_UP
from SynthCore.errors import InputError, SynthCoreError

CANCELLED = 130
DEBUG_VARIABLE = "SYNTHCORE_DEBUG"
"""Environment variable: set, an unexpected error prints its traceback."""

app = typer.Typer(
    name="synthcore",
    help=f"Synthesize medical images, marked as synthetic. {NOT_CLEARED}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("tasks")(tasks.tasks)
app.add_typer(models.app, name="models")
app.command("run")(run.run)
app.command("batch")(batch.batch)
app.command("lesion")(lesion.lesion)
app.command("remove")(remove.remove)
app.command("evaluate")(evaluate.evaluate)
app.command("verify")(verify.verify)
app.command("send")(send.send)
app.command("fetch")(fetch.fetch)
app.command("plan-check")(plan_check.plan_check)
app.command("commission")(commission.commission)
app.add_typer(dose_engine.app, name="dose-engine")
app.add_typer(readers.app, name="readers")
app.command("demo")(demo.demo)
app.command("generate")(generate.generate)
app.command("deidentify")(deidentify.deidentify)
app.command("teach")(teach.teach)
app.command("train")(train.train)
app.command("finetune")(finetune.finetune)
app.command("gallery")(gallery.gallery)
app.command("augment")(augment.augment)
app.command("bench")(bench.bench)
app.command("worker")(worker.worker)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"synthcore {SynthCore.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Nothing but the options every command shares."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; never lets a traceback out."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments
    signal.signal(signal.SIGTERM, _stop)
    # a closed terminal leaves nothing half-written either; nohup has it ignored
    if HANG_UP is not None and signal.getsignal(HANG_UP) != signal.SIG_IGN:
        signal.signal(HANG_UP, _stop)
    for stream in (sys.stdout, sys.stderr):
        # a pipe on Windows has no letters but the system's: a path must not fail for its name
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        _refuse_empty(arguments)
        code = app(args=arguments, standalone_mode=False)
        if code == CANCELLED:  # typer swallows the interrupt and returns this
            raise KeyboardInterrupt
        return code if isinstance(code, int) else 0
    except SynthCoreError as error:
        return _fail(str(error), error.exit_code, as_json, getattr(error, "checks", ()))
    except (typer.Abort, KeyboardInterrupt):
        return _fail("Cancelled; no result was left half-written.", CANCELLED, as_json)
    except BrokenPipeError:
        # the reader went away; Python would complain once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 4
    except Exception as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            note(str(error.format_message()))  # type: ignore[attr-defined]
            return 2
        if hasattr(error, "format_message"):  # wrong use; typer does not export the class
            told = str(error.format_message()).strip().rstrip(".").replace("Value error, ", "")
            context = getattr(error, "ctx", None)
            command = context.command_path if context is not None else "synthcore"
            return _fail(f"{told}; see `{command} --help`.", 2, as_json)
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        # the message of an unexpected error may hold a path or a header: only its type is told
        return _fail(
            f"The program met an unexpected {type(error).__name__}; set {DEBUG_VARIABLE}=1 and "
            "run again to see where.",
            4,
            as_json,
        )


def _refuse_empty(arguments: list[str]) -> None:
    """An empty path is the current folder, and comes of a variable that nobody set.

    Raises
    ------
    InputError
        If ``--out`` or the folder of ``verify`` is empty.
    """
    for before, argument in pairwise(["", *arguments]):
        if (argument == "" and before in ("--out", "verify")) or argument == "--out=":
            option = before if argument == "" else "--out"
            raise InputError(f"The path after {option} is empty; is a variable not set?")


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _fail(message: str, code: int, as_json: bool, checks: Sequence[Any] = ()) -> int:
    if as_json:
        more = {"checks": [dataclasses.asdict(check) for check in checks]} if checks else {}
        print_json({"error": message, "exit_code": code, **more})
    note(f"Error: {message}")
    return code


if __name__ == "__main__":
    sys.exit(main())
