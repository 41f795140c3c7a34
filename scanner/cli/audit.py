"""`chujing audit`: who answered, justified, recorded and filed, sealed."""

from __future__ import annotations

from scanner.cli.command import Command
from scanner.cli.options import ConfigFile, Lang, base_folder, language
from scanner.cli.output import say


def audit(config: ConfigFile = None, lang: Lang = None) -> None:
    """Who answered, justified, recorded and filed, when, and from which scan; every seal is verified.

    Example: chujing audit
    """
    from reports.messages.render import render
    from reports.messages.words import t
    from scanner.records.audit import read_acts

    reader = language(lang)
    for act in read_acts(base_folder(config)):
        scan = f"  [{act.scan}]" if act.scan else ""
        say(f"{act.when}  {act.who}  {t('cli.act.' + act.what, reader)}  {render(act.about, reader)}{scan}")


COMMANDS = (Command("audit", audit, place=140, panel="decide"),)
