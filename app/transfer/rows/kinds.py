"""What can be exported, and as what."""

from enum import StrEnum


class RowKind(StrEnum):
    PROMPTS = "prompts"
    CONTENTS = "contents"


class RowFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
