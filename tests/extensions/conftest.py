"""Extensions made on the spot: files in an extension path, packages with entry points on the import path."""

import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.core.settings import Settings
from app.host import ExtensionHost
from app.host.records import Discovery, Extension, Handler, Origin
from app.host.registry import Roster
from app.sdk import HandlerName
from app.sdk.testing import MemoryConnector

SEED_PUBLISH = '''\
# ~/Projects/pygaiext/gai/publish.py

def publishHandler(contentId: int, reWrite: bool = False) -> None | int:
    """
    Custom content publish logic.
    This function will be executed instead of the default one if the extension is enabled.
    """
    # print(f'pygaiext/gai/publish.py, publishHandler, contendId:{contentId}, reWrite:{reWrite}')
    # Add your custom publishing logic here, e.g., integrating with a CMS,
    # triggering webhooks, or advanced static site generation.
    pass
'''


@pytest.fixture
def seed_publish() -> str:
    """The extension file of the seed, as it stands."""
    return SEED_PUBLISH


@pytest.fixture
def ext_path(tmp_path: Path) -> Path:
    return tmp_path / "pygaiext"


@pytest.fixture
def write_file(ext_path: Path) -> Callable[..., Path]:
    """Write `gai/<name>` of the extension path."""

    def write(name: str, source: str | bytes) -> Path:
        path = ext_path / "gai" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else textwrap.dedent(source).encode())
        return path

    return write


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Install a package of one module with a real dist-info; `{entry point: value}` as in entry_points.txt."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    modules: list[str] = []

    def install_package(module: str, source: str, *names: str, **points: str) -> Path:
        modules.append(module)
        (folder / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        info = folder / f"{module}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.2\n")
        lines = [f"{name} = {module}" for name in names] + [f"{n} = {value}" for n, value in points.items()]
        (info / "entry_points.txt").write_text("[pygai.extensions]\n" + "\n".join(lines) + "\n")
        importlib.invalidate_caches()
        return info

    yield install_package
    for module in modules:
        sys.modules.pop(module, None)


@pytest.fixture
def load_host(ext_path: Path) -> Callable[..., ExtensionHost]:
    """Load a host that enables the given names."""

    def load(*names: str, **settings: Any) -> ExtensionHost:
        return ExtensionHost.load(
            make_settings(extensions=list(names), **{"ext_path": ext_path, **settings}), MemoryConnector()
        )

    return load


@pytest.fixture
def host_of(ext_path: Path) -> Callable[..., ExtensionHost]:
    """A host whose extensions `first`, `second`, ... each carry one of the given functions as `handler_name`."""

    def make(handler_name: str, *functions: Callable[..., Any], **settings: Any) -> ExtensionHost:
        chosen = make_settings(ext_path=ext_path, **settings)
        name = HandlerName(handler_name)
        extensions = tuple(
            Extension(Origin(word, "test"), {name: Handler.of(word, name, function)})
            for word, function in zip(("first", "second", "third"), functions, strict=False)
        )
        roster = Roster(Discovery(loaded=extensions), (), chosen.extension_timeout_seconds)
        host = ExtensionHost(chosen, MemoryConnector())
        host.roster = roster
        return host

    return make


@pytest.fixture
def default() -> SimpleNamespace:
    """The service's own contentHandler: `default.run` answers 100 and `default.calls` holds the arguments."""
    calls: list[tuple[Any, ...]] = []

    async def run(*arguments: Any) -> int:
        calls.append(arguments)
        return 100

    return SimpleNamespace(run=run, calls=calls)


def make_settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)
