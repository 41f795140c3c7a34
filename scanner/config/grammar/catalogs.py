"""`catalogs:`: where each catalog is, whose token opens it, and our names there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator
from pydantic.json_schema import WithJsonSchema

from detectors.errors import ConfigError
from detectors.grammar import Keys, Positive, Unfit, checked, described
from detectors.message import Msg
from reports.catalogs.naming import NamingRule
from scanner.config.grammar.parts import TokenKeys

AUTH = ("bearer", "basic")


def check_template(name: str) -> None:
    """Raise ConfigError for a template of names with a blank that nothing fills."""
    try:
        NamingRule("", name=name).dotted("schema", "table")
    except (KeyError, IndexError, ValueError, AttributeError):
        raise ConfigError(
            Msg('"{name}" is no template', name=name),
            hint=Msg("known: {names}", names="{source} {database} {schema} {table}"),
        ) from None


def _check_auth(text: str) -> str:
    """Check a way of authorization; what stands there instead may be the token itself and is not shown."""
    if text not in AUTH:
        raise Unfit(
            lambda name: (
                Msg('"{name}" must be one of a few words', name=name), Msg("one of: {names}", names=AUTH),
            )
        )
    return text


class EntityKeys(Keys):
    """How the tables of a source are called in a catalog."""

    source: str = described("id of our source", ...)
    tables: str = described("pattern schema/table; default all", "*")
    platform: str = described("the catalog's word for the kind of system, e.g. postgres", "")
    type: str = described(
        "Atlas: type of a table; default hive_table, trino_table or rdbms_table by platform", ""
    )
    platform_instance: str = described(
        "DataHub: platform instance; OpenMetadata: service; Atlas: cluster", ""
    )
    env: str = described("default PROD", "")
    database: str = ""
    schema_: str = described("for a source without schemas", "", alias="schema")
    name: Annotated[str, checked(check_template)] = described(
        "template of the whole name, e.g. {database}.{schema}.{table}@main", ""
    )
    casing: Literal["keep", "lower", "upper"] = described("how the catalog writes names", "keep")


class CatalogKeys(Keys):
    """One catalog."""

    url: str = described("address of its REST service, without a secret", "")
    token: TokenKeys = TokenKeys()
    auth: Annotated[str, AfterValidator(_check_auth), WithJsonSchema({"enum": list(AUTH)})] = described(
        "basic: the token is user:password", "bearer"
    )
    rate: Positive | None = described("requests a second, at most")
    timeout: Positive = described("seconds one request may take", 30)
    entities: tuple[EntityKeys, ...] = described(
        "how the tables of a source are called there; the first rule that fits counts", ()
    )
