"""Finds extensions, loads the enabled ones, each on its own, and never raises because of one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any

import structlog
from pydantic import ValidationError

from app.host import folder
from app.host.records import NOTHING, Discovery, Extension, Handler, LoadProblem, Origin
from app.sdk import HandlerName, shape

GROUP = "pygai.extensions"
ORIGINAL_PACKAGES = {"gai", "pygai"}

log = structlog.get_logger("pygai.extensions")


class Unusable(Exception):
    """An extension that loads but cannot be used."""


@dataclass(frozen=True)
class Candidate:
    """Something that can be loaded; `load` may raise anything at all."""

    origin: Origin
    load: Callable[[], tuple[Extension | None, list[LoadProblem]]]


def discover(enabled: Sequence[str], ext_path: Path) -> Discovery:
    """Look at the entry points and the extension path, and load what `enabled` names, in that order."""
    candidates = [*_entry_points(), *_folder(_expanded(ext_path))]
    loaded: list[Extension] = []
    problems: list[LoadProblem] = []
    for name in dict.fromkeys(enabled):
        extension, complaints = _load_named(name, [c for c in candidates if c.origin.name == name])
        loaded += [extension] if extension else []
        problems += complaints
    for problem in problems:
        log.error(
            "extension not loaded",
            extension=problem.extension,
            source=problem.source,
            reason=problem.reason,
        )
    return Discovery(tuple(c.origin for c in candidates), tuple(loaded), tuple(problems))


def _load_named(name: str, candidates: list[Candidate]) -> tuple[Extension | None, list[LoadProblem]]:
    if not candidates and name == folder.FOLDER_EXTENSION:
        return None, []
    if not candidates:
        return None, [LoadProblem(name, "settings", f"no entry point of group {GROUP} has this name")]
    if len(candidates) > 1:
        sources = " and ".join(candidate.origin.source for candidate in candidates)
        return None, [LoadProblem(name, sources, "the name is taken more than once")]
    candidate = candidates[0]
    try:
        return candidate.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - an extension that exits on import must not end the service
        return None, [LoadProblem(name, candidate.origin.source, reason_of(error))]


def reason_of(error: BaseException) -> str:
    """An exception in words, without the values a validation error would quote."""
    if isinstance(error, Unusable):
        return str(error)
    if isinstance(error, ValidationError):
        fields = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        return f"its settings are not valid: {'; '.join(fields)}"
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] in ORIGINAL_PACKAGES:
        return f"{words} (the original's modules are not here; declare `proceed` to reach the default)"
    return words


def _entry_points() -> Iterator[Candidate]:
    seen: set[str] = set()
    for distribution in metadata.distributions():
        try:
            candidates = _candidates_of(distribution)
            package = distribution.name if candidates else ""
        except Exception as error:  # noqa: BLE001 - one package with broken metadata must not hide the others
            log.warning("metadata of a package cannot be read", reason=reason_of(error))
            continue
        # The first of two installations of one package is the one that Python imports.
        if package not in seen:
            seen |= {package} if package else set()
            yield from candidates


def _candidates_of(distribution: metadata.Distribution) -> list[Candidate]:
    points = list(distribution.entry_points.select(group=GROUP))
    return [_candidate(point, distribution.name, distribution.version) for point in points]


def _candidate(point: metadata.EntryPoint, package: str, version: str) -> Candidate:
    origin = Origin(point.name, f"{package}: {point.value}", version)
    return Candidate(origin, lambda: (_extension(origin, point.load()), []))


def _extension(origin: Origin, carrier: Any) -> Extension:
    problems = list(shape.find_problems(carrier))
    if problems:
        raise Unusable("; ".join(problems))
    own_settings = getattr(carrier, "Settings", None)
    settings = MappingProxyType(own_settings().model_dump()) if own_settings else NOTHING
    return Extension(
        origin=origin,
        handlers={
            name: Handler.of(origin.name, name, getattr(carrier, name), settings)
            for name in HandlerName
            if hasattr(carrier, name)
        },
        listeners=tuple(
            (event, Handler.of(origin.name, "listener", listener, settings))
            for event, listener in shape.listeners_of(carrier)
        ),
        router=getattr(carrier, "router", None),
    )


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # the home of nobody we know
        return path


def _folder(path: Path) -> Iterator[Candidate]:
    try:
        is_there = path.is_dir()
    except OSError:
        is_there = True  # and cannot be looked into: loading says why
    if is_there:
        origin = Origin(folder.FOLDER_EXTENSION, str(path))
        yield Candidate(origin, lambda: _folder_extension(origin, path))


def _folder_extension(origin: Origin, path: Path) -> tuple[Extension | None, list[LoadProblem]]:
    """Every file stands for itself: a broken `prompt.py` leaves `publish.py` in use."""
    handlers: dict[HandlerName, Handler] = {}
    problems: list[LoadProblem] = []
    for file, names in folder.files_in(path):
        try:
            handlers |= _file_handlers(origin, file, names)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - as above
            problems.append(LoadProblem(origin.name, str(file), reason_of(error)))
    return Extension(origin, handlers), problems


def _file_handlers(origin: Origin, file: Path, names: tuple[HandlerName, ...]) -> dict[HandlerName, Handler]:
    found = folder.handlers_in(file, names)
    problems = [problem for name, one in found.items() for problem in shape.handler_problems(name, one)]
    if problems:
        raise Unusable("; ".join(problems))
    return {name: Handler.of(origin.name, name, function) for name, function in found.items()}
