"""The command as a process of its own, watched by what it tells."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from Testing.cli.studies import limb, write_nifti
from Testing.cohort.tables import BULK, NIFTI, write_table

WITHIN_S = 120.0


def four_legs(folder: Path) -> Path:
    """A table of four limbs that take a moment each."""
    folder.mkdir(parents=True)
    rows = []
    for name in "abcd":
        write_nifti(folder / f"{name}.nii.gz", limb((12, 120, 120), seed=ord(name)))
        rows.append({"id": name, "T1": f"{name}.nii.gz"})
    return write_table(folder / "t.csv", rows)


class Running:
    """A batch in a process group of its own, as a terminal starts it."""

    def __init__(self, table: Path, out: Path, *more: str) -> None:
        command = [sys.executable, "-m", "SynthCore.cli.main", "batch", "mr-to-ct", str(table)]
        self._process = subprocess.Popen(
            [*command, "--out", str(out), *BULK, *NIFTI, *more],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, text: str) -> None:
        """Return when it has told this."""
        end = time.monotonic() + WITHIN_S
        while text not in self.told:
            assert self._process.poll() is None, self.told
            assert time.monotonic() < end, self.told
            time.sleep(0.02)

    def interrupt(self) -> None:
        """Ctrl+C, which a terminal sends to the whole group."""
        os.killpg(self._process.pid, signal.SIGINT)

    def below(self) -> list[psutil.Process]:
        """Its processes, those that compute among them."""
        return list(psutil.Process(self._process.pid).children(recursive=True))

    def end(self) -> int:
        """Wait; its exit code."""
        code = self._process.wait(WITHIN_S)
        self._reader.join(WITHIN_S)
        return code

    @property
    def told(self) -> str:
        """All that it wrote on stderr so far."""
        return "".join(self._lines)

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.append(line)
