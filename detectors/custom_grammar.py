"""What may stand in a file of one's own detectors. Imported where one is read: pydantic is needed here."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict

from detectors.custom_checks import check_label, check_name_of_check, check_pattern
from detectors.grammar import Keys, Number, checked, described
from detectors.model import Tier


class DetectorKeys(Keys):
    """A detector of the user's."""

    name: str
    label: Annotated[str, checked(check_label)]
    title: str | None = None
    title_en: str | None = None
    pattern: Annotated[str, checked(check_pattern)] = described("RE2: no look-around, no back references", "")
    words: tuple[str, ...] = described("cells that are one of these", ())
    check: Annotated[str, checked(check_name_of_check)] = described("of what the pattern matches", "none")
    base: Number = 0.9
    chance: Number = 0.0
    source: str = "user's own"
    tier: Tier = "core"
    names: tuple[str, ...] = described("name tokens joined by _, or Chinese words for names and comments", ())
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()


class DetectorFileKeys(Keys):
    """The file: what stands beside the list is not ours."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    detectors: tuple[DetectorKeys, ...]
