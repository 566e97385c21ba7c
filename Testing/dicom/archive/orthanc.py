"""A real archive: Orthanc with its DICOMweb plugin, on free ports of this machine alone."""

from __future__ import annotations

import io
import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from pydicom import config
from pydicom.dataset import Dataset

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
TITLE = "ARCHIVE"


@dataclass(frozen=True)
class Orthanc:
    """An archive that runs."""

    http: int
    dicom: int

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.http}/dicom-web"

    @property
    def node(self) -> str:
        return f"{TITLE}@127.0.0.1:{self.dicom}"

    def count(self) -> int:
        """Objects that it holds, by its own interface."""
        with urlopen(f"http://127.0.0.1:{self.http}/statistics") as answer:
            return int(json.load(answer)["CountInstances"])

    def put(self, made: Dataset) -> None:
        """An object as it is, whatever DICOM says to its values, by its own interface."""
        body, before = io.BytesIO(), config.settings.writing_validation_mode
        config.settings.writing_validation_mode = config.IGNORE
        try:
            made.save_as(body, enforce_file_format=True)
        finally:
            config.settings.writing_validation_mode = before
        place = f"http://127.0.0.1:{self.http}/instances"
        with urlopen(Request(place, data=body.getvalue(), method="POST")) as answer:
            assert answer.status == 200


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def orthanc(folder: Path, **changes: Any) -> Iterator[Orthanc]:
    """Start one with an empty store and end it."""
    program = shutil.which("Orthanc")
    if program is None or not PLUGIN.is_file():
        pytest.skip("no archive to talk to: install orthanc and orthanc-dicomweb")
    folder.mkdir(parents=True, exist_ok=True)
    made = Orthanc(free_port(), free_port())
    settings: Mapping[str, Any] = {
        "Name": "test",
        "StorageDirectory": str(folder / "store"),
        "IndexDirectory": str(folder / "store"),
        "HttpPort": made.http,
        "DicomPort": made.dicom,
        "DicomAet": TITLE,
        "DicomCheckCalledAet": True,
        "RemoteAccessAllowed": False,
        "DicomCheckModalityHost": True,
        "DicomModalities": {"here": ["SYNTHCORE", "127.0.0.1", free_port()]},
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        # 1.10 has not heard of it: without this it keeps the element, and cannot be asked for it
        "Dictionary": {"0008,001c": ["CS", "SyntheticData", 1, 1]},
        **changes,
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen([program, str(folder / "orthanc.json")], stdout=log, stderr=log)
    try:
        _wait(made, process, folder / "log.txt")
        yield made
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _wait(made: Orthanc, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            with socket.create_connection(("127.0.0.1", made.http), 1):
                pass
            with socket.create_connection(("127.0.0.1", made.dicom), 1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
