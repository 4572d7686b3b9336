"""The tables of counterparts name entities that there are, and leave none of theirs out."""

import re

import pytest

from custom_components.givenergy.takeover.counterparts import Counterpart, Peer
from custom_components.givenergy.takeover.peer_givtcp import GIVTCP
from custom_components.givenergy.takeover.peer_local import LOCAL

from .coming_from_page import KINDS, PAGE, givtcp_keys, kind_of, ours, page
from .peers import PLANTS, listed

PEERS = pytest.mark.parametrize("peer", [LOCAL, GIVTCP], ids=lambda peer: peer.name)


def test_the_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text() == page(), "run python -m tests.integration.coming_from_page"


def is_there(row: Counterpart, key: str) -> bool:
    """Return whether some kind of device has an entity of a key, a number in it left open."""
    pattern = re.compile(re.escape(key).replace(r"\{n\}", r"\d+").replace(r"\{nn\}", r"\d\d"))
    kinds = {row.at} if row.at else row.on
    return any(
        kind in kinds and domain == row.domain and pattern.fullmatch(found)
        for kind, domain, found in ours()
    )


@PEERS
def test_every_counterpart_exists(peer: Peer) -> None:
    missing = {
        (row.domain, key) for row in peer.table for key in row.ours if not is_there(row, key)
    }
    assert not missing


@PEERS
def test_every_row_has_a_reason(peer: Peer) -> None:
    for row in peer.table:
        assert row.why.endswith("."), row.theirs
        assert row.ours or len(row.why) > 10, row.theirs


def test_every_key_of_givtcp_has_a_row() -> None:
    without = [
        (platform, key)
        for platform, key in givtcp_keys()
        if not any(any(GIVTCP.find(kind, platform, key)) for kind in KINDS)
    ]
    assert not without


def test_no_row_is_about_nothing() -> None:
    """Each row is about a key that one of the lists has."""
    local = {
        (kind_of(name, device), row.domain, row.unique_id.removeprefix(f"{device}_"))
        for name in PLANTS
        for row in listed(name).rows
        for device in [listed(name).device_of(row)]
    }
    used = {
        (kind, domain, f"managed_{key}" if kind == "managed_inverter" else key)
        for kind, domain, key in local
    }
    idle = [
        row.theirs
        for row in LOCAL.table
        if not any(
            kind in row.on and domain == row.domain and row.keys(key) is not None
            for kind, domain, key in used
        )
    ]
    assert not idle
    keys = givtcp_keys()
    idle = [
        row.theirs
        for row in GIVTCP.table
        if not any(domain == row.domain and row.keys(key) is not None for domain, key in keys)
    ]
    assert not idle


def test_numbers_are_filled_in() -> None:
    [(_, key)] = GIVTCP.find("lv_battery", "sensor", "Battery_Cell_7_Voltage")
    assert key == "v_cell_07"
    [(_, key)] = LOCAL.find("ems", "number", "ems_charge_target_soc_2")
    assert key == "charge_target_2"
