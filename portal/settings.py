"""Everything the surroundings decide, read once from the environment into one frozen value."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """The portal's settings; `from_env` reads them, tests build their own."""

    var: Path
    database_url: str
    redis_url: str
    files_url: str
    secret_key: str
    keys_folder: Path
    keys_passphrase: str
    seals_folder: Path | None
    seals_passphrase: str
    base_url: str
    host: str
    port: int
    mail_url: str
    mail_from: str
    session_hours: int
    upload_max_bytes: int
    upload_max_pages: int
    online_ack_hours: int
    late_entry_days: int
    sweep_after_seconds: int
    saved_views: int
    secure_cookies: bool
    trusted_proxies: int

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the environment; what is not set gets a default that is right for one machine and fit to be public.

        `PORTAL_VAR` (folder of all that the embedded defaults keep) is made if missing, with a secret key of its own.
        """
        env = os.environ if env is None else env
        var = Path(env.get("PORTAL_VAR") or "var").resolve()
        var.mkdir(parents=True, exist_ok=True)
        host, port = env.get("PORTAL_HOST", "127.0.0.1"), int(env.get("PORTAL_PORT", "8000"))
        base_url = env.get("PORTAL_BASE_URL") or f"http://{host}:{port}"
        return cls(
            var=var,
            database_url=_database_url(env, var),
            redis_url=env.get("REDIS_URL") or f"unix://{var / 'queue.sock'}",
            files_url=env.get("FILES_URL") or str(var / "files"),
            secret_key=env.get("SECRET_KEY") or _kept_secret(var / "secret-key"),
            keys_folder=Path(env.get("KEYS_FOLDER") or var / "keys"),
            keys_passphrase=env.get("KEYS_PASSPHRASE") or _kept_secret(var / "keys-passphrase"),
            seals_folder=Path(env["SEALS_FOLDER"]) if env.get("SEALS_FOLDER") else None,
            seals_passphrase=env.get("SEALS_PASSPHRASE", ""),
            base_url=base_url.rstrip("/"),
            host=host,
            port=port,
            mail_url=env.get("MAIL_URL", ""),
            mail_from=env.get("MAIL_FROM", "mot-cua@bao-yen.invalid"),
            session_hours=int(env.get("SESSION_HOURS", "12")),
            upload_max_bytes=int(env.get("UPLOAD_MAX_BYTES", str(10 * 1024 * 1024))),
            upload_max_pages=int(env.get("UPLOAD_MAX_PAGES", "200")),
            online_ack_hours=int(env.get("ONLINE_ACK_HOURS", "8")),
            late_entry_days=int(env.get("LATE_ENTRY_DAYS", "7")),
            sweep_after_seconds=int(env.get("SWEEP_AFTER_SECONDS", "60")),
            saved_views=int(env.get("SAVED_VIEWS", "20")),
            secure_cookies=base_url.startswith("https://"),
            trusted_proxies=int(env.get("TRUSTED_PROXIES", "0")),
        )


def _database_url(env: Mapping[str, str], var: Path) -> str:
    return env.get("DATABASE_URL") or f"{_SQLITE}{var / 'portal.sqlite3'}"


_SQLITE = "sqlite:///"


def database_there(env: Mapping[str, str]) -> bool:
    """Whether there may be a database to look into: one on a server, or one in a file that was made. Makes nothing."""
    url = _database_url(env, Path(env.get("PORTAL_VAR") or "var").resolve())
    return not url.startswith("sqlite") or Path(url.removeprefix(_SQLITE)).is_file()


def _kept_secret(path: Path) -> str:
    """The key kept beside the data, made at first use and readable by its owner alone."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key := secrets.token_hex(32))
    return key
