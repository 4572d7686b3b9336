"""Plants made from recordings, dumps and descriptions answer as those they come from."""

import json
from datetime import datetime, timedelta
from importlib import import_module as really_import
from pathlib import Path
from types import ModuleType

import pytest
from givenergy_modbus.model.models import Model
from givenergy_modbus.model.register import HR, IR
from givenergy_modbus.model.register_cache import parse_compact, to_compact
from givenergy_modbus.model.register_model import RegisterModel
from givenergy_modbus.model.topology import derive_capabilities
from givenergy_modbus.pdu import ReadRegistersResponse
from givenergy_modbus.simulator import Simulator, sources
from givenergy_modbus.simulator.device_registers import DeviceRegisters
from givenergy_modbus.simulator.plant_profile import models_at

from .raw_connection import RawConnection, hr, ir

PLANTS = Path(__file__).parents[1] / "plants"
NOON = datetime(2026, 6, 18, 12)  # noqa: DTZ001


def sheet(simulator: Simulator, address: int = 0x11) -> DeviceRegisters:
    """Return a device's words by name."""
    models: tuple[type[RegisterModel], ...] = models_at(address, simulator.profile.traits)
    return DeviceRegisters(simulator.registers[address], *models)


async def record(plant: str, path: Path, *requests: object, timed: bool = True) -> Simulator:
    """Ask a plant some questions, and log what it answers."""
    async with Simulator(plant, latency=0) as simulator, RawConnection(simulator) as line:
        for request in requests:
            await line.page(request)
        lines = ["# a comment", "2026-01-01T00:00:00+00:00 tx 5959"]
        for number, piece in enumerate(line.pieces):
            at = f"{(NOON + timedelta(seconds=number)).isoformat()} rx " if timed else "rx: "
            # A frame may be cut in two by the socket.
            lines += [at + piece[:50].hex(), at + piece[50:].hex()]
    _save(path, lines)
    return simulator


def _save(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines))


