"""Every text of an error, a fault of a sheet and a refusal of a catalog, found by walking the sources; blanks come as `{}`."""

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import TypeGuard

from english_notes import _last_name, _scoped

ROOT = Path(__file__).parents[1]
ERRORS = ("ConfigError", "SourceError", "RulesError", "StateError", "ChujingError", "Stopped", "error")
PAIRS = {"_told", "_text", "_whole", "_day", "_choice", "first_fault"}      # functions that give (what, hint), or (key, what, hint)
SHAPES = {"text", "texts", "items", "record", "records", "body_of"}   # readers of answers: they name what stands there as the catalog does
BLANK = ast.FormattedValue(ast.Constant(0), -1)
NEAREST = 'Did you mean "{}"?'
Scope = tuple[ast.AST, ast.AST]                                       # the function around it, the module


def errors() -> dict[str, str]:
    """Template -> where it is written."""
    found: dict[str, str] = {}
    for folder in ("detectors", "mappings", "reports", "scanner"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            name = file.relative_to(ROOT).as_posix()
            for node, inner in _scoped(tree, tree):
                for told in _told(node, inner, tree, name):
                    for text in templates(told, (inner, tree)):
                        found.setdefault(text, f"{name}:{told.lineno}")
    return found


def _told(node: ast.AST, inner: ast.AST, module: ast.AST, name: str) -> Iterator[ast.expr]:
    """The expressions that people will read as what happened and what to do."""
    if isinstance(node, ast.Call):
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if called in ERRORS:
            yield from (*node.args[:1], *(k.value for k in node.keywords if k.arg == "hint"))
        elif called == "CellFault" or called == "fault" and len(node.args) == 3 and name != "scanner/sheets/inventory_reviews.py":
            yield from node.args[1:3]
        elif called == "unlike":
            yield from node.args[3:4]
        elif called == "Lease":
            yield from node.args[2:]
        elif called == "Refused" or called == "open_workbook":
            yield from node.args[2:3]
        elif called == "append" and _last_name(node.func) == "left":
            yield from node.args
        elif called == "_catalog":
            yield from (ast.JoinedStr([BLANK, ast.Constant(f" {x.value}")], lineno=x.lineno) for x in node.args[2:3] if _constant(x))
        elif called == "step" and name.startswith("scanner/"):
            yield from node.args[:1]
        elif called == "_made" and name == "scanner/setup/suggest.py":
            yield from node.args[3:4]
        elif called == "append_act" and name.startswith("scanner/"):
            yield from node.args[2:3]
        elif called == "append" and _last_name(node.func) == "found" and name == "scanner/deliver/dossier.py":
            yield from node.args
        elif called == "pick":
            yield from (_words(x, *about) for x in node.args[2:3] for about in (("no ", ' "', '" was found'), ("", ' "', '" is ambiguous')))
        elif called == "load_yaml" and name.startswith("mappings/"):
            yield from (_words(x, "no ", ' file "', '"') for arg in node.args[:1]
                        for x in ([arg] if _constant(arg) else _set(getattr(arg, "id", ""), (inner, module))))
    elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and getattr(inner, "name", "") == "_carried":
        yield from (ast.BinOp(ast.Constant("{}: "), ast.Add(), x, lineno=x.lineno) for x in node.value.elts[1:])
    elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and getattr(inner, "name", "") == "examine":
        yield node.value.elts[1]
    elif isinstance(node, ast.Yield) and node.value is not None and getattr(inner, "name", "") == "_paper_differs":
        yield ast.BinOp(ast.Constant("{}: "), ast.Add(), node.value, lineno=node.lineno)
    elif isinstance(node, ast.YieldFrom) and isinstance(node.value, ast.GeneratorExp) and getattr(inner, "name", "") == "_paper_differs":
        yield ast.BinOp(ast.Constant("{}: "), ast.Add(), node.value.elt, lineno=node.lineno)
    elif isinstance(node, ast.Return) and node.value is not None and isinstance(inner, ast.FunctionDef):
        if (inner.name in ("faults", "rejected", "send") or inner.name == "refusal_reason" and name.startswith("reports/catalogs")
                or inner.name == "plan" and name.startswith(("scanner/connectors", "scanner/spark"))):
            yield node.value
        elif inner.name in PAIRS and name.startswith(("scanner/sheets/flow_register.py", "scanner/state/store", "scanner/records/reviews")):
            yield from _pair(node.value)
        elif name.startswith("reports/catalogs") and name.endswith("/rest.py"):
            calls = [x for x in ast.walk(node.value) if isinstance(x, ast.Call) and getattr(x.func, "id", "") in SHAPES]
            yield from (x for x in ast.walk(node.value) if _constant(x) and " " in x.value and "/" not in x.value.split(" ")[0]
                        and not any(x in c.args for c in calls))
    elif isinstance(node, ast.Assign) and name.startswith("reports/catalogs") and getattr(node.targets[0], "id", "").startswith("NO_"):
        yield node.value


def _constant(x: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(x, ast.Constant) and isinstance(x.value, str)


def _words(kind: ast.expr, before: str, between: str, after: str) -> ast.expr:
    """`no {kind} "{}" was found`: what a function says of the kind of thing it was asked for."""
    told = kind.values if isinstance(kind, ast.JoinedStr) else [kind] if _constant(kind) else [BLANK]
    return ast.JoinedStr([ast.Constant(before), *told, ast.Constant(between), BLANK, ast.Constant(after)], lineno=kind.lineno)


def _pair(value: ast.expr) -> list[ast.expr]:
    """The last two of a tuple, or of the tuple within it."""
    if not isinstance(value, ast.Tuple):
        return []
    return _pair(value.elts[-1]) if isinstance(value.elts[-1], ast.Tuple) else value.elts[-2:]


def templates(told: ast.expr, scope: Scope) -> list[str]:
    """What an expression may read: texts with {} for blanks; [] where its text is made elsewhere."""
    match told:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return ["".join(parts) for parts in product(*(_blank(v, scope) for v in values))]
        case ast.BinOp(left=left, op=ast.Add(), right=ast.ListComp() as right):
            return [*templates(left, scope), *templates(right, scope)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a in templates(left, scope) or ["{}"] for b in templates(right, scope) or ["{}"]]
        case ast.BinOp(left=left, op=ast.Mod()):
            return templates(left, scope)
        case ast.IfExp(body=body, orelse=orelse):
            return [*templates(body, scope), *templates(orelse, scope)]
        case ast.BoolOp(values=values):
            return [x for v in values for x in templates(v, scope)]
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            return [x for e in elts for x in templates(e, scope)]
        case ast.ListComp(elt=elt):
            return templates(elt, scope)
        case ast.Dict(values=values):
            return [x for v in values for x in templates(v, scope)]
        case ast.Call(func=ast.Name(id="nearest")):
            return [NEAREST]
        case ast.Call(func=ast.Attribute(value=ast.Dict() as known, attr="get"), args=args):
            return [x for v in (known, *args[1:]) for x in templates(v, scope)]
        case ast.Call(func=ast.Attribute(value=inner, attr="strip")):
            return [x for text in templates(inner, scope) for x in (text, text.strip("{} "))]
        case ast.Name(id=id):
            return [x for v in _set(id, scope) for x in templates(v, scope)]
    return []


def _set(name: str, scope: Scope) -> list[ast.expr]:
    """What a name is set to in its function, or else at the top of the module."""
    inner, module = scope
    assert isinstance(module, ast.Module)
    for nodes in (ast.walk(inner), module.body):
        if found := [n.value for n in nodes if isinstance(n, ast.Assign) and any(getattr(x, "id", "") == name for x in n.targets)
                     and not isinstance(n.value, ast.Name)]:
            return found
    return []


def _blank(value: ast.expr, scope: Scope) -> list[str]:
    if isinstance(value, ast.Constant):
        return [str(value.value)]
    assert isinstance(value, ast.FormattedValue)
    chosen = isinstance(value.value, ast.IfExp | ast.BoolOp) or isinstance(value.value, ast.Name) and any(
        isinstance(v, ast.IfExp) for v in _set(value.value.id, scope))
    found = templates(value.value, scope) if chosen else []
    return found + ["{}"] * (not found or isinstance(value.value, ast.BoolOp))
