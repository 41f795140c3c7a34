"""YAML whose yes, no, on and off are words, as chujing.yaml means them."""

from __future__ import annotations

import re
from typing import Any

import yaml


class _WordLoader(yaml.SafeLoader):
    """A loader that knows true and false alone."""


_WordLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_WordLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def parse_words(text: str) -> Any:
    """Return what a YAML text says."""
    return yaml.load(text, Loader=_WordLoader)  # noqa: S506
