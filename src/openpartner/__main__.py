"""``python -m openpartner`` is the command."""

from openpartner.cli import main

main()
