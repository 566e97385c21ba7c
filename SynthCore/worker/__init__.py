"""The engine behind two pipes: frames of `SynthCore.protocol` in, frames out, warm in between.

``synthcore worker`` answers ``hello``, ``models`` and ``cancel`` at once, and computes one
``preview``, ``synthesize``, ``evaluate``, ``plan-check``, ``teach``, ``lesion`` or ``remove`` at a
time, in the order they came. Because it needs nothing but two pipes, ``ssh HOST synthcore worker``
is the same engine on another machine.

Exit codes: 0 after ``shutdown`` or at the end of its input, 2 if its input is no frame,
4 if nobody reads its output any more, 130 if it was interrupted.
"""
