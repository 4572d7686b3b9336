"""One side's work: the same calls of the documented interface, whichever library answers to it.

Runs by itself, in the interpreter that has the library: takes what to do as JSON on standard
input and writes what it came to as JSON on standard output.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from givenergy_modbus.client.client import Client
from givenergy_modbus.exceptions import RefreshError
from givenergy_modbus.framer import ClientFramer
from givenergy_modbus.model.plant import Plant, PlantCapabilities
from givenergy_modbus.model.register_cache import parse_compact

ROUNDS = 7
"""How often something short is timed; the best counts, for others use the machine too."""

WARM_UP = 300


def best(work: Callable[[], object], repeats: int) -> float:
    """Return the least time that so many calls took, for one of them."""

    def timed() -> float:
        began = time.perf_counter()
        for _ in range(repeats):
            work()
        return (time.perf_counter() - began) / repeats

    work()
    return min(timed() for _ in range(ROUNDS))


def frames(task: dict[str, Any]) -> dict[str, Any]:
    """Time the decoding of frames, each arriving by itself."""
    stream = [bytes.fromhex(item) for item in task["frames"]]
    repeats = task["repeats"]

    async def decode() -> float:
        framer = ClientFramer()
        times = []
        for _ in range(ROUNDS):
            found = 0
            began = time.perf_counter()
            for _ in range(repeats):
                for frame in stream:
                    async for message in framer.decode(frame):
                        found += len(message.register_values) > 0
            times.append(time.perf_counter() - began)
            if found != repeats * len(stream):
                raise ValueError(f"{found} messages in {repeats * len(stream)} frames")
        return float(repeats * len(stream) / min(times))

    return {"frames_per_second": asyncio.run(decode())}


def decode(task: dict[str, Any]) -> dict[str, Any]:
    """Time the decoding of every device of a plant that has not been looked at."""
    caches = parse_compact(task["registers"])
    capabilities = PlantCapabilities.from_dict(task["capabilities"])

    def look() -> int:
        plant = Plant(capabilities=capabilities)
        plant.register_caches = caches
        return sum(1 for _ in devices(plant))

    plant = Plant(capabilities=capabilities)
    plant.register_caches = caches
    fields = sum(len(part.model_dump()) for part in devices(plant))
    return {"seconds": best(look, task["repeats"]), "devices": look(), "fields": fields}


def devices(plant: Plant) -> Iterator[Any]:
    """Yield the devices of a plant, decoded."""
    yield plant.inverter
    yield from plant.batteries
    for stack in plant.hv_stacks:
        yield stack.bcu
        yield from stack.bmus
    yield from plant.meters.values()


async def cold(task: dict[str, Any]) -> dict[str, Any]:
    """Time the detection of an unknown plant."""
    figures: dict[str, Any] = {}
    client = await connected(task)
    # Only this library can leave them for later.
    later = {"defer_optional": True} if task["deferred"] else {}
    found = await timed(figures, "cold", client.detect(**later))
    await client.close()
    return {**figures, "layout": found.to_dict()}


async def known(task: dict[str, Any]) -> dict[str, Any]:
    """Time everything that is done with a plant that is known."""
    figures: dict[str, Any] = {}
    prior = PlantCapabilities.from_dict(task["capabilities"])
    client = await connected(task)
    await timed(figures, "hinted", client.detect(prior=prior))
    await timed(figures, "load_config", client.load_config())
    for _ in range(task["polls"]):
        await timed(figures, "refresh", client.refresh())
    await client.close()
    return figures


async def connected(task: dict[str, Any]) -> Client:
    """Return a client without jitter."""
    client = Client(task["host"], task["port"], tx_message_wait=task["gap"], tx_jitter=0.0)
    await client.connect()
    return client


async def timed(figures: dict[str, Any], name: str, work: Any) -> Any:
    """Wait for something, and keep the shortest time it took under its name."""
    began = time.perf_counter()
    try:
        result = await work
    except RefreshError as err:
        result = None
        figures.setdefault("missed", []).extend(str(failure) for failure in err.failures)
    took = time.perf_counter() - began
    figures[name] = min(took, figures.get(name, took))
    return result


async def polls(task: dict[str, Any]) -> dict[str, Any]:
    """Poll often, and weigh what is left behind after so many polls and so many."""
    client = await connected(task)
    await client.detect(prior=PlantCapabilities.from_dict(task["capabilities"]))
    figures: dict[str, Any] = {}

    async def poll(times: int) -> None:
        for _ in range(times):
            await timed(figures, "shortest", client.refresh())
            for device in devices(client.plant):
                device.model_dump()

    # What is built at first sight, such as the decoders of the models, stays and does not grow.
    await poll(WARM_UP)
    before, objects = resident(), tracked()
    done, began = 0, time.perf_counter()
    for goal in task["polls"]:
        await poll(goal - done)
        done = goal
        figures["seconds"] = (time.perf_counter() - began) / done
        figures["more_objects"] = tracked() - objects
        figures[f"grown_kib_{goal}"] = resident() - before
    figures["resident_kib"] = resident()
    await client.close()
    return figures


def resident() -> int:
    """Return how much memory this process has, in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def tracked() -> int:
    """Return how many objects there are."""
    gc.collect()
    return len(gc.get_objects())


WORK: dict[str, Callable[[dict[str, Any]], Any]] = {
    "nothing": lambda _: {},
    "frames": frames,
    "decode": decode,
    "cold": lambda task: asyncio.run(cold(task)),
    "known": lambda task: asyncio.run(known(task)),
    "polls": lambda task: asyncio.run(polls(task)),
}


def library_version() -> str:
    """Return the version of the distribution that provides the library here."""
    try:
        return version("givenergy-local-modbus")
    except PackageNotFoundError:
        return version("givenergy-modbus")


def main() -> None:
    """Do the work, and return the name of the error that prevented it."""
    task = json.load(sys.stdin)
    answer: dict[str, Any] = {"version": library_version()}
    try:
        answer |= WORK[task["work"]](task)
    except Exception as err:  # noqa: BLE001
        answer["error"] = f"{type(err).__name__}: {err}"
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
