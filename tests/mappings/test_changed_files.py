"""A list or a purpose that that changed while a program runs is read again: of another folder, or gone."""

import random
from importlib.resources import files

import pytest

from detectors.errors import RulesError
from mappings.purpose import load_purpose
from mappings.rules import load_ruleset
from mappings.zones import load_zone

KINDS = {"zone_lists": load_zone, "purposes": load_purpose, "rulesets": load_ruleset}


def shipped_text(folder):
    place = files("mappings").joinpath(folder)
    name = min(file.name for file in place.iterdir() if file.name.endswith(".yaml"))
    return place.joinpath(name).read_text(encoding="utf-8")


def id_of(folder, loaded):
    return loaded.title if folder == "zone_lists" else loaded.id


@pytest.mark.parametrize("folder", KINDS)
def test_a_file_is_what_it_says_now(folder, tmp_path, monkeypatch):
    """Through folders, rewrites of one length and files taken away, under one relative name."""
    load, text, draw = KINDS[folder], shipped_text(folder), random.Random(7)
    key = "title" if folder == "zone_lists" else "id"
    lines = text.splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.startswith(f"{key}:"))
    places = [tmp_path / name for name in "abc"]
    texts = {}
    for place in places:
        place.mkdir()
    for _ in range(25):
        place = draw.choice(places)
        monkeypatch.chdir(place)
        act = draw.choice(["write", "write", "read", "remove"])
        if act == "write":
            texts[place] = f"t{draw.randrange(1000, 9999)}"
            body = "".join((*lines[:at], f"{key}: {texts[place]}\n", *lines[at + 1:]))
            (place / "z.yaml").write_text(body, encoding="utf-8")
        elif act == "remove" and texts.pop(place, None):
            (place / "z.yaml").unlink()
        if place not in texts:
            with pytest.raises(RulesError):
                load("z.yaml")
            continue
        assert id_of(folder, load("z.yaml")) == texts[place]
        assert load("z.yaml") is load("z.yaml")
