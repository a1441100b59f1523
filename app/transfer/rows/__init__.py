"""Prompts and contents as CSV or JSON lines, out and in again without loss."""
