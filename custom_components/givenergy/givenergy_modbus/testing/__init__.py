"""Plants for tests and bug reports, built from captures of real ones."""

from ..capture_file import CaptureLine, frames, read_lines
from .captured_plant import plant_from_capture

__all__ = ["CaptureLine", "frames", "plant_from_capture", "read_lines"]
