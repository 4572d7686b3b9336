"""Tools of the project that are Python themselves."""
