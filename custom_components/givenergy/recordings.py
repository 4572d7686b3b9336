"""Recorded frames, kept in memory until they are fetched."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Any

from aiohttp import web
from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.persistent_notification import async_create
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .runtime import GivEnergyConfigEntry
from .texts import async_texts

_LINK_LASTS = timedelta(days=1)
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
    """Record redacted frames while polling goes on, and return a signed link to them.

    A notification shows the link too.
    """
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
    url = async_sign_path(hass, RecordingView.url.format(name=name), _LINK_LASTS)
    await _async_notify(hass, entry, len(lines), url)
    return {"frames": len(lines), "url": url}


async def _async_notify(
    hass: HomeAssistant, entry: GivEnergyConfigEntry, frames: int, url: str
) -> None:
    """Show the link; it has a target, because the frontend looks for a page of its own else."""
    texts = await async_texts(hass, "common")
    message = texts["recording_message"].format(frames=frames)
    async_create(
        hass,
        f'{message}\n\n<a href="{url}" target="_blank">{texts["recording_link"]}</a>',
        title=texts["recording_title"].format(system=entry.title),
        notification_id=f"{DOMAIN}_recording_{entry.entry_id}",
    )
