"""A process together with everything it starts: made, waited for and ended as one."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence


class ProcessTree:
    """A process with pipes, in a group of its own, never left behind as a zombie.

    On POSIX the group is a new session; a process that makes itself another session is out of
    reach. On Windows the system's ``taskkill`` walks the tree.

    Parameters
    ----------
    command : sequence of str
        Program and arguments; no shell reads them.
    environment : mapping or None
        None for this process' own.
    on_exit : callable
        Called from a thread once the process has ended and is reaped.

    Raises
    ------
    OSError, ValueError
        If there is no such program.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None,
        on_exit: Callable[[], None],
    ) -> None:
        self._on_exit = on_exit
        self._lock = threading.Lock()
        self._reaped = False
        self.popen = subprocess.Popen(  # noqa: S603 (a list, no shell; the command is a setting)
            list(command),
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if environment is None else dict(environment),
            start_new_session=os.name == "posix",
            creationflags=_creation_flags(),
        )
        atexit.register(self._kill_now)
        threading.Thread(target=self._wait, name="engine-wait", daemon=True).start()

    def kill(self) -> None:
        """End the process and all it has started, at once and without waiting."""
        if sys.platform == "win32":
            # taskkill takes its time
            threading.Thread(target=self._kill_now, name="engine-kill", daemon=True).start()
        else:
            self._kill_now()

    def _kill_now(self) -> None:
        with self._lock:
            if sys.platform == "win32":
                self._kill_windows()
            else:
                self._kill_group()

    def _wait(self) -> None:
        if sys.platform == "linux":
            # seen, not yet reaped: its number cannot become another's while its group is ended
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_PID, self.popen.pid, os.WEXITED | os.WNOWAIT)
        else:
            self.popen.wait()
        with self._lock:
            self._kill_group()
            self._reaped = True
            self.popen.wait()
        atexit.unregister(self._kill_now)
        self._on_exit()

    def _kill_group(self) -> None:
        if sys.platform != "win32" and not self._reaped:
            # macOS says "not permitted" of a group that only waits to be reaped
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.popen.pid, signal.SIGKILL)

    def _kill_windows(self) -> None:
        if self._reaped:
            return
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(  # noqa: S603
                ["taskkill", "/F", "/T", "/PID", str(self.popen.pid)],  # noqa: S607
                capture_output=True,
                timeout=10,
                creationflags=_creation_flags(),
                check=False,
            )
        with contextlib.suppress(OSError):
            self.popen.kill()


def _creation_flags() -> int:
    """On Windows no console window shows, and a Ctrl+C of the parent's is not the child's."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0
