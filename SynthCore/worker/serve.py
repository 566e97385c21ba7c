"""Read requests until there are no more; answer the quick ones, hand on the long ones."""

from __future__ import annotations

import os
import queue
import sys
import threading
from typing import BinaryIO

from SynthCore.errors import InputError
from SynthCore.protocol import Message, ProtocolError, read_all
from SynthCore.worker.computer import Computer
from SynthCore.worker.failures import event_of
from SynthCore.worker.listing import hello, models
from SynthCore.worker.outbox import Outbox

DONE, NO_FRAME, NOBODY_READS, INTERRUPTED = 0, 2, 4, 130
COMPUTED = frozenset(
    {"preview", "synthesize", "evaluate", "plan-check", "teach", "lesion", "remove"}
)

WAIT_SECONDS = 0.25
"""How long the main thread sleeps at most: Windows tells it of Ctrl-C only when it wakes."""

END_SECONDS = 2.0
"""How long a computation may take to notice that it was cancelled, when the worker ends."""


def serve(frames_in: BinaryIO, frames_out: BinaryIO) -> int:
    """Answer requests until ``shutdown`` or the end of the input; gives the exit code.

    If a computation does not stop in time, the process ends at once.
    """
    outbox = Outbox(frames_out)
    computer = Computer(outbox)
    inbox: queue.Queue[Message | int] = queue.Queue()
    threading.Thread(
        target=_read, args=(frames_in, inbox, computer, outbox), name="reader", daemon=True
    ).start()
    try:
        code = _answer_all(inbox, computer, outbox)
    except KeyboardInterrupt:
        code = INTERRUPTED
    if not computer.stop(END_SECONDS):
        os._exit(code)
    return code


def _read(
    frames_in: BinaryIO, inbox: queue.Queue[Message | int], computer: Computer, outbox: Outbox
) -> None:
    code, told = DONE, ""
    try:
        for message in read_all(frames_in):
            # at once, whatever else is being answered: a cancel must not overtake its request
            if message.type in COMPUTED:
                _compute(message, computer, outbox)
            elif message.type == "cancel":
                _cancel(message, computer, outbox)
            else:
                inbox.put(message)
            del message  # its voxels, while waiting for the next
    except ProtocolError:
        code, told = NO_FRAME, "What came in is not a message; start the worker by its client."
    except MemoryError:
        code, told = NO_FRAME, "A message is too large for the memory of this machine."
    except OSError:  # the other end is gone
        code = NOBODY_READS
    except Exception as error:  # without its reader the worker would wait for ever
        code, told = NO_FRAME, f"The reader met an unexpected {type(error).__name__}."
    if told:
        sys.stderr.write(f"Error: {told}\n")
    inbox.put(code)


def _answer_all(inbox: queue.Queue[Message | int], computer: Computer, outbox: Outbox) -> int:
    while not outbox.broken.is_set():
        try:
            message = inbox.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            continue
        if isinstance(message, int):
            return message
        if message.type == "shutdown":
            computer.stop(END_SECONDS)
            outbox.send("result", message.id, {})
            return DONE
        _answer(message, outbox)
    return NOBODY_READS


def _answer(message: Message, outbox: Outbox) -> None:
    try:
        if message.type == "hello":
            outbox.send("result", message.id, hello())
        elif message.type == "models":
            outbox.send("result", message.id, models(message.body))
        else:
            raise InputError(f"There is no request {message.type[:40]!r}.")
    except Exception as error:
        outbox.send(*_told(message, error))


def _compute(message: Message, computer: Computer, outbox: Outbox) -> None:
    if not computer.add(message):
        twice = InputError("A request of this id is under way; give each its own.")
        outbox.send(*_told(message, twice))


def _cancel(message: Message, computer: Computer, outbox: Outbox) -> None:
    number = message.body.get("request")
    if isinstance(number, int):
        computer.cancel(number)
        outbox.send("result", message.id, {})
    else:
        outbox.send(*_told(message, InputError("A cancel message names no request.")))


def _told(message: Message, error: Exception) -> tuple[str, int, dict[str, object]]:
    kind, body = event_of(error)
    return kind, message.id, body
