"""Importing a database of the original PyGai: its odd values are mended or set aside, with a reason."""
