"""A battery module of an All-in-One."""

from collections.abc import Mapping
from typing import Self, override

from ..register import Register
from .hv_module import HvModule


class AioBatteryModule(HvModule):
    """A battery module of an All-in-One."""

    module_address: int | None = None
    """Where it answers."""

    @classmethod
    @override
    def from_register_cache(
        cls, cache: Mapping[Register, int], module_address: int | None = None
    ) -> Self:
        """Decode the module that answers at an address."""
        module = super().from_register_cache(cache)
        return module.model_copy(update={"module_address": module_address})
