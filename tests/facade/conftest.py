"""A connector on a real database and a real folder."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from app.runtime import Runtime, open_runtime


@pytest.fixture
async def runtime(make_settings: Callable[..., Any]) -> AsyncIterator[Runtime]:
    async with open_runtime(make_settings()) as runtime:
        yield runtime
