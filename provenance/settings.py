"""All settings in one place: defaults < TOML file < environment < options.

The file is `config.toml` in the user's configuration directory, or the one `PROVENANCE_CONFIG`
names. Every field can be set in the environment as `PROVENANCE_` and its name in capitals. Nothing
else in the package reads `os.environ`.
"""

from __future__ import annotations

import contextlib
import os
import tomllib
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from provenance.errors import SettingsError

APP = "provenance"
_MIB = 1024 * 1024

Profile = Literal["compact", "standard", "thorough"]
"""How much is kept of known footage: the more, the more edits it is found under, and the larger and
slower the archive."""
PROFILES: tuple[Profile, ...] = typing.get_args(Profile)
_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True)
class Settings:
    """Limits and choices. Seconds for times, bytes for sizes."""

    archive: str = ""
    """Directory of the archive; empty: the user's data directory."""
    profile: Profile = "standard"
    """How much is kept of footage that is added from now on."""

    ffmpeg: str = ""
    """Path of ffmpeg; empty: the one on PATH, else the one in the imageio-ffmpeg wheel."""
    decode_timeout: float = 1800.0
    """Wall time one decoding child may take."""
    decode_memory: int = 2048 * _MIB
    """Address space of one decoding child; 1 GiB is enough for 4K with two threads (measured)."""
    decode_threads: int = 2
    """Most threads of one decoding child. Memory grows with them, so they are always set."""
    max_media_duration: float = 6 * 3600.0
    """Longer sources are refused."""
    max_media_pixels: int = 8192 * 8192
    """Frames with more pixels are refused."""

    download_max_height: int = 1080
    """Best video up to this height."""
    download_max_bytes: int = 2048 * _MIB
    download_max_duration: float = 6 * 3600.0
    download_timeout: float = 900.0
    """Wall time one download may take."""
    download_stall: float = 20.0
    """A connection that sends nothing for this long is given up."""
    download_retries: int = 2
    """How often a failure that may pass (a fault of the server, a broken transfer) is retried."""
    download_pause: float = 2.0
    """Between two downloads from one site, varied by half, so that it is not burdened; 0: none."""
    download_cache: str = ""
    """Directory of downloads that are kept for a while; empty: the user's cache directory."""
    download_cache_max_bytes: int = 2048 * _MIB
    """What was used longest ago goes first; 0: nothing is kept."""
    download_cache_max_age: float = 24 * 3600.0
    """Older downloads are fetched anew: pages change."""
    download_local_hosts: str = ""
    """Servers that may be asked though their address is private: host:port, commas between."""
    download_proxy: str = field(default="", repr=False)  # may hold a password
    """Proxy that downloads go through; empty: what the environment names; "none": no proxy."""
    download_cookies: str = ""
    """File of cookies (Netscape's cookies.txt) that are sent to the sites they belong to."""
    download_cookies_from_browser: str = ""
    """Browser whose cookies are sent, BROWSER[+KEYRING][:PROFILE][::CONTAINER]; empty: none."""

    plugins: bool = True
    """Whether plug-ins are used that other distributions offer."""

    accept_score: float = 0.5
    """Matches at or above this score are accepted as the same footage."""

    credentials_anchors: str = ""
    """PEM file of the certificates that signers of Content Credentials are trusted by; empty: none.
    """
    credentials_network: bool = False
    """Whether Content Credentials may be fetched from the address that a file names. This tells
    others what you check."""
    timestamp_url: str = ""
    """Server of RFC 3161 time stamps that evidence bundles are stamped by; empty: none is asked."""
    timestamp_roots: str = ""
    """PEM file of the certificates that signers of time stamps are trusted by."""

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise SettingsError(
                f"There is no profile {self.profile!r}.", f"Choose one of {', '.join(PROFILES)}."
            )

    def archive_path(self) -> Path:
        """The archive's directory."""
        if self.archive:
            return Path(self.archive).expanduser()
        from platformdirs import user_data_path

        return user_data_path(APP, appauthor=False) / "archive"

    def cache_path(self) -> Path:
        """The directory of what is kept of downloads."""
        if self.download_cache:
            return Path(self.download_cache).expanduser()
        from platformdirs import user_cache_path

        return user_cache_path(APP, appauthor=False) / "downloads"


def load_settings(
    options: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Settings from file, environment and options, in rising order of weight.

    Args:
        options: field name -> value; None values are left out.
        environment: instead of `os.environ`, for tests.

    Raises:
        SettingsError: an unreadable file, an unknown name in it, or a value of the wrong kind.
    """
    env = os.environ if environment is None else environment
    names = {field.name for field in fields(Settings)}
    values: dict[str, Any] = {}
    for name, value in _read_file(env).items():
        if name not in names:
            raise SettingsError(
                f"The settings file has an unknown name: {name}.",
                "Known names: " + ", ".join(sorted(names)) + ".",
            )
        values[name] = value
    for name in names:
        text = env.get(f"PROVENANCE_{name.upper()}")
        if text:
            values[name] = text
    values.update({name: value for name, value in (options or {}).items() if value is not None})
    kinds = typing.get_type_hints(Settings)
    return replace(Settings(), **{n: _coerced(n, v, kinds[n]) for n, v in values.items()})


def calm_threads() -> None:
    """Keep the numerical libraries of this process from waiting busily; before they are loaded.

    Their worker threads spin while they wait. On a machine that has other work, too, a check took
    twice the processor time for it (8.9 s against 4.5 s, 2 cores, measured). OpenCV is called by as
    many threads as there are processors; where it divides each call among threads of its own,
    waking them costs a fortieth of a check. For programs of our own: a library must not set its
    caller's environment.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")


def threads_are_calm() -> bool:
    """Whether OpenCV has been asked to have no threads of its own."""
    return os.environ.get("OPENCV_FOR_THREADS_NUM") == "1"


@contextlib.contextmanager
def kept_variable(name: str) -> Iterator[None]:
    """After the block a variable of the environment is what it was before: some libraries set one
    for themselves while they are loaded, and every program that the caller starts would get it."""
    before = os.environ.get(name)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before


def _read_file(env: Mapping[str, str]) -> dict[str, Any]:
    named = env.get("PROVENANCE_CONFIG")
    if named:
        path = Path(named).expanduser()
    else:
        from platformdirs import user_config_path

        path = user_config_path(APP, appauthor=False) / "config.toml"
        if not path.exists():
            return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The settings file {path} cannot be read: {error}.", "Correct or remove it."
        ) from error


def _truth(name: str, value: Any) -> bool:
    said = str(value).strip().lower()
    if said not in _YES | _NO:
        raise SettingsError(
            f"The setting {name} has the value {value!r}, which is neither yes nor no.",
            f"Write true or false in the settings file, or yes or no in PROVENANCE_{name.upper()}.",
        )
    return said in _YES


def _coerced(name: str, value: Any, kind: type) -> Any:
    if typing.get_origin(kind) is Literal:
        kind = str
    if kind is bool:
        return _truth(name, value)
    try:
        result = kind(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"The setting {name} has the value {value!r}, which is no {kind.__name__}.",
            f"Correct it in the settings file or in PROVENANCE_{name.upper()}.",
        ) from error
    if kind in (int, float) and not 0 <= result < float("inf"):
        raise SettingsError(f"The setting {name} cannot be {value!r}.", "Give a positive number.")
    return result
