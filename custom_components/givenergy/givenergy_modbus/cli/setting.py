"""Implement the set command."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import typer
from rich.table import Table

from ..client import commands
from ..client.client import Client
from ..exceptions import CommunicationError, WriteNotPermitted
from ..model.devices.ems import Ems
from ..model.inverter import SinglePhaseInverter
from ..model.inverter_threephase import ThreePhaseInverter
from ..model.register import HR, RegisterField
from ..model.register_model import RegisterModel, Requests
from ..write_report import WriteReport
from .arguments import NUMBER, parse, placeholder
from .connecting import detected
from .console import ExitCode, UsageError, screen, waiting, write_error, write_json
from .options import Target

type Function = Callable[..., Requests]

_DEVICES: tuple[type[RegisterModel], ...] = (SinglePhaseInverter, ThreePhaseInverter, Ems)
_VERBS = ("set_", "reset_", "disable_")
_FROM_PLANT = "slot_map"


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its parameters."""

    name: str
    function: Function
    parameters: tuple[inspect.Parameter, ...]

    @classmethod
    def of(cls, name: str, function: Function) -> Self:
        """Return the command of a function."""
        signature = inspect.signature(function, eval_str=True)
        own = (
            parameter
            for parameter in signature.parameters.values()
            if parameter.name not in ("self", _FROM_PLANT)
        )
        return cls(name, function, tuple(own))

    @property
    def usage(self) -> str:
        """The command line."""
        words = []
        for parameter in self.parameters:
            word = placeholder(parameter.annotation)
            word = parameter.name.upper() if word == NUMBER else word
            words.append(word if parameter.default is parameter.empty else f"[{word}]")
        return " ".join([self.name.removeprefix("set_"), *words])

    @property
    def description(self) -> str:
        """What it does, in one line."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0].replace("``", "")

    def parsed(self, texts: Sequence[str]) -> list[Any]:
        """Parse the arguments. Raises UsageError for invalid ones."""
        required = sum(parameter.default is parameter.empty for parameter in self.parameters)
        if not required <= len(texts) <= len(self.parameters):
            raise UsageError(f"usage: set {self.usage}")
        values = []
        for text, parameter in zip(texts, self.parameters, strict=False):
            try:
                values.append(parse(text, parameter.annotation))
            except ValueError as err:
                raise UsageError(f"{parameter.name}: {err}") from err
        return values

    def for_plant(self, client: Client) -> Function:
        """Return the method of the plant's device. Raises WriteNotPermitted without one."""
        plant = client.plant
        target = plant.inverter if plant.ems is None else plant.ems
        function: Function | None = getattr(target, self.name, None)
        if function is None and not any(hasattr(device, self.name) for device in _DEVICES):
            function = self.function
        if function is None:
            raise WriteNotPermitted(f"{self.name} is not supported by this system")
        return function


def _command_functions() -> Iterator[tuple[str, Function]]:
    for device in _DEVICES:
        for name in dir(device):
            function = getattr(device, name)
            if name.startswith(_VERBS) and callable(function):
                yield name, function
    for name in commands.__all__:
        if not name.endswith("_3ph"):
            yield name, getattr(commands, name)


def _collect_commands() -> Mapping[str, Command]:
    known: dict[str, Command] = {}
    for name, function in _command_functions():
        if not hasattr(function, "__deprecated__"):
            known.setdefault(name, Command.of(name, function))
    return dict(sorted(known.items()))


COMMANDS = _collect_commands()
"""Every command by name; methods take precedence over functions."""


def find(name: str) -> Command:
    """Return a command by name, with or without ``set_``. Raises UsageError."""
    plain = name.lower().replace("-", "_")
    for candidate in (plain, f"set_{plain}"):
        if candidate in COMMANDS:
            return COMMANDS[candidate]
    raise UsageError(f"unknown command {name!r}: see set --list")


def list_commands() -> None:
    """Show every command."""
    table = Table(box=None, pad_edge=False)
    table.add_column("Command", overflow="fold")
    table.add_column("Description")
    for command in COMMANDS.values():
        table.add_row(command.usage.replace("[", r"\["), command.description)
    screen.print(table)


async def change(
    target: Target, command: Command, values: list[Any], *, dry_run: bool, always: bool, json: bool
) -> None:
    """Run a command on the plant and show what was written."""
    async with detected(target) as client:
        try:
            requests = command.for_plant(client)(*values)
        except WriteNotPermitted:
            raise
        except ValueError as err:
            raise UsageError(str(err)) from err
        if dry_run:
            await client.one_shot_command(requests, dry_run=True)
            planned = [(request.register, request.value, "not written") for request in requests]
            _show_outcomes(client, planned, json=json)
            return
        try:
            with waiting("Writing"):
                report = await client.one_shot_command(
                    requests, only_changes=not always, verify=True
                )
        except CommunicationError as err:
            if err.report is not None:
                _show_outcomes(client, _outcomes(err.report), json=json)
            raise
        _show_outcomes(client, _outcomes(report), json=json)
        if report.clamped:
            write_error("the inverter changed the value")
            raise typer.Exit(ExitCode.FAILED)


def _outcomes(report: WriteReport) -> Iterator[tuple[int, int, str]]:
    """Yield each register with its value and outcome."""
    reported = {setting.register: setting.reported for setting in report.clamped}
    for register, value in report.skipped:
        yield register, value, "unchanged"
    for register, value in report.written:
        shown = reported.get(register)
        yield register, value, "written" if shown is None else f"reported as {shown}"
    for register, value in report.refused:
        yield register, value, "refused"


def _show_outcomes(client: Client, outcomes: Iterable[tuple[int, int, str]], *, json: bool) -> None:
    target = client.plant.inverter if client.plant.ems is None else client.plant.ems
    fields = target.register_fields.values()
    rows = [
        (register, _field_name(fields, register), value, outcome)
        for register, value, outcome in outcomes
    ]
    if json:
        keys = ("register", "setting", "value", "outcome")
        write_json({"registers": [dict(zip(keys, row, strict=True)) for row in rows]})
        return
    table = Table("Register", "Setting", "Value", "Outcome")
    for register, setting, value, outcome in rows:
        table.add_row(str(HR(register)), setting, str(value), outcome)
    screen.print(table)


def _field_name(fields: Iterable[RegisterField], register: int) -> str:
    """Return the name of the setting in a holding register, empty if there is none."""
    return next(
        (
            field.name
            for field in fields
            if field.writable is not None and HR(register) in field.registers
        ),
        "",
    )
