"""Stall the event loop at random, as a busy machine does: ``pytest -p tests.stalls``.

No test may fail for it. Use it after a change of a test that waits for something.
"""

import os
import random
from asyncio import base_events
from time import monotonic, sleep

_STALL = 0.15
"""Mean seconds of a stall."""
_PAUSE = 0.2
"""Mean seconds between two stalls."""

_sleep = sleep  # Home Assistant replaces it, to notice those that block its loop
_random = random.Random(os.environ.get("PYTEST_XDIST_WORKER"))
_run_once = base_events.BaseEventLoop._run_once  # type: ignore[attr-defined]
_next_stall = 0.0


def _stalling(loop: base_events.BaseEventLoop) -> None:
    """Run one turn of the event loop, late if a stall is due."""
    global _next_stall  # noqa: PLW0603
    if monotonic() >= _next_stall:
        _sleep(_STALL * _random.uniform(0.6, 1.4))
        _next_stall = monotonic() + _random.uniform(0, 2 * _PAUSE)
    _run_once(loop)


base_events.BaseEventLoop._run_once = _stalling  # type: ignore[attr-defined]
