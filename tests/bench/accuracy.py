"""Column detection on a labelled corpus, through the whole pipeline: `accuracy.py CORPUS [--errors]
[--by-label] [--text SETS] [--out FILE]`.

The table is printed and written to FILE (accuracy.txt). SETS: a folder of labelled sentences with its scorer,
score_ner.py. CORPUS holds gold.csv, SYSTEM.schema.json and SYSTEM.sqlite. Where it has its own scorer
(score_columns.py), ours is compared with it. The blind systems are only ever shown as one total.
"""

import contextlib
import csv
import io
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))
import value_columns  # noqa: E402
from detectors.model import unquote  # noqa: E402
from reports.model import primary  # noqa: E402
from scanner import job  # noqa: E402
from scanner.config.model import Config  # noqa: E402
from scanner.config.sources import Source  # noqa: E402
from scanner.review.evaluate import Prediction, column_key, evaluate, f1  # noqa: E402

BLIND = ("his", "newbee", "roncoo_pay", "sakila")


def predict(corpus, values):
    sources = []
    for path in sorted(corpus.glob("*.schema.json")):
        name = path.name.removesuffix(".schema.json")
        sources.append(Source(name, f"sqlite:///{corpus / name}.sqlite", dictionary=path))
    report = job.scan(Config(sources=tuple(sources)), values=values)
    out = {}
    for table in report.tables:
        parts = [unquote(p) for p in table.id.split("/")]
        for c in table.columns:
            important = any(a.finding.kind == "important_data_candidate" for a in c.findings)
            if p := primary(c):
                f = p.finding
                out[column_key(parts[0], parts[-1], c.name)] = Prediction(
                    f.kind == "personal_information", f.label, p.sensitive, f.confidence, important
                )
    return out


def official(corpus, predictions, systems):
    """F1 of personal information by the corpus's own scorer; None when it has none."""
    scorer = corpus / "score_columns.py"
    if not scorer.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        said, out = Path(folder, "said.csv"), Path(folder, "out.json")
        with said.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["system", "table", "column", "pi", "pi_type", "sensitive", "important"])
            for k, p in predictions.items():
                rows.writerow(
                    [
                        *k,
                        "pi" if p.pi else "none",
                        p.label if p.pi else "none",
                        p.sensitive,
                        p.label if p.important else "none",
                    ]
                )
        subprocess.run(
            [
                sys.executable,
                str(scorer),
                str(corpus / "gold.csv"),
                str(said),
                "--json",
                str(out),
                "--systems",
                ",".join(systems),
            ],
            check=True,
            capture_output=True,
        )
        return json.loads(out.read_text(encoding="utf-8"))["all"]


def show(name, predictions, gold, corpus, systems):
    scores = evaluate(predictions, gold)
    print(scores.line(name))
    theirs = official(corpus, predictions, systems)
    if theirs is not None:
        m, h, i = theirs["pi_binary"], theirs["hard_negative"], theirs["important_candidate"]
        same = (m["tp"], m["fp"], m["fn"], h["false_positives"]) == (
            scores.tp,
            scores.fp,
            scores.fn,
            scores.hard_fp,
        )
        print(
            f"{'':14} scorer of the corpus: PI F1 {m['f1']}, {'the same' if same else 'DIFFERENT'}; "
            f"important candidates F1 {i['f1']}, "
            f"sensitive F1 {theirs['sensitive_yes_vs_no']['f1']}"
        )
    return scores


def bootstrap(predictions, gold, draws=1_000, seed=7):
    """95 % interval of the F1: columns resampled within each system."""
    by_system = {}
    for g in gold:
        if not (g["pi"] == "pi" and g["tier"] in ("weak", "audit")):
            said = predictions.get(column_key(g["system"], g["table"], g["column"]), Prediction(False)).pi
            by_system.setdefault(g["system"], []).append((g["pi"] == "pi", said))
    draw = random.Random(seed)
    scores = []
    for _ in range(draws):
        sample = [c for columns in by_system.values() for c in draw.choices(columns, k=len(columns))]
        scores.append(
            f1(
                sum(a and b for a, b in sample),
                sum(b and not a for a, b in sample),
                sum(a and not b for a, b in sample),
            )
        )
    scores.sort()
    return scores[int(0.025 * draws)], scores[int(0.975 * draws) - 1]


