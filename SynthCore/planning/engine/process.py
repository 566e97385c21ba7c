"""The engine's process: started, listened to, cancelled and ended with everything it started."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psutil

from SynthCore.errors import ComputationError, OutOfMemoryError
from SynthCore.request import Cancelled, Progress, stop_if

CHILD = Path(__file__).with_name("child.py")
POLL_S = 0.1
MOST_LINE = 10_000
"""Characters of one report; more is no report."""

LONGEST_END_S = 10.0
"""How long the end of what was killed is waited for."""

NO_MEMORY = (
    "The dose engine ran out of memory: choose a coarser dose grid (--dose-spacing), or close "
    "other programs."
)


def run_child(
    python: Path,
    folder: Path,
    *,
    name: str = "dose",
    memory_mb: int | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> None:
    """Let the engine answer the request in a folder.

    Parameters
    ----------
    python : Path
        The engine's interpreter.
    folder : Path
        As `SynthCore.planning.engine.request.write_request` filled it.
    name : str
        Of what is computed, for the stage that is told.
    memory_mb : int, optional
        A process that holds more is ended.

    Raises
    ------
    CancelledError
        If `cancelled` said so: the process and all it started have ended by then.
    OutOfMemoryError
        If memory ran out.
    ComputationError
        If it failed or crashed.
    """
    done = False
    with started([str(python), "-I", str(CHILD), str(folder)]) as process:
        lines = _listen(process.stdout)
        while True:
            stop_if(cancelled)
            if memory_mb is not None and held_mb(process.pid) > memory_mb:
                raise OutOfMemoryError(NO_MEMORY)
            try:
                line = lines.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if line is None:
                break
            message = _message(line)
            if "error" in message:
                _raise(message)
            done = done or bool(message.get("done"))
            if progress is not None and "fraction" in message:
                progress(*_told(message, name))
        code = process.wait(timeout=30)
    if done and code == 0:
        return
    # the system ends what takes too much memory without a word
    if code in (-9, 137):
        raise OutOfMemoryError(NO_MEMORY)
    raise ComputationError(
        f"The dose engine ended without a result (exit code {code}): run "
        "`synthcore dose-engine install --again`, and the check again."
    )


@contextmanager
def started(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process with pipes; at the end it and all it started are gone, whatever happened.

    Raises
    ------
    ComputationError
        If it cannot be started.
    """
    environment = {
        name: value for name, value in os.environ.items()
        # of this interpreter, and none of the engine's business
        if name not in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    }  # fmt: skip
    try:
        process = subprocess.Popen(  # noqa: S603 (a list, no shell)
            list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=environment, start_new_session=os.name == "posix",
            creationflags=_creation_flags(),
        )  # fmt: skip
    except OSError as error:
        raise ComputationError(
            "The dose engine could not be started: run `synthcore dose-engine install --again`."
        ) from error
    try:
        yield process
    finally:
        end_tree(process)


def end_tree(process: subprocess.Popen[bytes]) -> None:
    """End a process and everything it started, and reap it."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    if process.poll() is None:
        with contextlib.suppress(OSError):
            process.kill()
    if sys.platform != "win32":
        # its own session: grandchildren that lost their parent are still in the group
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    for one in family:
        with contextlib.suppress(psutil.Error):
            one.kill()
    _wait_for(family)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=LONGEST_END_S)


def _wait_for(family: Sequence[psutil.Process]) -> None:
    """Until all have ended: a kill is a request, and what it ends goes a moment later."""
    until = time.monotonic() + LONGEST_END_S
    while any(map(_runs, family)) and time.monotonic() < until:
        time.sleep(0.01)


def _runs(process: psutil.Process) -> bool:
    try:
        # not is_running alone: a zombie waits for whoever adopted it, and holds nothing
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def held_mb(pid: int) -> float:
    """Memory that a process holds now; 0 where it has ended."""
    try:
        return float(psutil.Process(pid).memory_info().rss) / 2**20
    except psutil.Error:
        return 0.0


def run_quietly(
    command: Sequence[str], otherwise: str, longest_s: float, cancelled: Cancelled | None
) -> None:
    """Run a command to its end and say nothing of what it prints.

    Raises
    ------
    ComputationError
        With the sentence `otherwise`, if it fails or takes longer.
    CancelledError
        If `cancelled` said so.
    """
    until = time.monotonic() + longest_s
    with started(command) as process:
        lines = _listen(process.stdout)
        while process.poll() is None:
            stop_if(cancelled)
            if time.monotonic() > until:
                raise ComputationError(otherwise)
            with contextlib.suppress(queue.Empty):
                lines.get(timeout=POLL_S)
        if process.returncode:
            raise ComputationError(otherwise)


def _listen(stream: IO[bytes] | None) -> queue.Queue[bytes | None]:
    lines: queue.Queue[bytes | None] = queue.Queue()

    def read() -> None:
        with contextlib.suppress(OSError, ValueError):
            while stream is not None and (line := stream.readline(MOST_LINE)):
                lines.put(line)
        lines.put(None)

    threading.Thread(target=read, name="dose-engine", daemon=True).start()
    return lines


def _message(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _told(message: dict[str, Any], name: str) -> tuple[float, str]:
    fraction = min(max(float(message["fraction"]), 0.0), 1.0)
    left = message.get("seconds_left")
    words = f"{name}, {str(message.get('stage', ''))[:80]}"
    return fraction, words if left is None else f"{words} ({float(left):.0f} s of dose left)"


def _raise(message: dict[str, Any]) -> None:
    if message.get("kind") == "memory":
        raise OutOfMemoryError(NO_MEMORY)
    if message.get("kind") == "input":
        raise ComputationError(str(message["error"])[:300])
    kind = str(message["error"]).partition(":")[0][:60]
    raise ComputationError(
        f"The dose engine failed with {kind}: the target may be out of every beam's reach; choose "
        "other beams or another target."
    )


def _creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0
