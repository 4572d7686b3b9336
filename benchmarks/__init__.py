"""How fast the library is, beside another one where that is installed."""
