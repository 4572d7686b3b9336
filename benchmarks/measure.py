"""What is measured, one function for every table."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, override

from givenergy_modbus.model.topology import candidate_blocks
from givenergy_modbus.simulator import Simulator

from .plants import Sample
from .sides import Side, Undone

GAP = 0.25
"""Seconds between two frames, as both sides keep them by default."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured, on every side."""

    what: str
    unit: str
    sides: tuple[float | None, ...]
    """Ours first; None where a side could not do it."""
    floor: float | None = None
    """What it cannot do better than."""
    note: str = ""
    more_is_better: bool = False
    compared: bool = True

    @property
    def ratio(self) -> float | None:
        """How many times better ours is, None where there is nothing to compare with."""
        if not self.compared or len(self.sides) < 2 or not all(self.sides):
            return None
        ours, theirs = self.sides[:2]
        assert ours is not None
        assert theirs is not None
        return ours / theirs if self.more_is_better else theirs / ours

    @property
    def over_floor(self) -> float | None:
        """How far ours is above the floor, as a share of it."""
        ours = self.sides[0]
        return None if not self.floor or ours is None else ours / self.floor - 1


async def on_each(sides: Sequence[Side], work: str, **task: Any) -> list[dict[str, Any]]:
    """Return what each side came to, one after the other; nothing where it could not."""
    answers = []
    for side in sides:
        try:
            answers.append(await side.does(work, **task))
        except Undone as err:
            print(f"  {err}", flush=True)
            answers.append({})
    return answers


def figures(answers: Sequence[dict[str, Any]], key: str, factor: float = 1.0) -> tuple[Any, ...]:
    """Return one figure of every side."""
    return tuple(
        response[key] * factor if response.get(key) is not None else None for response in answers
    )


async def decoding(sides: Sequence[Side], samples: dict[str, Sample]) -> AsyncIterator[Figure]:
    """Measure what needs no network."""
    for name, sample in samples.items():
        answers = await on_each(sides, "frames", **sample.task, repeats=4000 // len(sample.frames))
        yield Figure(
            f"frames, {name}",
            "1/s",
            figures(answers, "frames_per_second"),
            more_is_better=True,
        )
    for name, sample in samples.items():
        answers = await on_each(sides, "decode", **sample.task, repeats=30)
        devices, fields = answers[0].get("devices"), answers[0].get("fields")
        yield Figure(
            f"whole plant, {name}",
            "ms",
            figures(answers, "seconds", 1000),
            note=f"{devices} devices, {fields} values",
        )


async def network(
    sides: Sequence[Side], name: str, sample: Sample, latency: float, *, detect: bool
) -> AsyncIterator[Figure]:
    """Measure detection and polls of one plant that answers after so many seconds."""
    capabilities = sample.capabilities
    async with Simulator(name, latency=latency, heartbeat=0) as simulator:
        where = {"host": simulator.host, "port": simulator.port, "gap": GAP}
        if detect:
            answers, asked = [], []
            for side in sides:
                before = len(simulator.requests)
                answers += await on_each([side], "cold", **where, deferred=False)
                asked.append(len(simulator.requests) - before)
            note = f"{' / '.join(map(str, asked))} questions"
            if any(_layout(response) != _layout(answers[0]) for response in answers):
                note += "; layouts differ"
            yield Figure("cold detect", "s", figures(answers, "cold"), note=note)
            if further := len(list(candidate_blocks(capabilities))):
                deferred = await on_each(sides[:1], "cold", **where, deferred=True)
                yield Figure(
                    "cold detect, optional blocks later",
                    "s",
                    figures([*deferred, *answers[1:]], "cold"),
                    note=f"as in Home Assistant; later: {further} that only some firmware serves",
                )
        task = {**where, "capabilities": capabilities.to_dict(), "polls": 3}
        answers = await on_each(sides, "known", **task)
        yield Figure("hinted detect", "s", figures(answers, "hinted"))
        for key, plan in (
            ("load_config", capabilities.config_plan),
            ("refresh", capabilities.measurement_plan),
        ):
            yield Figure(
                key,
                "s",
                figures(answers, key),
                floor=len(plan) * max(latency, GAP),
                note=f"{len(plan)} reads",
            )


async def endurance(
    sides: Sequence[Side], name: str, sample: Sample, polls: Sequence[int]
) -> list[Figure]:
    """Measure what many polls without a pause leave behind, after each number of them."""
    answers = []
    for side in sides:
        async with Simulator(name, latency=0, heartbeat=0, check_crc=False) as simulator:
            # It keeps what it was asked for tests to look at; here that would only grow.
            simulator.requests = Forgetful()
            task = {"host": simulator.host, "port": simulator.port, "gap": 0.0}
            task |= {"capabilities": sample.capabilities.to_dict(), "polls": polls}
            answers += await on_each([side], "polls", **task)
    grown = [
        Figure(
            f"memory after {count:,} more polls",
            "KiB",
            figures(answers, f"grown_kib_{count}"),
            compared=False,
        )
        for count in polls
    ]
    return [
        *grown,
        Figure(
            f"objects after {polls[-1]:,} more polls",
            "",
            figures(answers, "more_objects"),
            compared=False,
        ),
        Figure("memory in all", "KiB", figures(answers, "resident_kib"), compared=False),
        Figure("one poll, every value looked at", "ms", figures(answers, "seconds", 1000)),
    ]


def _layout(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the devices that were found."""
    return {key: item for key, item in answer.get("layout", {}).items() if key != "served_blocks"}


class Forgetful(list[Any]):
    """A list that keeps nothing."""

    @override
    def append(self, item: Any) -> None:
        """Let it go."""