class TestRecorded:
    """Plants from logs of frames."""

    @pytest.mark.parametrize("timed", [True, False])
    async def test_what_was_recorded_is_answered(self, tmp_path: Path, timed: bool) -> None:
        log = tmp_path / "house.log"
        original = await record("gen1_hybrid", log, hr(0), ir(0), ir(60, at=0x32), timed=timed)
        async with (
            Simulator.from_capture(log, latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            assert simulator.profile.name == "house"
            assert simulator.profile.adapter_serial == original.profile.adapter_serial
            for request in (hr(0), ir(0), ir(60, at=0x32)):
                (answer,) = await line.ask(request)
                assert answer == original.bus.answer(request) or isinstance(
                    answer, ReadRegistersResponse
                )
                assert answer.register_values == original.bus.answer(request).register_values
                assert answer.inverter_serial_number == "SA2241G101"

    async def test_what_is_lacking_is_answered_as_by_the_product(self, tmp_path: Path) -> None:
        log = tmp_path / "house.log"
        await record("gen1_hybrid", log, hr(0))
        async with (
            Simulator.from_capture(log, latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            assert not any((await line.page(ir(0))).values()), "served, though never recorded"
            assert await line.ask(hr(180)) == [], "silent, as it would be"
            assert await line.page(hr(0, at=0x31)) == await line.page(hr(0))

    async def test_mirror_fills_the_inverter(self, tmp_path: Path) -> None:
        log = tmp_path / "house.log"
        original = await record("ac_coupled", log, hr(0, at=0x31), ir(0, at=0x31), ir(60, at=0x31))
        simulator = Simulator.from_capture(log)
        assert simulator.profile.model is Model.AC
        assert simulator.registers[0x11][IR(59)] == original.registers[0x11][IR(59)]
        assert set(simulator.registers[0x31]) == {IR(at) for at in range(60, 120)}
        assert not derive_capabilities(simulator.registers).lv_bcu_address

    async def test_later_answers_count_whatever_the_order_of_files(self, tmp_path: Path) -> None:
        early, late = tmp_path / "early.log", tmp_path / "late.log"
        await record("gen1_hybrid", late, hr(0), ir(0))
        text = late.read_text()
        await record("gen1_hybrid", early, ir(0))
        early.write_text(early.read_text().replace("2026-06-18", "2026-06-17"))
        late.write_text(text)
        simulator = Simulator.from_capture(late, early)
        assert simulator.registers[0x11][HR(0)] == 0x2001

    async def test_devices_redaction_made_alike_are_told_apart(self, tmp_path: Path) -> None:
        log = tmp_path / "house.log"
        modules = [ir(60, at=at) for at in range(0x50, 0x54)]
        original = await record("all_in_one", log, hr(0), ir(60, at=0x70), *modules)
        blanked = original.registers
        for address in range(0x50, 0x54):
            blanked[address].store("IR", 117, [0x4730, 0x3030])  # type: ignore[arg-type]
        async with original, RawConnection(original) as line:
            for request in (hr(0), ir(60, at=0x70), *modules):
                await line.page(request)
            lines = [f"rx: {piece.hex()}" for piece in line.pieces]
        _save(log, lines)
        simulator = Simulator.from_capture(log)
        serials = [sheet(simulator, at)["serial_number"] for at in range(0x50, 0x54)]
        assert serials == ["HX2412G000", "HX2412G001", "HX2412G002", "HX2412G003"]
        assert [simulator.bus.envelope(at) for at in range(0x50, 0x54)][1:] == serials[1:]

    def test_nothing_recorded_is_an_error(self, tmp_path: Path) -> None:
        log = tmp_path / "empty.log"
        log.write_text("# nothing\n")
        with pytest.raises(ValueError, match=r"no frames in .*empty\.log"):
            Simulator.from_capture(log)

    def test_clock_stands_where_it_was(self, tmp_path: Path) -> None:
        words = parse_compact("0x11:HR(35,6) 001a0001001200020f0033".replace("0f00", "000f00"))
        simulator = Simulator.from_dump({"registers": to_compact(words)})
        assert simulator.bus.clock.shown == datetime(2026, 1, 18, 2, 15, 51)  # noqa: DTZ001

    @pytest.mark.parametrize(
        ("name", "model", "packs", "modules"),
        [
            ("hybrid_gen1_arm449_0x11_poll_10min", Model.HYBRID_GEN1, 2, 0),
            ("hybrid_gen1_arm449_givbat82_givbat95gen3_60min", Model.HYBRID_GEN1, 2, 0),
            ("ac_arm282_1x_givbat512gen3_30min", Model.AC, 1, 0),
            ("aio_arm612_5min", Model.ALL_IN_ONE, 0, 4),
            ("giv3hy11_da011_detect_10min", Model.HYBRID_3PH, 0, 6),
            ("ems_arm1036_30min", Model.EMS, 0, 0),
            ("gateway_gaaa0014_10min_daylight", Model.GATEWAY, 0, 0),
        ],
    )
    def test_real_recordings(
        self, captures: Path, name: str, model: Model, packs: int, modules: int
    ) -> None:
        simulator = Simulator.from_capture(captures / "captures" / f"{name}.log")
        found = derive_capabilities(simulator.registers)
        assert found.device_type is model
        assert len(found.lv_battery_addresses) == packs
        assert len(found.aio_battery_module_addresses + found.hv_bmu_addresses) == modules
        serials = [
            field.read(words)
            for address, words in simulator.registers.items()
            for cast in models_at(address, simulator.profile.traits)
            for name, field in cast.register_fields.items()
            if field.codec.identifies and name != "first_inverter_serial_number"
        ]
        known = [serial for serial in serials if serial and len(serial) >= 8]
        assert known
        assert len(set(known)) == len(known)

    async def test_recording_without_an_identity_answers_what_it_has(self, captures: Path) -> None:
        path = captures / "captures" / "giv3hy11_da011_10min.log"
        async with (
            Simulator.from_capture(path, latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            assert await line.ask(hr(0)) == []
            assert any((await line.page(ir(1060))).values())


class TestDumped:
    """Plants from saved registers."""

    @pytest.fixture
    def compact(self) -> str:
        """Return the words of a plant as compact rows."""
        return to_compact(Simulator("gen2_hybrid").registers)

    def test_forms(self, compact: str, tmp_path: Path) -> None:
        text = tmp_path / "dump.txt"
        text.write_text(f"Some words before.\n{compact}\nAnd after.\n")
        diagnostics = tmp_path / "diagnostics.json"
        content = {"home_assistant": {"version": "x"}, "data": {"registers": compact}}
        diagnostics.write_text(json.dumps(content))
        lines = {"data": {"registers": compact.splitlines()}}
        by_name = {
            f"{address:#04x}": json.loads(words.json())
            for address, words in parse_compact(compact).items()
        }
        for dump in (text, str(diagnostics), content, lines, by_name):
            assert Simulator.from_dump(dump).registers == parse_compact(compact)

    async def test_it_can_be_detected(self, compact: str) -> None:
        simulator = Simulator.from_dump({"registers": compact}, latency=0)
        original = derive_capabilities(Simulator("gen2_hybrid").registers)
        assert derive_capabilities(simulator.registers) == original
        async with simulator, RawConnection(simulator) as line:
            answers = await line.ask(hr(0))
            assert [response.inverter_serial_number for response in answers] == ["EA2304G118"]

    def test_nothing_moves_but_the_clock(self, compact: str) -> None:
        simulator = Simulator.from_dump({"registers": compact})
        before = dict(simulator.registers[0x11])
        simulator.step(75)
        after = simulator.registers[0x11]
        assert {register for register in after if after[register] != before[register]} == {
            HR(39),
            HR(40),
        }

    @pytest.mark.parametrize("dump", [{}, {"data": {"registers": ""}}, {"0x11": {}}])
    def test_nothing_saved_is_an_error(self, dump: dict[str, object]) -> None:
        with pytest.raises(ValueError, match="no registers"):
            Simulator.from_dump(dump)


class TestDescribed:
    """Plants from descriptions by name."""

    @pytest.mark.parametrize("path", sorted(PLANTS.glob("*.yaml")), ids=lambda path: path.stem)
    async def test_every_description_makes_a_plant(self, path: Path) -> None:
        async with (
            Simulator.from_file(path, latency=0) as simulator,
            RawConnection(simulator) as line,
        ):
            assert simulator.profile.name == path.stem
            assert simulator.profile.title
            assert any((await line.page(hr(0))).values())
            simulator.step(600)
            derive_capabilities(simulator.registers)

    def test_names_are_understood(self) -> None:
        simulator = Simulator.from_file(PLANTS / "cold_cellar.yaml")
        inverter, pack = sheet(simulator), sheet(simulator, 0x32)
        assert str(inverter["charge_slot_1"].start) == "23:30:00"
        assert inverter["battery_power_mode"].name == "EXPORT"
        assert inverter["p_grid_out"] == -245
        assert pack["t_min"] == -1.9
        assert pack["status_3"] is None
        assert simulator.simulation is None

    def test_another_plant_may_be_the_beginning(self) -> None:
        simulator = Simulator.from_file(PLANTS / "six_packs.yaml")
        found = derive_capabilities(simulator.registers)
        assert len(found.lv_battery_addresses) == 6
        assert 0x30 not in simulator.registers
        assert simulator.simulation is not None
        assert round(simulator.simulation.world.soc) == 41
        assert simulator.simulation.world.site.rated_w == 5000

    def test_two_stacks(self) -> None:
        simulator = Simulator.from_file(PLANTS / "two_stacks.yaml")
        found = derive_capabilities(simulator.registers)
        assert found.bcu_stacks == [(0, 6), (1, 2)]
        assert len(found.hv_bmu_addresses) == 8
        assert sheet(simulator, 0x71)["battery_voltage"] < sheet(simulator, 0x70)["battery_voltage"]

    def test_json(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.json"
        path.write_text(json.dumps({"like": "ems", "devices": {"0x11": {"HR(2071)": 1234}}}))
        assert sheet(Simulator.from_file(path))["export_power_limit"] == 1234

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("just a text", "describes no plant"),
            ("devices: [", r"mine\.yaml is no YAML: while parsing"),
            ("like: gen9", "there is no plant 'gen9'"),
            ("like: ems\nweather: fine", "has unknown keys: weather"),
            ("devices: [1, 2]", "mine.yaml: "),
            ("like: ems\nsite: {sun: 3}", "mine.yaml: .*sun"),
            ("like: ems\ndevices: {0x11: {nonsense: 3}}", "no register is called 'nonsense'"),
            ("like: ems\ndevices: {0x11: {charge_slot_1: soon}}", "charge_slot_1 cannot be 'soon'"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, tmp_path: Path, text: str, complaint: str
    ) -> None:
        path = tmp_path / "mine.yaml"
        path.write_text(text)
        with pytest.raises(ValueError, match=complaint):
            Simulator.from_file(path)

    def test_yaml_may_not_be_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def without_yaml(name: str) -> ModuleType:
            if name == "yaml":
                raise ModuleNotFoundError(name)
            return really_import(name)

        monkeypatch.setattr(sources, "import_module", without_yaml)
        with pytest.raises(
            ValueError, match=r"two_stacks\.yaml is YAML, and reading that needs pyy"
        ):
            Simulator.from_file(PLANTS / "two_stacks.yaml")
