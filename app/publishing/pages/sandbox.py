"""Where templates of themes run: they read the values made for them, and reach nothing else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Shown:
    """A value made for templates, which may read whatever it has that does not begin with `_`."""

    __slots__ = ()


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates of some folders; one in an earlier folder hides that of a later.

    Those of the last are also there as `default/<name>`, so that one that hides another may extend it.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(
            loader=ChoiceLoader(
                [FileSystemLoader(list(folders)), PrefixLoader({"default": FileSystemLoader(folders[-1])})]
            ),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            # A theme that has changed is another theme.
            auto_reload=False,
        )
        self.filters["iso"] = lambda moment: moment.isoformat(timespec="seconds")

    def getattr(self, obj: Any, attribute: str) -> Any:
        # The long way takes a third of the time of a page, and comes to the same; so does `suppress`.
        if isinstance(obj, Shown) and attribute[:1] != "_":
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass
        return super().getattr(obj, attribute)
