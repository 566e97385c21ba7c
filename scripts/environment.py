"""The set-up every script shares: a virtual environment in .venv, by the standard library only."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST, NEWEST = (3, 11), (3, 12)

TOOLS = {
    "dciodvfy": "dicom3tools",
    "dcentvfy": "dicom3tools",
    "dcmcjpeg": "dcmtk",
    "Orthanc": "orthanc",
    "plastimatch": "plastimatch",
    "Xvfb": "xvfb",
}
"""Programs the tests call, and the Debian package of each."""

PLUGINS = {"/usr/share/orthanc/plugins/libOrthancDicomWeb.so": "orthanc-dicomweb"}
"""Files that the tests' archive loads, and the Debian package of each."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
"""Any one of them opens the pages that the tests look at; Debian's package is chromium."""

LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libXrender.so.1": "libxrender1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""Libraries that PyQt5 and VTK need on Linux, and the Debian package of each."""


def setup(extras: str = "") -> None:
    """Make or renew .venv if pyproject.toml or constraints.txt changed since it was made."""
    stamp = VENV / f".ready{'-' + extras if extras else ''}"
    wanted = _fingerprint()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not _has_pip():  # none yet, or one that was interrupted while it was made
        say("Setting up .venv (once; some minutes, 2 to 3 GB, most of it in silence)")
        call([interpreter(), "-m", "venv", str(VENV)])
    package = f"{ROOT}[{extras}]" if extras else str(ROOT)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    call([*pip, "-c", str(ROOT / "constraints.txt"), "-e", package])
    stamp.write_text(wanted)


def _has_pip() -> bool:
    if not PYTHON.exists():
        return False
    asked = [str(PYTHON), "-m", "pip", "--version"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def interpreter() -> str:
    """A Python that the pinned torch has a build for."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    raise SystemExit("Error: Python 3.11 or 3.12 was not found; install one and run this again.")


def need_tools() -> None:
    """Install the Debian packages whose programs the tests call, or name them."""
    packages = {package for tool, package in TOOLS.items() if not shutil.which(tool)}
    packages |= {package for file, package in PLUGINS.items() if not Path(file).exists()}
    if not any(map(shutil.which, BROWSERS)):
        packages.add("chromium")
    _need(packages, "Some tests will be skipped: install {} to run them all.")


def need_libraries() -> None:
    """Install the Debian packages of the libraries that the window needs, or name them."""
    if sys.platform != "linux":
        return
    packages = {package for library, package in LIBRARIES.items() if not _loads(library)}
    _need(packages, "The window needs libraries that are missing: install {}.")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _need(wanted: set[str], otherwise: str) -> None:
    packages = sorted(wanted)
    if not packages:
        return
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing {', '.join(packages)}")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        call(["apt-get", "update", "-qq"], env=quiet)
        call(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=quiet)
        if "orthanc" in packages and shutil.which("systemctl"):
            # Debian starts an archive for everyone; the tests start one of their own
            disable = ["systemctl", "disable", "--now", "orthanc"]
            subprocess.run(disable, capture_output=True, check=False)
    else:
        say(otherwise.format(", ".join(packages)))


def call(command: list[str], env: dict[str, str] | None = None) -> None:
    """Run a command; its failure ends the script with its own exit code."""
    code = subprocess.call(command, env=env, stdout=sys.stderr)
    if code:
        raise SystemExit(code)


def run_to_end(command: list[str]) -> int:
    """Its exit code. Ctrl+C reaches the program as well, which ends in its own time and words."""
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _fingerprint() -> str:
    texts = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    # torch has other builds for other interpreters
    return hashlib.sha256(b"".join(texts) + sys.version.encode()).hexdigest()
