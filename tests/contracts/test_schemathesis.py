"""The OpenAPI document against the running service: no 5xx, and no answer outside what is documented."""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from app.access import service as access
from tests.builders import a_prompt, a_site, a_user
from tests.faults.processes import a_service

# Fixed, so that a failure is found again; raise the number of examples to search wider by hand.
SEED = 20261122
EXAMPLES = 40

# A long-poll would wait as long as it is told to, and a file may hold anything, so that none is a wrong one.
CONFIGURATION = """
[parameters]
"query.wait" = 0

[[operations]]
include-name = "POST /aiprompt/{prompt_id}/files/"
checks.negative_data_rejection.enabled = false
"""

SETTINGS = {
    "signin_attempts": "1",
    "fetch_attempts": "1",
    "publish_wait_seconds": "1",
    "lease_seconds": "5",
    "max_body_bytes": "200000",
    "max_upload_bytes": "200000",
    "extensions": "",
}


async def run_schemathesis(url: str, token: str, folder: Path) -> tuple[int, str]:
    """Its exit code, and what it says."""
    configuration = folder / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"), "--config-file", configuration, "--no-color",
        "run", f"{url}/openapi.json", "--header", f"Authorization: Bearer {token}",
        "--seed", str(SEED), "--max-examples", str(EXAMPLES), "--continue-on-failure",
        # It revokes the token that all the rest needs.
        "--exclude-path", "/signout",
        cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return await process.wait(), said.decode()


@pytest.mark.parametrize("role", ["admin", "client"])
async def test_no_answer_is_outside_of_what_is_documented(role, database, dsn, tmp_path):
    async with a_service(tmp_path, database_url=dsn, **SETTINGS) as service:
        site = await a_site(database)
        for _ in range(20):
            await a_prompt(database, dir_id=site.id, count=10_000)
        user = await a_user(database, role=role)
        async with database.session() as session:
            _, token = await access.add_personal_token(session, email=user.email, name="schemathesis")

        code, said = await run_schemathesis(service.url, token, tmp_path)

        assert code == 0, said
        assert " 0 passed" not in said
        assert not re.search(r'"status": ?5\d\d', service.log.read_text())
