"""Recognisers of Presidio and OpenMetadata as detectors of our own YAML; what cannot be carried over is
named, with the reason.

Presidio: a file with `recognizers:` (custom ones with patterns or a deny list). OpenMetadata: one tag, a list
of tags, or an API answer with `data:`, whose tags hold `recognizers:`, as YAML or JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.custom import pattern_fault
from detectors.errors import RulesError, nearest
from detectors.labels import labels
from detectors.message import Msg
from detectors.renamed import old_names

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


@dataclass(frozen=True, slots=True)
class Conversion:
    """detectors: mappings for our YAML. omitted: `name: reason` of what was not carried over."""

    detectors: tuple[dict[str, Any], ...]
    omitted: tuple[str, ...]


def convert(path: Path, given: Mapping[str, str] | None = None) -> Conversion:
    """Read a file of either kind. given: entity or tag -> label, before our own table. RulesError when it is neither."""
    import yaml

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        raise RulesError(
            Msg("cannot be read"), where=str(path), hint=Msg("a UTF-8 YAML or JSON file is needed")
        ) from None
    except yaml.YAMLError:
        raise RulesError(Msg("neither YAML nor JSON"), where=str(path)) from None
    for label in (given or {}).values():
        if label not in labels():
            raise RulesError(
                Msg('unknown label "{name}"', name=label), where="--label", hint=nearest(label, labels())
            )
    found: list[dict[str, Any]] = []
    left: list[str] = []
    recognised = False
    for name, entity, config in _recognisers(raw):
        recognised = True
        if not entity:
            left.append(
                Msg(
                    "{name}: code of its own; chujing's own detectors, or a Python entry point, take its place",
                    name=name,
                )
            )
            continue
        label = (given or {}).get(entity) or ENTITIES.get(entity.upper()) or (entity.lower() if entity.lower() in labels() else "")
        if not label:
            left.append(f"{name}: {entity} has no label; give --label {entity}=LABEL")
            continue
        for detector, reason in _carried(name, config):
            if detector is None:
                left.append(f"{name}: {reason}")
            else:
                detector["name"] = _unique(str(detector["name"]), {d["name"] for d in found})
                found.append(
                    {"name": detector.pop("name"), "label": label, "title": name, **detector, "source": f"imported from {path.name}"}
                )
    if not recognised:
        raise RulesError(
            Msg("no recognisers in it"),
            where=str(path),
            hint=Msg("Presidio's recognizers: or OpenMetadata's tags with recognizers:"),
        )
    return Conversion(tuple(found), tuple(left))


def _recognisers(raw: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(name, entity or tag, configuration) of every recogniser in a document of either kind."""
    if isinstance(raw, Mapping) and isinstance(raw.get("data"), list):
        raw = raw["data"]
    if isinstance(raw, Mapping) and isinstance(raw.get("tags"), list):
        raw = raw["tags"]
    for item in raw if isinstance(raw, list) else [raw]:
        if not isinstance(item, Mapping):
            continue
        for r in item.get("recognizers") or ():
            if not isinstance(r, Mapping):
                continue
            if isinstance(r.get("recognizerConfig"), Mapping):         # OpenMetadata: the tag says what is found
                inner = dict(r["recognizerConfig"], target=r.get("target", "content"), enabled=r.get("enabled", True))
                yield str(r.get("name", "")), str(item.get("name", "")), inner
            else:
                yield str(r.get("name", "")), str(r.get("supported_entity") or next(iter(r.get("supported_entities") or ()), "")), r


def _carried(name: str, config: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any] | None, str]]:
    kind = config.get("type", "")
    if config.get("enabled") is False:
        yield None, "switched off"
        return
    if config.get("target") == "column_name":
        yield None, "matches column names by pattern; list the names under names: instead"
        return
    patterns, words = config.get("patterns") or (), config.get("deny_list") or config.get("exactTerms") or ()
    if not patterns and not words:
        yield None, f"{kind or 'this kind'} is code of its own; chujing's own detectors, or a Python entry point, take its place"
        return
    base = _identifier(name)
    ignore_case = bool((config.get("regexFlags") or {}).get("ignoreCase", True))
    for i, pattern in enumerate(patterns):
        regex = str(pattern.get("regex", ""))
        fault = pattern_fault(regex)
        if fault:
            yield None, f'pattern "{pattern.get("name", i + 1)}": {fault}'
            continue
        score = float(pattern.get("score") or 0.5)
        shape = f"(?i){regex}" if ignore_case and re.search("[A-Za-z]", re.sub(r"\\.", "", regex)) else regex
        yield {"name": base if len(patterns) == 1 else f"{base}_{i + 1}", "pattern": shape, "base": min(max(score, 0.05), 0.99)}, ""
    if words:
        yield {"name": f"{base}_words" if patterns else base, "words": [str(w) for w in words], "base": 0.9}, ""


def _identifier(name: str) -> str:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+", "_", split).strip("_").lower().removesuffix("_recognizer") or "imported"


def _unique(name: str, taken: set[str]) -> str:
    number = 2
    wanted = name
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


if not TYPE_CHECKING:
    __getattr__ = old_names(__name__)
