"""Instructions: what a model is told before a prompt."""

from app.catalog.rows import add, edit, remove

__all__ = ["add", "edit", "remove"]
