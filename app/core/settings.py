"""Every setting of the service, read once from `PYGAI_*` variables and `.env` and passed down from there."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from app.core import locations

MEBIBYTE = 1024 * 1024
SHORTEST_SECRET = 32
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
EMAIL_PATTERN = r"[^@\s\x00]+@[^@\s\x00]+"

# Where containers show their secrets as files.
CONTAINER_SECRETS = Path("/run/secrets")

CommaSeparated = Annotated[list[str], NoDecode]


class Settings(BaseSettings):
    """Settings by name; a variable is the name in capitals behind `PYGAI_`. Lists are separated by commas.

    A file of that name (`pygai_database_url`) among the secrets of a container or of a systemd unit counts too.
    """

    model_config = SettingsConfigDict(
        env_prefix="PYGAI_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    data_dir: Path = Field(Path("data"), description="Where the database, media, sites and secrets are kept.")
    database_url: SecretStr | None = Field(
        None,
        description="A PostgreSQL of your own. Several hosts with `target_session_attrs=read-write` fail over. "
        "Without it an embedded PostgreSQL runs in the data folder.",
    )
    database_pool_size: int = Field(20, ge=2, le=500, description="Most connections one process opens.")
    database_timeout_seconds: float = Field(
        30, gt=0, le=600, description="How long a statement may run before it is given up."
    )

    admin_email: str = Field(
        "admin@example.com", pattern=EMAIL_PATTERN, description="Address of the first administrator."
    )
    admin_password: SecretStr | None = Field(
        None, description="The first administrator's password; made up and shown once when absent."
    )
    secret: SecretStr | None = Field(
        None, description=f"Key that signs tokens, at least {SHORTEST_SECRET} characters."
    )
    secret_file: Path | None = Field(
        None, description="A file with that key; `secret.key` in the data folder when absent."
    )
    token_seconds: int = Field(30 * 86400, ge=60, description="How long a signed-in token is good.")
    signin_attempts: int = Field(
        10,
        ge=1,
        description="Failed sign-ins per account, and ten times as many per address, before a pause.",
    )
    signin_window_seconds: int = Field(900, ge=1, description="The time in which those failures are counted.")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(5050, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=256, description="Processes that serve requests.")
    public_url: str | None = Field(
        None,
        description="The address clients and readers use, with the path prefix if there is one; every absolute "
        "URL is made from it. The listening address when absent.",
    )
    trusted_proxies: CommaSeparated = Field(
        ["127.0.0.1"], description="Proxies whose X-Forwarded headers are believed: addresses or networks."
    )
    cors_origins: CommaSeparated = Field([], description="Browser origins that may call the API.")
    max_body_bytes: int = Field(16 * MEBIBYTE, ge=1024, description="Largest request body.")
    max_upload_bytes: int = Field(64 * MEBIBYTE, ge=1024, description="Largest uploaded attachment.")
    metrics_token: SecretStr | None = Field(None, description="When set, `/metrics` wants it as a bearer token.")

    lease_seconds: int = Field(900, ge=1, le=7 * 86400, description="How long a handed-out task is held.")
    reset_restores_count: bool = Field(True, description="Whether a reset (T4) restores the counts as well.")
    publish_wait_seconds: float = Field(
        10, ge=0, le=300, description="How long the answer to a submission waits for its page."
    )

    fetch_allowed_origins: CommaSeparated = Field(
        ["http://localhost:8080"],
        description="Origins that may be fetched although they are private; the default is the Gai application.",
    )
    fetch_timeout_seconds: float = Field(30, gt=0, le=600, description="Longest time for one file.")
    fetch_max_bytes: int = Field(64 * MEBIBYTE, ge=1, description="Largest file fetched for a submission.")
    fetch_max_files: int = Field(32, ge=0, le=1000, description="Most files one submission may name.")
    fetch_attempts: int = Field(6, ge=1, le=50, description="Tries before a file is given up.")
    fetch_retry_seconds: float = Field(10, gt=0, description="Pause before the second try; doubled each time.")

    fetch_remote_pictures: bool = Field(
        True,
        description="Whether pictures from other hosts that a text shows are fetched for its page; a link else.",
    )

    sites_url: str | None = Field(
        None,
        description="Where sites are written: a folder or an object-store URL; `sites` in the data folder.",
    )
    sites_allowed_roots: CommaSeparated = Field(
        [],
        description="Places beside the sites root where a site may be kept too: folders and object-store URLs.",
    )
    themes_path: Path | None = Field(
        None, description="A folder with themes of your own, one folder each; `themes` in the data folder."
    )
    media_url: str | None = Field(
        None, description="Where files are kept: a folder or an object-store URL; `media` in the data folder."
    )

    extensions: CommaSeparated = Field(
        ["pygaiext"],
        description="Enabled extensions, in order; `pygaiext` is the folder of the extension path.",
    )
    ext_path: Path = Field(Path("../pygaiext"), description="The extension path: `gai/prompt.py` and so on.")
    extension_timeout_seconds: float = Field(30, gt=0, le=3600, description="Longest run of one handler.")
    extension_on_error: Literal["default", "fail"] = Field(
        "default", description="What a failing handler leads to: the default in its place, or an error."
    )
    strict_extensions: bool = Field(False, description="Whether an extension that cannot be loaded is fatal.")

    run_jobs: bool = Field(True, description="Whether `serve` runs background jobs too.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")
    log_json: bool | None = Field(None, description="JSON log lines; when absent, unless on a terminal.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del file_secret_settings
        files = SecretsSettingsSource(settings_cls, secrets_dir=_secret_folders())
        return init_settings, env_settings, dotenv_settings, files

    @field_validator(
        "trusted_proxies",
        "cors_origins",
        "fetch_allowed_origins",
        "sites_allowed_roots",
        "extensions",
        mode="before",
    )
    @classmethod
    def split_at_commas(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return [part.strip() for part in value.split(",") if part.strip()]

    @field_validator("public_url", "fetch_allowed_origins")
    @classmethod
    def must_be_web_addresses(cls, value: Any) -> Any:
        for address in [value] if isinstance(value, str) else value or []:
            if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname:
                raise ValueError(f"{address!r} is not an http(s) address")
        return value.rstrip("/") if isinstance(value, str) else value

    @field_validator("sites_allowed_roots")
    @classmethod
    def must_be_places(cls, value: list[str]) -> list[str]:
        for place in value:
            locations.parse(place)
        return value

    @field_validator("database_url")
    @classmethod
    def must_be_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        # Told without the address itself, which holds a password.
        if value is not None and not _is_postgresql(value.get_secret_value()):
            raise ValueError("must be an address such as postgresql://user:password@host:5432/database")
        return value

    @model_validator(mode="after")
    def secret_must_be_long(self) -> "Settings":
        if self.secret and len(self.secret.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"PYGAI_SECRET must have at least {SHORTEST_SECRET} characters")
        return self

    @property
    def is_on_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return self.host in LOOPBACK

    @property
    def base_url(self) -> str:
        """The public address without a final slash."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def path_prefix(self) -> str:
        """The path below which a proxy shows the service, or an empty string."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def sites_location(self) -> str:
        return self.sites_url or str((self.data_dir / "sites").resolve())

    @property
    def themes_folder(self) -> Path:
        return self.themes_path or self.data_dir / "themes"

    @property
    def media_location(self) -> str:
        return self.media_url or str((self.data_dir / "media").resolve())


def reasons_of(invalid: ValidationError) -> list[str]:
    """Each setting that is invalid and why, such as `PYGAI_PORT: Input should be a valid integer`."""
    return [
        f"{_variable_of(problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in invalid.errors()
    ]


def _variable_of(location: tuple[int | str, ...]) -> str:
    name = ".".join(map(str, location))
    return f"PYGAI_{name.upper()}" if name else "settings"


def _secret_folders() -> list[Path]:
    of_unit = os.environ.get("CREDENTIALS_DIRECTORY")
    folders = [CONTAINER_SECRETS, *([Path(of_unit)] if of_unit else [])]
    return [folder for folder in folders if folder.is_dir()]


def _is_postgresql(address: str) -> bool:
    try:
        return urlsplit(address).scheme in {"postgresql", "postgres"}
    except ValueError:
        return False
