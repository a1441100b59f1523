"""Which time zone the original's local times are in, unless it is said."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

from app.core import errors

LOCALTIME = Path("/etc/localtime")


def zone_named(name: str) -> ZoneInfo:
    """Raises Invalid for a name that is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as unknown:
        raise errors.Invalid({"--time-zone": f"{name!r} is not a time zone; one is Asia/Shanghai"}) from unknown


def host_zone() -> ZoneInfo:
    """This machine's own; UTC when it does not say by name."""
    for name in (os.environ.get("TZ", "").lstrip(":"), str(LOCALTIME.resolve()).partition("/zoneinfo/")[2]):
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")
