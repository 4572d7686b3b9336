"""Plants for tests and bug reports, out of what was recorded of real ones."""

from .captures import Line, frames, plant_from_capture, read_lines

__all__ = ["Line", "frames", "plant_from_capture", "read_lines"]
