"""The contracts of import-linter hold what is new in `app` as well, without anybody thinking of it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.deployment import ROOT

PARTS = sorted(
    part.stem for part in (ROOT / "app").iterdir() if part.name[0] not in "_." and part.suffix in {"", ".py"}
)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_app_is_in_the_architecture(part):
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")

    assert re.search(rf"`app/{part}(/|\.py)`", page)


@pytest.fixture
def tree(tmp_path):
    """Our packages, empty but for one part that is new, under our own contracts."""
    for package in ("app", "schemas", "extensions"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    for part in (*PARTS, "brand_new"):
        (tmp_path / "app" / part).mkdir()
        for module in ("__init__", "inner"):
            (tmp_path / "app" / part / f"{module}.py").touch()
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return tmp_path


def lint(tree):
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", "pyproject.toml"]
    done = subprocess.run(
        command, cwd=tree, env={"PYTHONPATH": str(tree)}, capture_output=True, text=True, timeout=60
    )
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)


def test_an_extension_may_import_the_sdk_and_the_schemas_and_nothing_else(tree):
    modules = ["app", *(f"app.{part}{inner}" for part in (*PARTS, "brand_new") for inner in ("", ".inner"))]
    lines = ["from app import something", *(f"import {module}" for module in modules[1:]), "import schemas"]
    for name in ("__init__", "a_plugin"):
        (tree / "extensions" / f"{name}.py").write_text("\n".join(lines))

    said = lint(tree)

    refused = [module for module in modules if not module.startswith("app.sdk")]
    for importer in ("extensions", "extensions.a_plugin"):
        found = re.findall(rf"^-\s+{re.escape(importer)} -> (\S+)", said, re.MULTILINE)
        assert sorted(found) == sorted(refused), said


def test_a_new_part_must_be_given_its_place_among_the_layers(tree):
    said = lint(tree)

    assert "Features import downwards only BROKEN" in said
    assert "brand_new" in said
