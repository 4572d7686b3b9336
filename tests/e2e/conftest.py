"""A real Home Assistant, a simulated plant in its network, and a browser in front of it."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
import pytest_socket
from givenergy_modbus.simulator import Simulator, profile

from scripts.browser import browsing
from scripts.energy import Hour, simulate_hours
from scripts.home_assistant import HomeAssistant
from tests.e2e.steps import add_by_clicking

ZONE = ZoneInfo("Europe/London")
CLOCK_IS_OFF_BY = 600

WAITING_CONNECTIONS = 4
"""More than the queue of a port that accepts no connection has room for."""

module_wide = pytest_asyncio.fixture(scope="module", loop_scope="module")


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Keep Home Assistant for all tests; it is removed after the last one."""


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """Let tests reach Home Assistant and the plant on the loopback interface."""


@pytest.fixture
def port_that_times_out(_sockets: None) -> Iterator[int]:
    """Return a port whose queue is full, so that connecting to it times out."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(WAITING_CONNECTIONS):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        port: int = listening.getsockname()[1]
        yield port


@pytest.fixture(scope="module")
def now() -> datetime:
    """Return Home Assistant's time at the start."""
    pytest_socket.enable_socket()
    return datetime.now(ZONE).replace(tzinfo=None)


@pytest.fixture(scope="module")
def unstarted(now: datetime) -> Simulator:
    """Return a plant whose clock is wrong, two days before now."""
    return Simulator(
        profile("gen1_hybrid"),
        latency=0.02,
        speed=1,
        # Yesterday and something before it, also shortly before midnight.
        start=now - timedelta(days=2, hours=2),
        clock_offset=-CLOCK_IS_OFF_BY,
        clock_drift=0,
    )


@pytest.fixture(scope="module")
def past(unstarted: Simulator, now: datetime) -> list[Hour]:
    """Return the history of the plant before Home Assistant was connected."""
    return simulate_hours(unstarted, now, ZONE)


@module_wide
async def simulator(unstarted: Simulator, past: list[Hour]) -> AsyncIterator[Simulator]:
    """Run the plant."""
    async with unstarted:
        yield unstarted


@module_wide
async def home_assistant(
    tmp_path_factory: pytest.TempPathFactory, now: datetime
) -> AsyncIterator[HomeAssistant]:
    """Run a Home Assistant that knows of no plant yet."""
    async with HomeAssistant(tmp_path_factory.mktemp("home_assistant"), zone=ZONE.key) as built:
        yield built


@module_wide
async def page(home_assistant: HomeAssistant) -> AsyncIterator[Any]:
    """Open a browser, logged in."""
    async with browsing(home_assistant, 1500, 1400) as opened:
        yield opened


@module_wide
async def plant(home_assistant: HomeAssistant, simulator: Simulator, page: Any) -> str:
    """Add the plant as a person would, polled as often as can be; return its entry's id."""
    await add_by_clicking(home_assistant, page, simulator.host, simulator.port)
    entry = await home_assistant.entry()
    assert entry is not None
    entry_id: str = entry["entry_id"]
    await home_assistant.set_options(entry_id, scan_interval=10, missed_polls=1, read_only=False)
    return entry_id
