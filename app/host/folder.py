"""The extension path: `gai/prompt.py`, `gai/content.py` and `gai/publish.py`, together one extension."""

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, MappingProxyType, ModuleType
from typing import Any

from app.sdk import HandlerName

FOLDER_EXTENSION = "pygaiext"

HANDLERS_OF_FILE: Mapping[str, tuple[HandlerName, ...]] = MappingProxyType(
    {
        "prompt": (HandlerName.PROMPT, HandlerName.RESET),
        "content": (HandlerName.CONTENT,),
        "publish": (HandlerName.PUBLISH,),
    }
)


class _FreshSource(SourceFileLoader):
    """Compiles the file as it is now and leaves no byte code in somebody else's folder."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def files_in(folder: Path) -> Iterator[tuple[Path, tuple[HandlerName, ...]]]:
    """The files of the extension path that exist, with the handlers looked for in each."""
    for stem, names in HANDLERS_OF_FILE.items():
        path = folder / "gai" / f"{stem}.py"
        if path.is_file():
            yield path, names


def handlers_in(path: Path, names: tuple[HandlerName, ...]) -> dict[HandlerName, Callable[..., Any]]:
    """Execute the file and pick the handlers out of it; raises whatever the file raises."""
    module = _execute(path)
    return {name: getattr(module, name) for name in names if hasattr(module, name)}


def _execute(path: Path) -> ModuleType:
    # A name of its own, never `gai.publish`: the file must neither shadow a package nor be shadowed by one.
    digest = hashlib.sha256(str(path.resolve()).encode(errors="surrogateescape")).hexdigest()
    name = f"_{FOLDER_EXTENSION}_{path.stem}_{digest[:16]}"
    spec = importlib.util.spec_from_file_location(name, path, loader=_FreshSource(name, str(path)))
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be read as a Python file")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and pickles look their module up by name while the file is still being executed.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
