"""What people have set on the devices of another integration, kept on ours."""

from collections import defaultdict
from collections.abc import Iterable

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from .takeover_journal import MovedEntity


@callback
def keep_device_settings(hass: HomeAssistant, moved: Iterable[MovedEntity]) -> None:
    """Give our devices the area, the labels and the name of the devices they stand for.

    Ours keep an area or a name that they have; labels are added. A device that stands
    for several gets a name only if those have no more than one.
    """
    devices, entities = dr.async_get(hass), er.async_get(hass)
    sources: dict[str, set[str]] = defaultdict(set)
    for entity in moved:
        entry = entities.entities.get_entry(entity.registry_id)
        if entry is not None and entry.device_id is not None and entity.before["device_id"]:
            sources[entry.device_id].add(entity.before["device_id"])
    for device_id, source_ids in sources.items():
        found = [
            source
            for source_id in sorted(source_ids)
            if (source := devices.async_get(source_id)) is not None
        ]
        device = devices.async_get(device_id)
        if device is None or not found:
            continue
        areas = [source.area_id for source in found if source.area_id]
        names = {source.name_by_user for source in found if source.name_by_user}
        devices.async_update_device(
            device_id,
            area_id=device.area_id or (areas[0] if areas else None),
            labels=device.labels.union(*(source.labels for source in found)),
            name_by_user=device.name_by_user or (names.pop() if len(names) == 1 else None),
        )
