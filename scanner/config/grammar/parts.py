"""What several sections of chujing.yaml, and records beside it, have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import model_validator

from detectors.grammar import Day, Either, Keys, Typed, Unfit, described
from detectors.message import Msg


class TokenKeys(Keys):
    """Where a token is: at most one place."""

    env: str = described("environment variable", "")
    file: str = described("file holding the token alone", "")

    @model_validator(mode="after")
    def _check_one_place(self) -> TokenKeys:
        if len(self.model_fields_set) > 1:
            raise Unfit(lambda name: (Msg("token needs env or file"), Msg("token: {env: DATAHUB_TOKEN}")))
        return self


class SecretKeys(Keys):
    """Where a secret is: one place."""

    env: str = described("environment variable", "")
    file: str = described("file holding the password alone", "")

    @model_validator(mode="after")
    def _check_one_place(self) -> SecretKeys:
        if len(self.model_fields_set) != 1:
            raise Unfit(
                lambda name: (
                    Msg("{name} needs env or file", name=name), Msg("{name}: {env: CRM_PW}", name=name),
                )
            )
        return self


class StatedFact(Keys):
    """An answer with who gave it, when, and how one knows."""

    value: str
    by: str = ""
    on: Day | None = None
    how: str = described("how one knows", "")


StatedFactsByName = dict[
    str,
    Annotated[
        StatedFact,
        Either("value", about="an answer, or the answer with who gave it, when, and how one knows"),
    ],
]


class ConditionKeys(Keys):
    """Tests of one column: all must hold."""

    eq: Typed = None
    ne: Typed = None
    in_: tuple[Typed, ...] = described("", (), alias="in")
    lt: Typed = None
    le: Typed = None
    gt: Typed = None
    ge: Typed = None
    is_null: Typed = None


TableConditions = dict[str, dict[str, ConditionKeys]]        # table -> column -> tests


def condition_values(
    conditions: TableConditions, raw: Mapping[str, Mapping[str, Iterable[str]]]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return conditions in their plain form: table -> column -> test -> value.

    raw: as they stand in the file, whose order is kept.
    """
    return {
        table: {column: _tests(tests, raw[table][column]) for column, tests in columns.items()}
        for table, columns in conditions.items()
    }


def _tests(keys: ConditionKeys, order: Iterable[str]) -> dict[str, Any]:
    values = keys.stated()
    return {test: list(v) if isinstance(v := values[test], tuple) else v for test in order}
