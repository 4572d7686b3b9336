"""Which device is where, for any sequence of reports."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from custom_components.givenergy.devices import plant_devices_of
from custom_components.givenergy.givenergy_modbus.model.capabilities import PlantCapabilities
from custom_components.givenergy.givenergy_modbus.model.device_kinds import DeviceKind
from custom_components.givenergy.givenergy_modbus.model.models import Model
from custom_components.givenergy.givenergy_modbus.model.plant import Plant
from custom_components.givenergy.identities import DeviceStatus, Identities, assign
from custom_components.givenergy.reports import Report

ROOT = "SA2241G101"
PLACES = (0x32, 0x33, 0x34)
SERIALS = ("AA2601G001", "AA2601G002", "AA2601G003", "AA2601G004")


def plant() -> Plant:
    """Return a plant with three places for packs."""
    found = Plant(PlantCapabilities(Model.HYBRID_GEN1, lv_battery_addresses=PLACES))
    found.inverter_serial_number = ROOT
    return found


def report(place: int, serial: str | None, at: float = 0.0, *, confirmed: bool = True) -> Report:
    """Return what a place reports."""
    return Report(
        DeviceKind.LV_BATTERY,
        place,
        serial,
        is_unread=serial is None,
        at=at,
        is_silent=serial is None,
        is_confirmed=confirmed and serial is not None,
    )


def places_of(identities: Identities) -> dict[str | None, int]:
    """Return where the packs are, by serial number."""
    return {
        device["serial"]: device["place"]
        for device in identities.values()
        if device["status"] == DeviceStatus.PLACED and device["kind"] == DeviceKind.LV_BATTERY
    }


@given(
    st.lists(
        st.tuples(*[st.sampled_from((*SERIALS, None))] * len(PLACES)), min_size=1, max_size=12
    ),
    st.booleans(),
)
def test_devices_are_where_their_serial_numbers_are(
    polls: list[tuple[str | None, ...]], new_places: bool
) -> None:
    found: Identities = {}
    for at, serials in enumerate(polls):
        before = found
        reports = [
            report(place, serial, at + 1.0) for place, serial in zip(PLACES, serials, strict=True)
        ]
        known = assign(plant(), found, reports, new_places=new_places).identities
        found = assign(plant(), found, reports, searched=known, new_places=new_places).identities
        check(before, found)
        for place, serial in zip(PLACES, serials, strict=True):
            if serial is not None and serials.count(serial) == 1:
                assert places_of(found)[serial] == place
        assert found == assign(plant(), found, reports, searched=found).identities


def check(before: Identities, now: Identities) -> None:
    """Check what holds for any devices."""
    for identity, device in before.items():
        assert now[identity]["number"] == device["number"]
        assert device["serial"] in (None, now[identity]["serial"])
    packs = [device for device in now.values() if device["kind"] == DeviceKind.LV_BATTERY]
    placed = [device["place"] for device in packs if device["status"] == DeviceStatus.PLACED]
    serials = [device["serial"] for device in packs if device["serial"] is not None]
    for distinct in (placed, serials, [device["number"] for device in packs]):
        assert len(set(distinct)) == len(distinct)
    root, *others = plant_devices_of(plant().capabilities or PlantCapabilities(None), now)
    assert (root.identity, root.parent) == (ROOT, None)
    assert {device.parent for device in others} <= {ROOT}


def after(*polls: Iterable[Report]) -> Identities:
    """Return the devices after some polls."""
    found: Identities = {}
    for number, reports in enumerate(polls):
        found = assign(plant(), found, reports, new_places=number == 0).identities
    return found


A, B, C, _ = SERIALS


def test_a_serial_number_at_two_places_is_where_it_was_while_that_answers() -> None:
    first = [report(0x32, A, 1), report(0x33, B, 1)]
    assert places_of(after(first, [report(0x32, A, 2), report(0x33, A, 2)]))[A] == 0x32
    assert places_of(after(first, [report(0x32, B, 2), report(0x33, B, 2)]))[B] == 0x33


def test_a_device_that_moved_leaves_a_silent_place() -> None:
    first = [report(0x32, A, 1), report(0x33, B, 1)]
    silent = Report(DeviceKind.LV_BATTERY, 0x33, B, at=1, is_silent=True)
    assert places_of(after(first, [report(0x32, B, 2), silent]))[B] == 0x32


def test_a_device_is_searched_for_before_it_is_gone() -> None:
    known = after([report(0x32, A, 1)])
    now = [report(0x32, C, 2)]
    found = assign(plant(), known, now)
    assert found.astray == {A}
    assert places_of(found.identities) == {A: 0x32}
    doubted = [*now, Report(DeviceKind.LV_BATTERY, 0x33, B, is_doubted=True)]
    assert assign(plant(), known, doubted, searched={A}).astray == {A}
    found = assign(plant(), known, now, searched={A})
    assert places_of(found.identities) == {C: 0x32}
    assert found.identities[A]["status"] == DeviceStatus.DISPLACED


def test_a_serial_number_in_place_of_another_has_to_be_confirmed() -> None:
    known = after([report(0x32, A, 1)])
    now = [report(0x32, C, 2, confirmed=False)]
    assert C not in assign(plant(), known, now, searched={A}, new_places=True).identities


def test_a_removed_device_keeps_its_number() -> None:
    known = after([report(0x32, A, 1), report(0x33, B, 1)])
    known[B]["status"] = DeviceStatus.REMOVED
    now = assign(plant(), known, [report(0x32, A, 2), report(0x33, C, 2)]).identities
    assert now[C]["number"] == 3
    back = assign(plant(), known, [report(0x32, A, 2), report(0x33, B, 2)]).identities
    assert back[B] == {**known[B], "status": DeviceStatus.PLACED}


def test_an_identity_of_a_place_is_given_once() -> None:
    known = after([report(0x32, None)])
    (pack,) = known.keys() - {ROOT}
    assert pack == f"{ROOT}_lv_battery_0x32"
    moved = after([report(0x32, None)], [report(0x32, A)], [report(0x33, A)])
    assert moved[pack]["place"] == 0x33
    found = assign(
        plant(),
        moved,
        [report(0x33, A), Report(DeviceKind.LV_BATTERY, 0x34, None)],
        new_places=True,
    )
    assert f"{ROOT}_lv_battery_0x34" in found.identities
    moved[f"{ROOT}_lv_battery_0x34"] = moved.pop(pack)
    found = assign(
        plant(),
        moved,
        [report(0x33, A), Report(DeviceKind.LV_BATTERY, 0x34, None)],
        new_places=True,
    )
    assert f"{ROOT}_lv_battery_0x34_2" in found.identities


def test_devices_get_no_identity_of_another_system() -> None:
    nameless, elsewhere = f"{ROOT}_lv_battery_0x33", {ROOT, SERIALS[0], f"{SERIALS[0]}_2"}
    reports = [report(0x32, SERIALS[0]), report(0x33, None)]
    found = assign(
        plant(), {}, reports, reserved={*elsewhere, nameless}, new_places=True
    ).identities
    assert found.keys() == {f"{ROOT}_2", f"{SERIALS[0]}_3", f"{nameless}_2"}
    assert found[f"{ROOT}_2"]["serial"] == ROOT
    # What a device is known by stays, even if another system has the same.
    assert assign(plant(), found, reports, reserved=found).identities == found
