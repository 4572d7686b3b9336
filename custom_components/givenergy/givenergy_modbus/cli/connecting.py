"""Connect to a plant, and detect or load its topology."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from ..client.client import Client
from ..client.timing import Timing
from ..exceptions import PlantTopologyMismatch, ReadFailure, RefreshPartiallySucceeded
from ..model.capabilities import PlantCapabilities
from .console import UsageError, progress_bar
from .options import Target


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[Client]:
    """Connect to the target, and disconnect at the end."""
    timing = Timing().scaled(target.timeout_factor)
    async with Client(target.host, target.port, timing=timing) as client:
        yield client


@asynccontextmanager
async def detected(target: Target) -> AsyncIterator[Client]:
    """Connect to the target and detect its devices."""
    prior = read_topology(target.topology)
    async with connected(target) as client:
        await detect_devices(client, target.topology, prior)
        yield client


async def detect_devices(
    client: Client, file: Path | None, prior: PlantCapabilities | None
) -> PlantCapabilities:
    """Detect the devices, starting from ``prior`` if given, and store them in the file."""
    with progress_bar() as bar:
        task = bar.add_task("Detecting devices", total=None)
        try:
            topology = await client.detect(
                prior=prior,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        except PlantTopologyMismatch as err:
            message = f"{err.message} from {file}: use detect --rescan"
            raise PlantTopologyMismatch(message, err.prior, err.actual) from err
    if file is not None:
        _write_topology(file, topology)
    return topology


def read_topology(file: Path | None) -> PlantCapabilities | None:
    """Return the topology in a file, None if there is no such file.

    Raises UsageError for a file that is not a topology file.
    """
    if file is None or not file.exists():
        return None
    try:
        return PlantCapabilities.from_dict(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as err:
        raise UsageError(f"{file} is not a topology file: {err!r}") from err


def _write_topology(file: Path, topology: PlantCapabilities) -> None:
    file.write_text(json.dumps(topology.to_dict(), indent=2) + "\n", encoding="utf-8")


async def poll_all(*polls: Callable[[], Awaitable[object]]) -> list[ReadFailure]:
    """Run polls and return the failed reads. Raises if all reads of one poll fail."""
    failures: list[ReadFailure] = []
    for poll in polls:
        try:
            await poll()
        except RefreshPartiallySucceeded as err:
            failures += err.failures
    return failures


def format_failures(failures: Sequence[ReadFailure]) -> list[str]:
    """Return failed reads in the notation of register dumps."""
    banks = {"ReadHoldingRegistersRequest": "HR", "ReadInputRegistersRequest": "IR"}
    return [
        f"{failure.device_address:#04x}:{banks.get(failure.request_type, 'MR')}"
        f"({failure.base_register},{failure.register_count})"
        for failure in failures
    ]
