"""`chujing demo`: an invented company, scanned."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli import run_memory
from scanner.cli.command import Command
from scanner.cli.options import Lang, language
from scanner.cli.output import print_summary, save_report, talk


def demo(
    folder: Annotated[
        Path, typer.Argument(help="Folder to write the invented company into.")
    ] = Path("demo-output"),
    seed: Annotated[int, typer.Option(help="Seed of the invented people.")] = 7,
    lang: Lang = None,
) -> None:
    """Make an invented company and run the whole job on it: scan, count, decide, report.

    Example: chujing demo
    """
    from reports.messages.words import t
    from scanner import job
    from scanner.gather.carry_over import open_results
    from scanner.gather.progress import Progress
    from scanner.setup.demo import build_demo, next_steps
    from scanner.workspace import open_workspace

    reader = language(lang)
    talk(t("cli.demo.start", reader, folder=folder))
    build_demo(folder, seed=seed, since=date.today().replace(day=1))
    progress = Progress(lang=reader)
    with open_results(folder) as results:
        workspace = open_workspace(folder / "chujing.yaml")
        report = job.scan(workspace, as_of=date.today(), progress=progress, results=results)
        progress.done()
        run_memory.remember(report, workspace, "demo", job.exit_status(report, None))
        results.finish()
    save_report(report, [folder / "report.json", folder / "report.html"], "zh")
    print_summary(report, reader, lead="nowhere")
    page, data = folder / "report.html", folder / "report.json"
    typer.echo({
        "zh": f"\n报告：{page}（浏览器打开）、{data}\n下一步：",
        "en": f"\nReports: {page} (open in a browser), {data}\nNext:",
    }[reader])
    for line in next_steps(folder, _program_from(folder), reader):
        typer.echo(f"  {line}")


def _program_from(folder: Path) -> str:
    """What to type in a folder for this program: its name where the shell finds it, else its path."""
    program = Path(sys.argv[0])
    unknown = program.name == "chujing" and program.exists() and shutil.which("chujing") is None
    return os.path.relpath(program, folder) if unknown else "chujing"


COMMANDS = (Command("demo", demo, place=170, panel="look"),)
