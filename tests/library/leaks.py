"""What a test must not leave behind: tasks, futures, sockets, complaints of the event loop."""

import asyncio
import gc
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def no_leaks(*, timeout: float = 2.0) -> AsyncIterator[None]:
    """Fail if what is done in here leaves something behind, or upsets the event loop.

    The far ends of closed connections have ``timeout`` seconds to notice.
    """
    loop = asyncio.get_running_loop()
    complaints: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    # A record of what is logged keeps what it mentions, tracebacks and all.
    logging.disable()
    # Where every future comes from is of interest when one is left over, not before.
    debugging = loop.get_debug()
    loop.set_debug(False)
    tasks = asyncio.all_tasks()
    # Objects from before are of no interest, and take long to check.
    gc.freeze()
    try:
        yield
        if late := asyncio.all_tasks() - tasks:
            await asyncio.wait(late, timeout=timeout)
        # A transport lets go of its socket some turns of the loop after it was closed.
        for _ in range(5):
            await asyncio.sleep(0.001)
        gc.collect()
        left = [*(asyncio.all_tasks() - tasks), *_pending(), *complaints]
        assert not left, f"left over: {left}".lower()
    finally:
        logging.disable(logging.NOTSET)
        gc.unfreeze()
        loop.set_debug(debugging)
        loop.set_exception_handler(None)


def _pending() -> Iterator[object]:
    """Yield every future that is pending, and every socket that is open."""
    for thing in gc.get_objects():
        if isinstance(thing, asyncio.Future) and not isinstance(thing, asyncio.Task):
            if not thing.done():
                yield thing
        elif isinstance(thing, socket.socket) and thing.fileno() >= 0:
            yield thing
