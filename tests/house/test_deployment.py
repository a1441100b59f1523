"""What Dockerfile, docker-compose.yml and deploy/ promise, done as far as it goes without a container engine."""

import asyncio
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app import __version__
from app.core.settings import Settings
from schemas.prompt import LONGEST_WAIT_SECONDS
from tests.builders import a_prompt, a_site, a_submission
from tests.conftest import SECRET, eventually
from tests.faults import proxied
from tests.house import deployment
from tests.house.deployment import ROOT, compose, copied, outside, stages, unprivileged

LIMITS = {"PROXY_BODY_LIMIT": "max_body_bytes", "PROXY_UPLOAD_LIMIT": "max_upload_bytes"}


@pytest.fixture
def place():
    """Stands for the container's root: everybody may enter it."""
    with tempfile.TemporaryDirectory(prefix="pygai-image-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        yield Path(place)


@pytest.fixture
def tree(place):
    tree = deployment.lay_out(place)
    yield tree
    for folder in [tree, *(inner for inner in tree.rglob("*") if inner.is_dir())]:
        folder.chmod(0o755)


@pytest.fixture
def secrets(place, dsn):
    """The secrets that compose mounts, as deploy/secrets.sh makes them; the address is the test's database."""
    folder = place / "secrets"
    subprocess.run([ROOT / "deploy" / "secrets.sh", folder], check=True, capture_output=True, timeout=30)
    _replace(folder / "pygai_database_url", dsn)
    return folder


def _replace(file: Path, text: str) -> None:
    file.unlink()
    file.write_text(text)


def _environment(service: str, tree: Path, secrets: Path, **changes: str) -> dict[str, str]:
    """What a service of compose sees, with the places of this machine."""
    image = {name: value for name, value in stages()[-1].environment.items() if name != "PATH"}
    composed = compose()["services"][service]["environment"]
    given = {name: proxied.defaulted(str(value)) for name, value in (image | composed).items()}
    folder = tree.parents[1]
    for name, value in given.items():
        here = value.replace("/run/secrets", str(secrets)) if value.startswith("/run/secrets") else value
        given[name] = str(folder / "data") if value == "/data" else here
    own = {"PYTHONPATH": str(tree), "CREDENTIALS_DIRECTORY": str(secrets), "PYGAI_TRUSTED_PROXIES": "127.0.0.1"}
    return proxied.plain_environment() | given | own | changes


def _command(service: str) -> list[str]:
    image = stages()[-1]
    return image.one("ENTRYPOINT").items + compose()["services"][service].get("command", image.one("CMD").items)


def _is_healthy(tree: Path, environment: dict[str, str]) -> bool:
    command = outside(stages()[-1].one("HEALTHCHECK").items, tree)
    return subprocess.run(command, env=environment, timeout=10, capture_output=True).returncode == 0


@pytest.fixture
def somebody(postgres, place):
    """Who may use the test's database and nothing else; owner of the data folder."""
    uid = Path(parse_qs(urlsplit(postgres.dsn).query)["host"][0]).stat().st_uid
    (place / "data").mkdir()
    if os.geteuid() == 0:
        os.chown(place / "data", uid, uid)
    return uid


async def test_the_commands_of_image_and_compose_serve_and_publish_without_rights(
    place, tree, secrets, database, somebody
):
    port = str(proxied.free_port())
    serving = _environment("pygai", tree, secrets, PYGAI_PORT=port)
    working = _environment("jobs", tree, secrets)
    before = _everything_in(tree)
    with ExitStack() as stack:
        was_healthy = _is_healthy(tree, serving)
        service = stack.enter_context(
            proxied.process(
                unprivileged(outside(_command("pygai"), tree), somebody),
                log=place / "service.log",
                env=serving,
                cwd=tree,
            )
        )
        await eventually(lambda: asyncio.to_thread(_is_healthy, tree, serving), seconds=30)
        jobs = unprivileged(outside(_command("jobs"), tree), somebody)
        stack.enter_context(proxied.process(jobs, log=place / "jobs.log", env=working, cwd=tree))
        published = await _publish(database, f"http://127.0.0.1:{port}", secrets)
        service.send_signal(signal.SIGTERM)
        began = time.monotonic()
        service.wait(15)
        seconds_to_stop = time.monotonic() - began

    assert not was_healthy
    assert published["status"] == "published", (place / "jobs.log").read_text()
    assert published["url"].startswith("http://localhost:5050/sites/")
    assert seconds_to_stop < 10
    assert _everything_in(tree) == before


async def _publish(database, url, secrets):
    """Sign in as the administrator whose password is a secret, hand a text in, and wait for its page."""
    prompt = await a_prompt(database, dir_id=(await a_site(database)).id)
    password = (secrets / "pygai_admin_password").read_text().strip()
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        signed_in = await client.post("/signin", data={"username": "admin@example.com", "password": password})
        client.headers["Authorization"] = f"Bearer {signed_in.json()['data']['jwt']}"
        body = a_submission(promptId=str(prompt.id))
        answer = await client.post("/aicontent/input/?writetofile=1", json=body)
        content = (await client.get(answer.headers["Content-Location"])).json()["data"]
    return content["publish"]


def _everything_in(tree: Path) -> dict[str, float]:
    return {str(place): place.stat().st_mtime for place in tree.rglob("*")}


def test_the_image_refuses_to_be_public_without_a_secret(place, tree):
    environment = proxied.plain_environment() | {"PYGAI_DATA_DIR": str(place / "data"), "PYTHONPATH": str(tree)}
    image = stages()[-1]
    command = [*outside(image.one("ENTRYPOINT").items, tree), *image.one("CMD").items]

    done = subprocess.run(command, env=environment, cwd=tree, capture_output=True, text=True, timeout=60)

    assert done.returncode != 0
    assert "PYGAI_SECRET" in done.stderr + done.stdout


def test_the_final_image_has_a_user_without_rights_and_no_tools():
    builder, final = stages()
    steps = " ".join(run.rest for run in final.all("RUN"))

    assert builder.image == final.image
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", final.image)
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", final.one("USER").rest)
    assert not re.search(r"\b(apt|apt-get|pip|gcc|curl|wget)\b", steps)
    assert "--require-hashes" in builder.all("RUN")[1].rest
    assert f"VERSION={__version__}" in [arg.rest for arg in final.all("ARG")]
    assert final.one("VOLUME").items == [final.environment["PYGAI_DATA_DIR"]]


def test_only_what_is_copied_can_get_into_the_image():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    ignored = [line for line in lines if line and not line.startswith("#")]

    assert ignored[0] == "*"
    assert sorted(line[1:] for line in ignored if line.startswith("!")) == sorted(copied())
    assert all((ROOT / name).exists() for name in copied())


def test_the_compose_file_follows_its_schema():
    schema = ["--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"]

    done = subprocess.run([sys.executable, "-m", "check_jsonschema", *schema], capture_output=True, timeout=60)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["db", "pygai", "jobs", "nginx"])
