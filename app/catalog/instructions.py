"""Instructions: system texts that a model gets with a prompt."""

from app.catalog.rows import add, edit, remove

__all__ = ["add", "edit", "remove"]
