"""Front matter: YAML that every parser reads as it was meant."""

import math
from collections.abc import Mapping
from typing import Any

import yaml

FENCE = "---\n"


def front_matter(values: Mapping[str, Any]) -> str:
    return f"{FENCE}{dumped(values)}{FENCE}"


def dumped(values: Mapping[str, Any]) -> str:
    """Texts are always quoted: parsers do not agree on which of them are numbers, dates or truth values."""
    return yaml.dump(_quoted(values), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=math.inf)


class _Quoted(str):
    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Quotes what is `_Quoted` and writes nothing for None."""


def _quoted(value: Any) -> Any:
    if isinstance(value, str):
        return _Quoted(value)
    if isinstance(value, Mapping):
        return {key: _quoted(item) for key, item in value.items()}
    return [_quoted(item) for item in value] if isinstance(value, list) else value


def _represent_text(dumper: yaml.SafeDumper, text: _Quoted) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')


def _represent_none(dumper: yaml.SafeDumper, _none: None) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:null", "")


_Dumper.add_representer(_Quoted, _represent_text)
_Dumper.add_representer(type(None), _represent_none)
