"""Giving the same work to this library and, where there is one, to another."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("side.py")


class Undone(Exception):
    """A side could not do what it was given."""


@dataclass(frozen=True, slots=True)
class Side:
    """A library, by the interpreter that has it."""

    python: str

    async def version(self) -> str:
        """Return the version it has, or raise Undone where there is no library."""
        return str((await self.does("nothing"))["version"])

    async def does(self, work: str, **task: Any) -> dict[str, Any]:
        """Return what some work came to."""
        process = await asyncio.create_subprocess_exec(
            self.python,
            "-P",
            WORKER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        output, _ = await process.communicate(json.dumps({"work": work, **task}).encode())
        if not output:
            raise Undone(f"{self.python} has no library that could be measured")
        answer: dict[str, Any] = json.loads(output)
        if "error" in answer:
            raise Undone(f"{work}: {answer['error']}")
        return answer


def sides(peer: str | None) -> list[Side]:
    """Return this library's side and, where a Python with another is named, that one's."""
    return [Side(sys.executable), *([Side(peer)] if peer else [])]