def show_changed(by_values, by_names, gold):
    """How many verdicts values changed, and how many rightly; weak and audit columns stand outside."""
    changed = {"found": [0, 0], "dropped": [0, 0], "another label": [0, 0]}
    counted = [g for g in gold if g["has_values"] == "yes" and g["tier"] not in ("weak", "audit")]
    for g in counted:
        key = column_key(g["system"], g["table"], g["column"])
        now, before = by_values.get(key, Prediction(False)), by_names.get(key, Prediction(False))
        core, right = g["pi"] == "pi", {g["pi_type"], *g["pi_type_alt"].split("|")}
        if now.pi != before.pi:
            kind, is_right = "found" if now.pi else "dropped", now.pi == core
        elif now.pi and now.label != before.label:
            kind, is_right = "another label", core and now.label in right
        else:
            continue
        changed[kind][0] += 1
        changed[kind][1] += is_right
    total, right = (sum(counts[i] for counts in changed.values()) for i in (0, 1))
    kinds = ", ".join(f"{kind} {counts[1]} of {counts[0]}" for kind, counts in changed.items())
    of = f"{total} of {len(counted)} columns with values"
    print(f"verdicts that values changed: {of}, {right} rightly ({kinds})")


class Both(io.TextIOBase):
    """Text to the screen and into a file."""

    def __init__(self, *streams):
        self.streams = streams

    def write(self, text):
        for s in self.streams:
            s.write(text)
        return len(text)


def text_sets(folder):
    """Persons in running text by the sets' own scorer: our model, LAC where its weights were added,
    jieba where it is installed.
    """
    here = Path(__file__).parent
    print(
        "persons in running text (exact F1, macro over the UNER sets; "
        "false persons per 10,000 characters; characters per second):"
    )
    for system in ("own", "lac", "jieba"):
        with tempfile.TemporaryDirectory() as out:
            told = Path(out, "scores.json")
            made = subprocess.run(
                [
                    sys.executable,
                    str(folder / "score_ner.py"),
                    "--system",
                    f"text_systems:{system}",
                    "--path",
                    str(here),
                    "--data",
                    str(folder),
                    "--json",
                    str(told),
                ],
                capture_output=True,
                text=True,
            )
            if made.returncode:
                reason = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
                print(f"  {system:<8} not run: {reason}")
                continue
            macro = json.loads(told.read_text(encoding="utf-8"))["macro"]
            print(
                f"  {system:<8} {macro['PERSON']['exact_f1']:.3f}  {macro.get('PERSON_FP10k', 0):.1f}  "
                f"{macro['chars_per_s']:,.0f}"
            )


def main(argv):
    out = Path(argv[argv.index("--out") + 1]) if "--out" in argv else Path("accuracy.txt")
    with out.open("w", encoding="utf-8") as file, contextlib.redirect_stdout(Both(sys.stdout, file)):
        table(argv)


def table(argv):
    corpus = Path(argv[0])
    with (corpus / "gold.csv").open(encoding="utf-8-sig", newline="") as file:
        gold = list(csv.DictReader(file))
    seen = [g for g in gold if g["system"] not in BLIND]
    blind = [g for g in gold if g["system"] in BLIND]
    open_systems = sorted({g["system"] for g in seen})
    predicted = {}
    for name, values in (("values", True), ("metadata only", False)):
        predictions = predicted[name] = predict(corpus, values)
        scores = show(f"open, {name}", predictions, seen, corpus, open_systems)
        print(evaluate(predictions, [g for g in seen if g["has_values"] == "yes"]).line("  with values"))
        if blind:
            show(f"blind, {name}", predictions, blind, corpus, BLIND)
            low, high = bootstrap(predictions, blind)
            print(f"{'':14} blind F1, 95 % interval by bootstrap: {low:.3f} to {high:.3f}")
        if values and "--by-label" in argv:
            for label, (t, fp, m) in scores.by_label.items():
                print(f"  {label:<24} tp {t:>4} fp {fp:>4} fn {m:>4}  F1 {f1(t, fp, m):.3f}")
        if values and "--errors" in argv:
            for g in seen:
                p = predictions.get(column_key(g["system"], g["table"], g["column"]), Prediction(False))
                if g["tier"] not in ("weak", "audit") and (
                    p.pi != (g["pi"] == "pi")
                    or p.pi
                    and p.label not in (g["pi_type"], *g["pi_type_alt"].split("|"))
                ):
                    kind = "FP" if g["pi"] != "pi" else "LABEL" if p.pi else "FN"
                    print(
                        kind,
                        g["system"],
                        g["table"],
                        g["column"],
                        "gold",
                        g["pi_type"],
                        "said",
                        p.label,
                        p.confidence,
                        g["note"],
                    )

    show_changed(predicted["values"], predicted["metadata only"], seen)
    print("generated columns under opaque names, by values alone:")
    for group, (got, of) in value_columns.run(value_columns.columns())[0].items():
        print(f"  {group:<12} {got} of {of} = {got / of:.3f}")
    if "--text" in argv:
        text_sets(Path(argv[argv.index("--text") + 1]))


if __name__ == "__main__":
    main(sys.argv[1:])
