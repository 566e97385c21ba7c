"""The first interrupt is a wish that a computation hears; the second, or one unheard, stops it."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from SynthCore.cli.stoppable import stoppable

PROGRAM = """
    import sys, time
    from SynthCore.cli import main as cli
    from SynthCore.cli.stoppable import stoppable
    from SynthCore.errors import CancelledError

    def command(args, standalone_mode):
        with stoppable() as cancelled:
            hears = {hears}
            for _ in range(1000):
                if hears and cancelled():
                    raise CancelledError("Cancelled; the same command goes on.")
                print("step", flush=True)
                time.sleep(0.02)

    cli.app = command
    sys.exit(cli.main([]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize(
    ("hears", "said"), [(True, "the same command goes on"), (False, "no result was left")]
)
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal(hears: bool, said: str, name: str, tmp_path: Path) -> None:
    number = getattr(signal, name)
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM.format(hears=hears)), encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(number, signal.default_int_handler),
    )  # fmt: skip
    assert running.stdout is not None
    for _ in range(3):
        assert running.stdout.readline() == "step\n"
    running.send_signal(number)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said in told


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
def test_a_program_started_by_nohup_goes_on_when_its_terminal_is_closed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM.format(hears=True)), encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    assert running.stdout is not None
    for n in range(40):
        assert running.stdout.readline() == "step\n"
        if n == 2:
            running.send_signal(signal.SIGHUP)
    running.terminate()
    _, told = running.communicate(timeout=60)
    assert "the same command goes on" in told  # of the second, not of the first


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends a process there")
def test_the_second_interrupts_and_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), stoppable() as cancelled:
        assert not cancelled()
        # to this thread: one sent to the process may reach another of its threads, and later
        signal.raise_signal(signal.SIGINT)
        assert cancelled()
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
