"""Scenarios in words, as the papers have them."""

from __future__ import annotations

from mappings.model import Estimate
from reports.filings.scenario import TO_FILL_IN, FilingScenario
from reports.messages.words import t
from reports.wording.figures import persons


def transfer_words(scenario: FilingScenario) -> str:
    """Return who sends to whom, how often, and for how long it is kept there."""
    flow = scenario.flows[0].flow
    parts = [f"境外接收方：{scenario.recipient}（{scenario.country}）", f"方式：{mode_words(scenario)}"]
    if flow.every:
        parts.append(f"频率：{flow.every}")
    if flow.retention_days is not None:
        parts.append(f"境外保存 {flow.retention_days} 天")
    return "；".join(parts) + f"。目的、范围、方式的合法性、正当性、必要性：{TO_FILL_IN}"


def mode_words(scenario: FilingScenario) -> str:
    """Return how the data leave."""
    return t("mode." + scenario.flows[0].flow.mode, "zh")


def scale_words(scenario: FilingScenario) -> str:
    """Return the persons of each entity."""
    return "；".join(
        f"{entity}：{count_words(everybody)} 人，其中敏感 {count_words(sensitive)} 人"
        for entity, (everybody, sensitive) in scenario.persons.items()
    )


def count_words(count: Estimate) -> str:
    """Return a number of persons; one that was declared says so."""
    declared = f"（{t('method.declared', 'zh')}）" if count.method == "declared" else ""
    return persons(count, "zh") + declared


def item_names(scenario: FilingScenario, otherwise: str) -> str:
    """Return the names of all items, or other words if there are none."""
    return "、".join(item.name for item in scenario.items) or otherwise


def sensitive_names(scenario: FilingScenario) -> str:
    """Return the names of sensitive items; empty if there are none."""
    return "、".join(item.name for item in scenario.items if item.sensitive)


def onward_recipient_names(scenario: FilingScenario) -> str:
    """Return those abroad to whom the recipient gives the data; empty if there are none."""
    return "、".join(dict.fromkeys(name for flow in scenario.flows for name in flow.flow.onward))


def system_names(scenario: FilingScenario) -> str:
    """Return the systems in China that the data come from; empty if there are none."""
    names = (
        name
        for flow in scenario.flows
        for name in (*flow.flow.systems, *(column.split("/")[0] for column in flow.columns))
    )
    return "、".join(dict.fromkeys(names))
