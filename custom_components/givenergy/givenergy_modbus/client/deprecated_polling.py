"""Calls of older programs that poll a plant; new ones call what these call."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from warnings import deprecated

from ..model.capabilities import PlantCapabilities
from ..model.plant import Plant


class DeprecatedPolling(ABC):
    """Deprecated methods of a client, made of its present ones."""

    plant: Plant

    @abstractmethod
    async def connect(self) -> None:
        """Connect."""

    @abstractmethod
    async def detect(self) -> PlantCapabilities:
        """Detect the devices."""

    @abstractmethod
    async def load_config(
        self,
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
    ) -> Plant:
        """Read the settings."""

    @abstractmethod
    async def refresh(
        self,
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
    ) -> Plant:
        """Read the measurements."""

    @deprecated("call detect(), load_config() and refresh() instead")
    async def refresh_plant(
        self,
        full_refresh: bool = True,
        max_batteries: int = 5,
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
    ) -> Plant:
        """Detect if the devices are unknown, then read measurements and, in full, settings.

        ``max_batteries`` is ignored: batteries are detected.
        """
        return await self._refresh_plant(full_refresh, timeout, retries, retry_delay)

    @deprecated("call refresh() in a loop instead")
    async def watch_plant(
        self,
        handler: Callable[[], object] | None = None,
        refresh_period: float = 15.0,
        max_batteries: int = 5,
        timeout: float | None = None,
        retries: int | None = None,
        retry_delay: float | None = None,
        passive: bool = False,
    ) -> None:
        """Connect and refresh until canceled, calling ``handler`` after each refresh.

        If passive, only the first refresh sends requests; later values come from the
        responses to other clients.
        """
        await self.connect()
        full, ask = True, True
        while True:
            if ask:
                await self._refresh_plant(full, timeout, retries, retry_delay)
            full, ask = False, not passive
            if handler is not None:
                handler()
            await asyncio.sleep(refresh_period)

    async def _refresh_plant(
        self, full: bool, timeout: float | None, retries: int | None, retry_delay: float | None
    ) -> Plant:
        if self.plant.capabilities is None:
            await self.detect()
        if full:
            await self.load_config(timeout, retries, retry_delay)
        return await self.refresh(timeout, retries, retry_delay)
