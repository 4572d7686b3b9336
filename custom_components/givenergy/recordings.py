"""Recorded frames, kept in memory until they are fetched."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Any

from aiohttp import web
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .runtime import GivEnergyConfigEntry

_LINK_LASTS = timedelta(hours=1)
_KEPT = 5
_CAPTURES: HassKey[dict[str, str]] = HassKey(f"{DOMAIN}_captures")


class RecordingView(HomeAssistantView):
    """Serves recordings by signed link."""

    url = f"/api/{DOMAIN}/capture/{{name}}"
    name = f"api:{DOMAIN}:capture"

    async def get(self, request: web.Request, name: str) -> web.Response:
        """Return a recording as a text file."""
        text = request.app[KEY_HASS].data.get(_CAPTURES, {}).get(name)
        if text is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.Response(
            text=text,
            headers={"Content-Disposition": f'attachment; filename="{DOMAIN}-{name}.log"'},
        )


@callback
def async_setup_recordings(hass: HomeAssistant) -> None:
    """Offer recordings for download."""
    hass.data[_CAPTURES] = {}
    hass.http.register_view(RecordingView())


async def async_record(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, seconds: int
) -> dict[str, Any]:
    """Record redacted frames while polling goes on, and return a signed link to them."""
    lines: list[str] = []

    def keep(direction: str, frame: bytes) -> None:
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        lines.append(f"{at} {direction} {frame.hex()}")

    # A short recording may end before the next poll is due; it starts once the recording has.
    entry.async_create_background_task(
        hass,
        entry.runtime_data.coordinator.async_refresh(),
        f"{DOMAIN} poll for a recording",
        eager_start=False,
    )
    try:
        await entry.runtime_data.client.capture_frames(keep, duration=seconds)
    except RuntimeError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="capture_running"
        ) from err
    name = token_urlsafe(16)
    kept = hass.data[_CAPTURES]
    kept[name] = "\n".join(lines) + "\n"
    while len(kept) > _KEPT:
        del kept[next(iter(kept))]
    path = RecordingView.url.format(name=name)
    return {"frames": len(lines), "url": async_sign_path(hass, path, _LINK_LASTS)}
