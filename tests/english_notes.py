"""Every note, reason and hint that detectors and connectors can write, found by walking their sources.

A text with blanks comes as its template: `taken from {}`. What is no text where it is written (an error's own message) is found where
it is made.
"""

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
ERRORS_OF = ("scanner/connectors", "scanner/spark",
             "scanner/gather/flow_columns.py", "scanner/count/row_plan.py", "scanner/gather/sweep.py")


def notes() -> dict[str, str]:
    """Template -> where it is written."""
    found: dict[str, str] = {}
    for file in sorted((*ROOT.glob("detectors/**/*.py"), *ROOT.glob("scanner/**/*.py"))):
        name = file.relative_to(ROOT).as_posix()
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node, scope in _scoped(tree, tree):
            for told in _told(node, scope, name):
                for template in _templates(told, scope):
                    if template.strip("{} .;:"):
                        found.setdefault(template, f"{name}:{getattr(told, 'lineno', 0)}")
    important = yaml.safe_load((ROOT / "detectors/data/important.yaml").read_text(encoding="utf-8"))
    found[important["clinical"]["note"]] = "important.yaml"
    for factor in important["factors"].values():
        found |= {x["when"]: "important.yaml" for x in factor.get("triggers", ())}
    return found


def _scoped(node: ast.AST, scope: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Every node with the function around it."""
    for child in ast.iter_child_nodes(node):
        inner = child if isinstance(child, ast.FunctionDef) else scope
        yield child, inner
        yield from _scoped(child, inner)


def _told(node: ast.AST, scope: ast.AST, name: str) -> Iterator[ast.expr]:
    """The expressions that people will read."""
    of_sources = name.startswith(ERRORS_OF)
    if isinstance(node, ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        named = {k.arg: k.value for k in node.keywords}
        if called == "Evidence":
            yield node.args[1]
        elif called in ("Inherited", "Skipped", "FlowColumns"):
            yield from node.args[1:3] if called != "FlowColumns" else node.args[1:2]
        elif called == "SourceError" or called == "ConfigError" and of_sources:
            yield from (*node.args[:1], *([named["hint"]] if "hint" in named else []))
        elif called == "append" and _last_name(node.func) in ("missing", "spoiled"):
            yield from node.args
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        if node.targets[0].id == "_KNOWN" and of_sources and isinstance(node.value, ast.Tuple):
            yield from (x for line in node.value.elts if isinstance(line, ast.Tuple) for x in line.elts[1:])
        elif node.targets[0].id == "method" and of_sources:
            yield node.value
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and of_sources:
        if {getattr(x, "id", "") for x in node.targets[0].elts} & {"what", "hint", "why"}:
            yield from _either(node.value)
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and isinstance(scope, ast.FunctionDef) and of_sources:
        if len(node.value.elts) == 2 and scope.name in ("told", "_refused", "_query"):
            yield from node.value.elts[-1:] if scope.name == "_query" else node.value.elts
        elif len(node.value.elts) == 3 and scope.name == "sampled":
            yield node.value.elts[2]
    elif isinstance(node, ast.Return) and node.value is not None and name.endswith("groups.py") and getattr(scope, "name", "") == "words":
        yield node.value


def _either(value: ast.expr) -> Iterator[ast.expr]:
    """The parts of a tuple, or of both where a condition chooses."""
    if isinstance(value, ast.IfExp):
        yield from (*_either(value.body), *_either(value.orelse))
    elif isinstance(value, ast.Tuple):
        yield from value.elts


def _last_name(called: ast.expr) -> str:
    """`x.missing.append` and `missing.append`: missing."""
    of = called.value if isinstance(called, ast.Attribute) else called
    return str(getattr(of, "attr", getattr(of, "id", "")))


def _templates(told: ast.expr, scope: ast.AST) -> list[str]:
    """What an expression may read: texts with {} for blanks; [] where its text is made elsewhere."""
    match told:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return ["".join(p) for p in product(*((_blank(v, scope)) for v in values))]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a in _templates(left, scope) or ["{}"] for b in _templates(right, scope) or ["{}"]]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_templates(body, scope), *_templates(orelse, scope)]
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            return [x for e in elts for x in _templates(e, scope)]
        case ast.Name(id=id):
            set_ = [n.value for n in ast.walk(scope) if isinstance(n, ast.Assign) and any(getattr(x, "id", "") == id for x in n.targets)]
            return [x for value in set_ if not (isinstance(value, ast.Name) and value.id == id) for x in _templates(value, scope)]
    return []


def _blank(value: ast.expr, scope: ast.AST) -> list[str]:
    if isinstance(value, ast.Constant):
        return [str(value.value)]
    assert isinstance(value, ast.FormattedValue)
    if isinstance(value.value, ast.IfExp):
        return _templates(value.value, scope) or ["{}"]
    return ["{}"]
