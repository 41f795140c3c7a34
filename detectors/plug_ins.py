"""Plug-ins: what other packages offer by the entry points `chujing.*`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detectors.errors import ConfigError
from detectors.message import Msg

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def load_plug_in(entry: EntryPoint) -> Any:
    """Return what an entry point names; raise ConfigError with its package if it cannot be imported."""
    try:
        return entry.load()
    except Exception as e:                    # the code of others runs while it is imported
        package = entry.dist.name if entry.dist is not None else entry.module
        lacking = e.name if isinstance(e, ImportError) and e.name else ""
        kind = type(e).__name__
        raise ConfigError(
            Msg(
                "the plug-in {name} of {package} cannot be loaded ({fault})",
                name=entry.name, package=package, fault=f"{kind}: {lacking}" if lacking else kind,
            ),
            hint=Msg("was it written for another version of chujing? update or uninstall it"),
        ) from e