def test_a_service_of_compose_has_no_rights_that_it_does_not_need(name):
    service = compose()["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in [mount.split(":")[0] for mount in service["tmpfs"]]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service.get("user", stages()[-1].one("USER").rest))
    assert "healthcheck" in service or name == "pygai"


def test_compose_and_its_example_set_only_what_there_is():
    known = {f"PYGAI_{name.upper()}" for name in Settings.model_fields}
    composed = {name for service in compose()["services"].values() for name in service["environment"]}
    interpolated = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    example = set(re.findall(r"^(\w+)=", (ROOT / "deploy" / ".env.example").read_text(), re.MULTILINE))

    assert {name for name in composed if name.startswith("PYGAI_")} <= known
    assert example <= interpolated
    assert interpolated - example <= {"PYGAI_VERSION"}


def test_only_the_network_between_proxy_and_service_is_trusted():
    composed = compose()
    [network] = composed["networks"]["front"]["ipam"]["config"]
    inside = {name for name, service in composed["services"].items() if "front" in service["networks"]}

    assert composed["services"]["pygai"]["environment"]["PYGAI_TRUSTED_PROXIES"] == network["subnet"]
    assert inside == {"pygai", "nginx"}
    assert composed["networks"]["back"]["internal"] is True


def test_the_proxy_has_a_value_for_every_variable_and_no_other():
    templates = "".join(file.read_text() for file in (ROOT / "deploy" / "nginx").glob("*.template"))
    needed = set(re.findall(r"\$\{(PROXY_[A-Z_]+)\}", templates))
    example = set(re.findall(r"^(\w+)=", (ROOT / "deploy" / "nginx.env.example").read_text(), re.MULTILINE))

    assert set(proxied.composed_proxy_values()) == needed
    assert example == needed


@pytest.mark.parametrize("limit", LIMITS)
def test_the_proxy_takes_as_much_as_the_service(limit):
    allowed = proxied.composed_proxy_values()[limit]

    assert allowed == f"{Settings.model_fields[LIMITS[limit]].default // 1024**2}m"


def test_the_proxy_waits_longer_than_the_service():
    waits = int(proxied.composed_proxy_values()["PROXY_READ_TIMEOUT"].removesuffix("s"))
    publish_wait = Settings.model_fields["publish_wait_seconds"].default

    assert waits > LONGEST_WAIT_SECONDS + publish_wait + 10


def test_secrets_are_made_up_once_and_kept_from_others(tmp_path):
    script, folder = ROOT / "deploy" / "secrets.sh", tmp_path / "secrets"
    subprocess.run([script, folder], check=True, capture_output=True, timeout=30)
    first = {file.name: file.read_text().strip() for file in folder.iterdir()}

    again = subprocess.run([script, folder], check=True, capture_output=True, timeout=30)

    assert again.stdout == b""
    assert {file.name: file.read_text().strip() for file in folder.iterdir()} == first
    assert set(first) == set(compose()["secrets"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert first["postgres_password"] in first["pygai_database_url"]
    assert all(len(secret) >= 24 for secret in first.values())
    assert len(first["pygai_secret"]) >= 32
    assert os.access(script, os.X_OK)


def test_a_secret_may_be_a_file_of_the_settings_name(tmp_path, monkeypatch):
    (tmp_path / "pygai_secret").write_text(f"{SECRET}\n")
    (tmp_path / "pygai_database_url").write_text("postgresql://from-a-file/pygai\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("PYGAI_DATABASE_URL", "postgresql://from-a-variable/pygai")

    settings = Settings()

    assert settings.secret.get_secret_value() == SECRET
    assert settings.database_url.get_secret_value() == "postgresql://from-a-variable/pygai"
