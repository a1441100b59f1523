"""The command line, for what is held of all its commands."""

from tests.cli.conftest import pygai, variables

__all__ = ["pygai", "variables"]
