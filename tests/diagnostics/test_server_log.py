"""The check of the embedded server's log."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.settings import Settings
from app.diagnostics.server_log import check_server_log


@pytest.mark.parametrize(("hours", "is_trouble"), [(1, True), (48, False)])
async def test_serious_errors_of_the_last_day_are_found(tmp_path, hours, is_trouble):
    stamp = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")
    line = f"{stamp}.000 UTC [7] PANIC:  could not write to file: No space left on device\n"
    (tmp_path / "postgres.log").write_text(f"{stamp}.000 UTC [7] LOG:  all is well\n{line}")

    finding = await check_server_log(Settings(data_dir=tmp_path))

    assert finding.is_trouble is is_trouble
