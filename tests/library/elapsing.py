"""Time that passes when a test says so, beside the time that passes anyway."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, tzinfo
from typing import override
from unittest.mock import patch

from givenergy_modbus.client import detection, polling, transport, writing

type Pass = Callable[[float], None]
"""Lets so many seconds pass."""

_TELL_THE_TIME = (detection, polling, transport, writing)


@contextmanager
def elapsing() -> Iterator[Pass]:
    """Return what moves the library's clock on."""
    elapsed = timedelta()

    class Later(datetime):
        @classmethod
        @override
        def now(cls, tz: tzinfo | None = None) -> Later:
            return cls.fromtimestamp(datetime.now(tz).timestamp(), tz) + elapsed

    def move_on(seconds: float) -> None:
        nonlocal elapsed
        elapsed += timedelta(seconds=seconds)

    with ExitStack() as stack:
        for module in _TELL_THE_TIME:
            stack.enter_context(patch.object(module, "datetime", Later))
        yield move_on
