"""The command line, as ``python -m givenergy_modbus``."""

from .cli import main

if __name__ == "__main__":
    main()
