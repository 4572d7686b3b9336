"""The command that tells a plant something."""

import asyncio
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

import typer
from rich.table import Table

from ..client import commands
from ..client.client import Client
from ..exceptions import CommunicationError, WriteNotPermitted
from ..model.devices.ems import Ems
from ..model.inverter import SinglePhaseInverter
from ..model.inverter_threephase import ThreePhaseInverter
from ..model.register import HR
from ..model.register_model import RegisterModel, Requests
from ..write_report import WriteReport
from .arguments import NUMBER, parse, placeholder
from .console import Misuse, Outcome, as_json, complain, screen, waiting
from .target import PORT, Factor, Host, Layout, Port, Where

type Function = Callable[..., Requests]

_DEVICES: tuple[type[RegisterModel], ...] = (SinglePhaseInverter, ThreePhaseInverter, Ems)
_VERBS = ("set_", "reset_", "disable_")
_PLANT_KNOWS = "slot_map"


@dataclass(frozen=True, slots=True)
class Command:
    """Something a plant can be told."""

    name: str
    function: Function
    parameters: tuple[inspect.Parameter, ...]

    @classmethod
    def of(cls, name: str, function: Function) -> Self:
        """Return the command a function is."""
        signature = inspect.signature(function, eval_str=True)
        own = (it for it in signature.parameters.values() if it.name not in ("self", _PLANT_KNOWS))
        return cls(name, function, tuple(own))

    @property
    def usage(self) -> str:
        """What to type for it."""
        words = []
        for parameter in self.parameters:
            word = placeholder(parameter.annotation)
            word = parameter.name.upper() if word == NUMBER else word
            words.append(word if parameter.default is parameter.empty else f"[{word}]")
        return " ".join([self.name.removeprefix("set_"), *words])

    @property
    def description(self) -> str:
        """What it does, in a line."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0].replace("``", "")

    def parsed(self, texts: Sequence[str]) -> list[Any]:
        """Return what was typed as arguments; Misuse where it is none."""
        required = sum(it.default is it.empty for it in self.parameters)
        if not required <= len(texts) <= len(self.parameters):
            raise Misuse(f"it goes: {self.usage}")
        values = []
        for text, parameter in zip(texts, self.parameters, strict=False):
            try:
                values.append(parse(text, parameter.annotation))
            except ValueError as err:
                raise Misuse(f"{parameter.name}: {err}") from err
        return values

    def for_plant(self, client: Client) -> Function:
        """Return the function on the device that takes commands; WriteNotPermitted if none."""
        plant = client.plant
        target = plant.inverter if plant.ems is None else plant.ems
        function: Function | None = getattr(target, self.name, None)
        if function is None and not any(hasattr(it, self.name) for it in _DEVICES):
            function = self.function
        if function is None:
            raise WriteNotPermitted(f"this plant does not take {self.name}")
        return function


def _every() -> Iterator[tuple[str, Function]]:
    for device in _DEVICES:
        for name in dir(device):
            function = getattr(device, name)
            if name.startswith(_VERBS) and callable(function):
                yield name, function
    for name in commands.__all__:
        if not name.endswith("_3ph"):
            yield name, getattr(commands, name)


def _known() -> Mapping[str, Command]:
    known: dict[str, Command] = {}
    for name, function in _every():
        if not hasattr(function, "__deprecated__"):
            known.setdefault(name, Command.of(name, function))
    return dict(sorted(known.items()))


COMMANDS = _known()
"""Every command by its name, as methods first."""


def find(name: str) -> Command:
    """Return a command by its name, with or without ``set_``; Misuse if there is none."""
    plain = name.lower().replace("-", "_")
    for candidate in (plain, f"set_{plain}"):
        if candidate in COMMANDS:
            return COMMANDS[candidate]
    raise Misuse(f"there is no {name!r}; set --list shows what there is")


def listed(*, chosen: bool) -> None:
    """Show every command there is, and end."""
    if not chosen:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("Command", overflow="fold")
    table.add_column("What it does")
    for command in COMMANDS.values():
        table.add_row(command.usage.replace("[", r"\["), command.description)
    screen.print(table)
    raise typer.Exit


def set_(
    command: Annotated[
        str, typer.Argument(metavar="COMMAND", show_default=False, help="As --list names it.")
    ],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[ARGS]...", help="Its values, in order.")
    ] = None,
    host: Host = None,
    port: Port = PORT,
    layout: Layout = None,
    patience: Factor = 1.0,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be written.")
    ] = False,
    always: Annotated[
        bool, typer.Option("--always", help="Write values too that are set already.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    _list: Annotated[
        bool,
        typer.Option(
            "--list",
            is_eager=True,
            callback=lambda value: listed(chosen=value),
            help="Show every command, and end.",
        ),
    ] = False,
) -> None:
    """Tell the plant something, and read back whether it took it.

    Values are numbers, on or off, names, times (07:30) or slots (00:30-04:30); none
    clears a slot. What is set already is not written again.
    """
    order = find(command)
    values = order.parsed(arguments or [])
    where = Where.at(host, port, layout, patience)
    asyncio.run(_set(where, order, values, dry_run=dry_run, always=always, json=json))


async def _set(
    where: Where, command: Command, values: list[Any], *, dry_run: bool, always: bool, json: bool
) -> None:
    async with where.found() as client:
        try:
            requests = command.for_plant(client)(*values)
        except WriteNotPermitted:
            raise
        except ValueError as err:
            raise Misuse(str(err)) from err
        if dry_run:
            await client.one_shot_command(requests, dry_run=True)
            planned = [(it.register, it.value, "would be written") for it in requests]
            _tell(client, planned, json=json)
            return
        try:
            with waiting("Writing"):
                report = await client.one_shot_command(
                    requests, only_changes=not always, verify=True
                )
        except CommunicationError as err:
            if err.report is not None:
                _tell(client, _outcomes(err.report), json=json)
            raise
        _tell(client, _outcomes(report), json=json)
        if report.clamped:
            complain("the plant did not take the value as it was given")
            raise typer.Exit(Outcome.FAILED)


def _outcomes(report: WriteReport) -> Iterator[tuple[int, int, str]]:
    """Yield each register with what it was to be set to, and what came of it."""
    reported = {it.register: it.reported for it in report.clamped}
    for register, value in report.skipped:
        yield register, value, "is so already"
    for register, value in report.written:
        shown = reported.get(register)
        yield register, value, "written" if shown is None else f"taken as {shown}"
    for register, value in report.refused:
        yield register, value, "refused"


def _tell(client: Client, outcomes: Iterable[tuple[int, int, str]], *, json: bool) -> None:
    target = client.plant.inverter if client.plant.ems is None else client.plant.ems
    fields = target.register_fields.values()
    rows = [
        (register, next((it.name for it in fields if _is_set_at(it, register)), ""), value, outcome)
        for register, value, outcome in outcomes
    ]
    if json:
        keys = ("register", "setting", "value", "outcome")
        as_json({"registers": [dict(zip(keys, row, strict=True)) for row in rows]})
        return
    table = Table("Register", "Setting", "Word", "")
    for register, setting, value, outcome in rows:
        table.add_row(str(HR(register)), setting, str(value), outcome)
    screen.print(table)


def _is_set_at(field: Any, register: int) -> bool:
    return field.writable is not None and HR(register) in field.registers
