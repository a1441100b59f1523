"""Configs: parameters for an AI model, handed out with a prompt."""

from app.catalog.rows import add, edit, remove

__all__ = ["add", "edit", "remove"]
