"""Recognisers of Presidio and OpenMetadata as detectors of our own YAML; what is omitted is named, with why.

Presidio: a file with `recognizers:` (custom ones with patterns or a deny list). OpenMetadata: one tag, a list
of tags, or an API answer with `data:`, whose tags hold `recognizers:`, as YAML or JSON.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.custom_checks import pattern_fault
from detectors.errors import RulesError, nearest
from detectors.input_files import input_text
from detectors.labels import labels
from detectors.message import Msg, Text, Word
from detectors.renamed import old_attributes, old_names

ENTITIES = {  # what others call a thing -> our label
    "PERSON": "person_name",
    "PHONE_NUMBER": "phone_mobile",
    "EMAIL_ADDRESS": "email",
    "EMAIL": "email",
    "CREDIT_CARD": "bank_card",
    "CREDITCARD": "bank_card",
    "IBAN_CODE": "bank_account",
    "BANK_ACCOUNT": "bank_account",
    "IP_ADDRESS": "ip_address",
    "MAC_ADDRESS": "mac_address",
    "LOCATION": "postal_address",
    "ADDRESS": "postal_address",
    "US_SSN": "resident_id",
    "SSN": "resident_id",
    "NATIONALID": "resident_id",
    "NATIONAL_ID": "resident_id",
    "PASSPORT": "passport",
    "US_PASSPORT": "passport",
    "DRIVERSLICENSE": "other_id_document",
    "US_DRIVER_LICENSE": "other_id_document",
    "MEDICAL_LICENSE": "other_id_document",
    "PASSWORD": "credential",
    "GENDER": "gender",
    "BIRTHDATE": "birth_date",
    "DATE_OF_BIRTH": "birth_date",
    "CHINA_ID": "resident_id",
    "CN_ID_CARD": "resident_id",
    "LICENSE_PLATE": "plate_number",
    "VIN": "vin",
    "SALARY": "salary_income",
    "NRP": "other_pi",
}


@old_attributes(left_out="omitted")
@dataclass(frozen=True, slots=True)
class Conversion:
    """detectors: mappings for our YAML. omitted: recognisers that were not carried over, and why."""

    detectors: tuple[dict[str, Any], ...]
    omitted: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class _Recogniser:
    """entity: of Presidio, or a tag; empty for one that is built in. config: its own settings."""

    name: str
    entity: str
    config: Mapping[str, Any]


def convert(path: Path, chosen: Mapping[str, str] | None = None) -> Conversion:
    """Return the detectors that a file of either kind holds; raise RulesError if it is neither.

    chosen: entity or tag -> label; goes before our own table.
    """
    chosen = chosen or {}
    raw = _read(path)
    for label in chosen.values():
        if label not in labels():
            hint = nearest(label, labels())
            raise RulesError(Msg('unknown label "{name}"', name=label), where="--label", hint=hint)
    recognisers = list(_recognisers(raw))
    if not recognisers:
        raise RulesError(
            Msg("no recognisers in it"),
            where=str(path),
            hint=Msg("Presidio's recognizers: or OpenMetadata's tags with recognizers:"),
        )
    detectors: list[dict[str, Any]] = []
    omitted: list[Text] = []
    for recogniser in recognisers:
        label = _label(recogniser.entity, chosen)
        if not label:
            omitted.append(_without_label(recogniser))
            continue
        for result in _conversion_results(recogniser):
            if isinstance(result, str):
                omitted.append(result)
            else:
                name = _unique(result.pop("name"), {d["name"] for d in detectors})
                about = {"name": name, "label": label, "title": recogniser.name}
                detectors.append({**about, **result, "source": f"imported from {path.name}"})
    return Conversion(tuple(detectors), tuple(omitted))


def _read(path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(input_text(path, RulesError))
    except (OSError, UnicodeDecodeError):
        raise RulesError(
            Msg("cannot be read"), where=str(path), hint=Msg("a UTF-8 YAML or JSON file is needed")
        ) from None
    except (yaml.YAMLError, RecursionError):
        raise RulesError(Msg("neither YAML nor JSON"), where=str(path)) from None


def _recognisers(raw: Any) -> Iterator[_Recogniser]:
    """The recognisers in a document of either kind."""
    for key in ("data", "tags"):
        if isinstance(raw, Mapping) and isinstance(raw.get(key), list):
            raw = raw[key]
    for holder in raw if isinstance(raw, list) else [raw]:
        if not isinstance(holder, Mapping):
            continue
        for entry in _listed(holder.get("recognizers")):
            if isinstance(entry, Mapping):
                yield _recogniser(entry, str(holder.get("name", "")))


def _recogniser(entry: Mapping[str, Any], tag: str) -> _Recogniser:
    name, config = str(entry.get("name", "")), entry.get("recognizerConfig")
    if isinstance(config, Mapping):           # OpenMetadata: the tag says what is recognised
        switches = {"target": entry.get("target", "content"), "enabled": entry.get("enabled", True)}
        return _Recogniser(name, tag, {**config, **switches})
    entity = entry.get("supported_entity") or next(iter(_listed(entry.get("supported_entities"))), "")
    return _Recogniser(name, str(entity), entry)


def _label(entity: str, chosen: Mapping[str, str]) -> str:
    """Our label for what others call an entity; empty if there is none."""
    own = entity.lower() if entity.lower() in labels() else ""
    return chosen.get(entity) or ENTITIES.get(entity.upper()) or own


def _without_label(recogniser: _Recogniser) -> Text:
    if recogniser.entity:
        return Msg(
            "{name}: {entity} has no label; give --label {id}=LABEL",
            name=recogniser.name, entity=recogniser.entity, id=recogniser.entity,
        )
    return Msg(
        "{name}: code of its own; chujing's own detectors, or a Python entry point, take its place",
        name=recogniser.name,
    )


def _conversion_results(recogniser: _Recogniser) -> Iterator[dict[str, Any] | Text]:
    """Detectors, their label apart, or why there is none; one for each pattern, and one for words."""
    config, name = recogniser.config, recogniser.name
    patterns = _listed(config.get("patterns"))
    words = _listed(config.get("deny_list") or config.get("exactTerms"))
    if config.get("enabled") is False:
        yield Msg("{name}: switched off", name=name)
    elif config.get("target") == "column_name":
        yield Msg("{name}: matches column names by pattern; list the names under names: instead", name=name)
    elif not patterns and not words:
        yield Msg(
            "{name}: {kind} is code of its own; "
            "chujing's own detectors, or a Python entry point, take its place",
            name=name, kind=config.get("type", "") or Word("this kind", "该识别器"),
        )
    else:
        base = _identifier(name)
        for number, pattern in enumerate(patterns, 1):
            own_name = base if len(patterns) == 1 else f"{base}_{number}"
            yield _from_pattern(recogniser, pattern, own_name, number)
        if words:
            own_name = f"{base}_words" if patterns else base
            yield {"name": own_name, "words": [str(word) for word in words], "base": 0.9}


def _listed(value: Any) -> Sequence[Any]:
    """Return what stands in a list; nothing for what is none."""
    return value if isinstance(value, list) else ()


def _from_pattern(recogniser: _Recogniser, pattern: Any, name: str, number: int) -> dict[str, Any] | Text:
    score = (pattern.get("score") or 0.5) if isinstance(pattern, Mapping) else ""
    if not isinstance(score, int | float) or math.isnan(score):
        return Msg("{name}: pattern {n} is not as Presidio writes one", name=recogniser.name, n=number)
    regex = str(pattern.get("regex", ""))
    if fault := pattern_fault(regex):
        return Msg(
            '{name}: pattern "{text}": {fault}',
            name=recogniser.name, text=pattern.get("name", number), fault=fault,
        )
    flags = recogniser.config.get("regexFlags")
    ignore_case = not isinstance(flags, Mapping) or bool(flags.get("ignoreCase", True))
    has_letters = re.search("[A-Za-z]", re.sub(r"\\.", "", regex)) is not None
    shape = f"(?i){regex}" if ignore_case and has_letters else regex
    return {"name": name, "pattern": shape, "base": float(min(max(score, 0.05), 0.99))}


def _identifier(name: str) -> str:
    """`Loyalty Recognizer`, `LoyaltyRecognizer` -> loyalty."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+", "_", split).strip("_").lower().removesuffix("_recognizer") or "imported"


def _unique(name: str, others: Collection[str]) -> str:
    """The name, with a number behind it where another has it."""
    numbered = (f"{name}_{number}" for number in count(2))
    return name if name not in others else next(n for n in numbered if n not in others)


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
