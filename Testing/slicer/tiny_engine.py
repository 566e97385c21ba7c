"""A real process that speaks the protocol and misbehaves on demand; it computes nothing.

A computation waits ``seconds`` with a progress event every hundredth, then gives its volumes
back. What goes wrong is named by ``do`` in the body, or by an option of the command line.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from SynthCore import protocol
from SynthCore.protocol import VERSION, Message

STUBBORN = """
import os, signal, sys, time
for name in ("SIGTERM", "SIGINT", "SIGHUP"):
    if hasattr(signal, name):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
with open(sys.argv[1] + ".part", "w") as file:
    file.write(str(os.getpid()))
os.replace(sys.argv[1] + ".part", sys.argv[1])
time.sleep(600)
"""


class TinyEngine:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.lock = threading.Lock()
        self.cancelled: set[int] = set()

    def say(self, event: str, number: int, payload: bytes = b"", **body: object) -> None:
        with self.lock:
            protocol.write(sys.stdout.buffer, Message(event, number, body, payload))

    def serve(self) -> None:
        for message in protocol.read_all(sys.stdin.buffer):
            if message.type == "hello" and not self.options.mute:
                self.say("result", message.id, protocol=self.options.protocol, pid=os.getpid())
            elif message.type == "models":
                self.say("result", message.id, models=[])
            elif message.type == "cancel":
                if not self.options.deaf:
                    self.cancelled.add(int(message.body["request"]))
                self.say("result", message.id)
            elif message.type != "hello":
                threading.Thread(target=self.compute, args=(message,), daemon=True).start()
                if message.body.get("do") == "close stdin":
                    os.close(0)
                if message.body.get("do") in ("close stdin", "stop reading"):
                    time.sleep(600)

    def compute(self, message: Message) -> None:
        self.misbehave(message)
        if self.options.full:
            self.say("error", message.id, kind="out-of-memory", message="Memory ran out.",
                     fits=[32, 96, 64])  # fmt: skip
            return
        end = time.monotonic() + message.body.get("seconds", 0.0)
        while (left := end - time.monotonic()) > 0:
            self.say("progress", message.id, fraction=0.5, stage="wait", seconds_left=left)
            time.sleep(min(0.01, left))
            if message.id in self.cancelled:
                self.say("cancelled", message.id, message="Cancelled.")
                return
        self.say(
            "result", message.id, bytes(message.payload),
            volumes=message.body.get("volumes", []), n=message.body.get("n"),
        )  # fmt: skip

    def misbehave(self, message: Message) -> None:
        do = message.body.get("do")
        if do == "exit":
            sys.stderr.write("last words\n")
            sys.stderr.flush()
            os._exit(int(message.body["code"]))
        if do == "stop within a message":
            frame = b"".join(protocol.encode(Message("result", message.id, {}, b"x" * 100_000)))
            sys.stdout.buffer.write(frame[: message.body["bytes"]])
            sys.stdout.buffer.flush()
            os._exit(5)
        if do == "print":
            print("this is no frame at all", flush=True)
        if do == "many":
            for n in range(1000):
                self.say("progress", message.id, fraction=n / 1000, stage="count", seconds_left=0)
        if do == "close stdout":
            os.close(1)
            time.sleep(600)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--noise", action="store_true", help="print a login message first")
    parser.add_argument("--protocol", type=int, default=VERSION)
    parser.add_argument("--exit", type=int, help="end with this code before the first answer")
    parser.add_argument("--exit-unless", type=Path, help="end early until this file has 2 bytes")
    parser.add_argument("--mute", action="store_true", help="never answer hello")
    parser.add_argument("--deaf", action="store_true", help="do not stop when asked")
    parser.add_argument("--full", action="store_true", help="run out of memory each time")
    parser.add_argument("--child", help="start a child that ignores signals; its number goes here")
    options = parser.parse_args()
    if options.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if options.child:
        subprocess.Popen([sys.executable, "-c", STUBBORN, options.child])
    if options.noise:
        print("Welcome to the cluster. Maintenance is on Monday.", flush=True)
    if options.exit is not None:
        sys.exit(options.exit)
    if options.exit_unless:
        starts = options.exit_unless.read_bytes() if options.exit_unless.exists() else b""
        if len(starts) < 2:
            options.exit_unless.write_bytes(starts + b"x")
            sys.exit(1)
    TinyEngine(options).serve()


if __name__ == "__main__":
    main()
