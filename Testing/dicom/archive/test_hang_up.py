"""A terminal that is closed leaves none of a patient's files behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from SynthCore.dicom.archive import connect, outgoing, parse_address, send
from Testing.dicom.archive.orthanc import Orthanc
from Testing.dicom.results import read_all

PROGRAM = """
    import sys, time
    from SynthCore.cli.main import main
    from SynthCore.dicom.archive.web import WebArchive

    brisk = WebArchive.retrieve

    def slow(self, series):
        for data in brisk(self, series):
            yield data
            time.sleep(1.0)

    WebArchive.retrieve = slow
    sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM"])
def test_a_fetch_that_is_ended_leaves_nothing(
    name: str, archive: Orthanc, series: Path, tmp_path: Path
) -> None:
    send(outgoing(series), connect(parse_address(archive.web)))
    number, place = getattr(signal, name), tmp_path / "place"
    place.mkdir()
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
    asked = ["fetch", "--from", archive.web, "--study", read_all(series)[0].StudyInstanceUID]
    running = subprocess.Popen(
        [sys.executable, str(program), *asked, "--out", str(place / "back")],
        stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )  # fmt: skip
    while not list(place.glob(".*/*/*.dcm")):
        assert running.poll() is None, running.communicate()[1]
        time.sleep(0.05)
    running.send_signal(number)
    err = running.communicate(timeout=60)[1]
    assert running.returncode == 130, err
    assert list(place.iterdir()) == []
