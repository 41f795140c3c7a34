"""An OpenMetadata on loopback, as its server's source has it: names, versions with their changes,
and patches against the version read.

Of the tags of a column it keeps what is new and drops what is gone; what a patch says of a standing one is
answered 200 and not kept (`jdbi3/EntityRepository.java` updateTags). Versions name a column by its own name
alone (`util/EntityUtil.java` getColumnField).
"""

import copy
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import catalog_server
import jsonpatch

from reports.catalogs.openmetadata.names import joined_name, split

KINDS = ("classifications", "tags", "tables")
OWN = ("id", "version", "updatedAt", "updatedBy")  # what a server gives an entity itself


class OpenMetadata(catalog_server.Catalog):
    """held: kind -> fully qualified name -> entity. bots: names of users that are programs. bad:
    tags that no patch may set.

    tasks: what /v1/tasks has; None as before 2.0, when the feed had them. page:
    how many of either are answered at a time.
    """

    def __init__(self):
        super().__init__()
        self.held = {k: {} for k in KINDS}
        self.versions, self.properties, self.bots, self.bad = {}, [], {"ingestion-bot", "chujing"}, set()
        self.tasks, self.feed, self.page = [], [], 100
        self.user, self.ticks, self.meanwhile = "chujing", 0, []
        self.clock = 1_793_600_000_000  # ms since 1970; every change comes one later

    def table(self, fqn, *names):
        """A table with these columns; a tuple is a column with the columns below it."""

        def column(n):
            return (
                {"name": n[0], "dataType": "STRUCT", "children": [column(c) for c in n[1:]]}
                if isinstance(n, tuple)
                else {"name": n, "dataType": "VARCHAR"}
            )

        self._make("tables", fqn, {"columns": [column(n) for n in names]})

    def tags(self, fqn, *path):
        """Tag -> label of a column."""
        held = self.held["tables"][fqn]["columns"]
        for name in path:
            column = next(c for c in held if c["name"] == name)
            held = column.get("children", [])
        return {x["tagFQN"]: x for x in column.get("tags", [])}

    def terms(self, fqn):
        """(column, tag) of a table."""
        columns = self.held["tables"].get(fqn, {}).get("columns", [])
        return sorted((c["name"], x["tagFQN"]) for c in columns for x in c.get("tags", []))

    def state(self):
        """All there is, without what differs from one server to the next."""
        entities = {
            kind: {fqn: {k: v for k, v in e.items() if k not in OWN} for fqn, e in entities.items()}
            for kind, entities in self.held.items()
        }
        return [entities, self.properties]

    def define(self, tag):
        """A tag with its classification, where they are not there yet."""
        classification, name = split(tag)
        for kind, fqn, body in (
            ("classifications", classification, {"name": classification}),
            ("tags", tag, {"name": name, "classification": classification}),
        ):
            if fqn not in self.held[kind]:
                self._make(kind, fqn, body)

    def by_hand(self, user, fqn, ops):
        """What a person does to a table in the catalog's own pages."""
        self._patch("tables", self.held["tables"][fqn], ops, user)

    # ---- the contract ----

    def answer(self, method, path, body):
        parts = urlsplit(path)
        _, _, kind, *rest = parts.path.split("/")
        if kind == "metadata":
            return self._types(method, rest, body)
        if kind in ("feed", "tasks"):
            return self._page(self.feed if kind == "feed" else self.tasks, parse_qs(parts.query))
        if kind == "users":
            return (404, None) if rest[1] not in self.bots else (200, {"name": rest[1], "isBot": True})
        if kind not in KINDS:
            return 200, {"data": []}
        if method == "POST":
            return self._create(kind, body)
        if method == "PATCH":
            if self.meanwhile:  # somebody else is quicker
                user, fqn, ops = self.meanwhile.pop()
                self.by_hand(user, fqn, ops)
            found = next((e for e in self.held[kind].values() if e["id"] == rest[0]), None)
            if found is None:
                return 404, None
            if self.headers.get("if-match") != f'W/"{found["version"]}"':  # its strong ETag fits no patch
                return 412, None
            assert self.headers["content-type"] == "application/json-patch+json"
            return self._patch(kind, found, body, self.user)
        if rest[:1] == ["name"]:
            fqn = parts.path.split("/name/", 1)[1]
            found = self.held[kind].get(fqn)
            return (
                (404, {"message": "secret detail of the catalog"})
                if found is None
                else (200, found, {"ETag": self._etag(found)})
            )
        if rest[1:] == ["versions"]:
            return 200, {
                "entityType": "table",
                "versions": [json.dumps(v) for v in self.versions.get(rest[0], [])],
            }
        above = next(iter(parse_qs(parts.query).get("databaseSchema", [""])))
        return 200, {
            "data": [
                {"fullyQualifiedName": n} for n in self.held[kind] if joined_name(*split(n)[:-1]) == above
            ]
        }

    def _page(self, every, asked):
        if every is None:
            return 404, None
        every = [x for x in every if asked["type"][0] in ("Task", x.get("type"))]
        start = int(asked.get("after", ["0"])[0])
        more = {"after": str(start + self.page)} if start + self.page < len(every) else {}
        return 200, {"data": every[start : start + self.page], "paging": more}

    def _types(self, method, rest, body):
        if method == "PUT":
            self.properties = [p for p in self.properties if p["name"] != body["name"]] + [body]
            return 200, None
        return 200, {
            "id": f"type-{rest[2]}",
            "customProperties": self.properties if rest[2] == "table" else [],
        }

    def _create(self, kind, body):
        fqn = joined_name(*filter(None, [body.get("classification"), body["name"]]))
        if fqn in self.held[kind]:
            return 409, None
        if kind == "tags" and body["classification"] not in self.held["classifications"]:
            return 404, None
        return 201, self._make(kind, fqn, body)

    def _make(self, kind, fqn, body):
        self.ticks += 1
        made = {
            "id": f"{kind}-{self.ticks}",
            "fullyQualifiedName": fqn,
            "version": 0.1,
            "updatedAt": self.clock + self.ticks,
        } | body
        self.held[kind][fqn] = made
        return made

    def _patch(self, kind, found, ops, user):
        before = copy.deepcopy(found)
        try:
            after = jsonpatch.apply_patch(found, ops)
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
            return 400, None
        used = {x["tagFQN"] for _, c in _columns(after) for x in c.get("tags", [])}
        if used & self.bad:
            return 400, None
        if not used <= set(self.held["tags"]) | {"PII.Sensitive"} or not set(after.get("extension", {})) <= {
            p["name"] for p in self.properties
        } | {"steward"}:
            return 404, None
        changes = self._tagged(before, after) + _extended(before, after)
        if after == before:
            return 200, before, {"ETag": self._etag(before)}
        self.ticks += 1
        after |= {
            "version": round(before["version"] + 0.1, 1),
            "updatedAt": self.clock + self.ticks,
            "updatedBy": user,
        }
        self.held[kind][after["fullyQualifiedName"]] = after
        told = {
            f: [c for field, c in changes if field == f]
            for f in ("fieldsAdded", "fieldsUpdated", "fieldsDeleted")
        }
        self.versions.setdefault(after["id"], []).insert(0, after | {"changeDescription": told})
        return 200, after, {"ETag": self._etag(after)}

    def _tagged(self, before, after):
        """What became of the tags of each column; standing ones stay as they were."""
        old, changes = dict(_columns(before)), []
        for path, c in _columns(after):
            was = {x["tagFQN"]: x for x in old.get(path, {}).get("tags", [])}
            now = {x["tagFQN"]: was.get(x["tagFQN"], x) for x in c.get("tags", [])}
            name = joined_name("columns", path[-1], "tags")
            if added := [x for n, x in now.items() if n not in was]:
                changes.append(("fieldsAdded", {"name": name, "newValue": json.dumps(added)}))
            if gone := [x for n, x in was.items() if n not in now]:
                changes.append(("fieldsDeleted", {"name": name, "oldValue": json.dumps(gone)}))
            if "tags" in c:
                c["tags"] = [now[n] for n in sorted(now)]
        return changes

    def _etag(self, entity):
        return (
            '"' + hashlib.sha256(f"{entity['version']}-{entity['updatedAt']}".encode()).hexdigest()[:16] + '"'
        )


def _extended(before, after):
    """What became of the custom properties."""
    was, now = before.get("extension", {}), after.get("extension", {})
    added = [{n: v} for n, v in now.items() if n not in was]
    gone = [{n: v} for n, v in was.items() if n not in now]
    return [
        *([("fieldsAdded", {"name": "extension", "newValue": json.dumps(added)})] if added else []),
        *([("fieldsDeleted", {"name": "extension", "oldValue": json.dumps(gone)})] if gone else []),
        *(
            (
                "fieldsUpdated",
                {
                    "name": joined_name("extension", n),
                    "oldValue": json.dumps(was[n]),
                    "newValue": json.dumps(v),
                },
            )
            for n, v in now.items()
            if n in was and was[n] != v
        ),
    ]


def _columns(table):
    def below(held, path):
        for c in held:
            yield (*path, c["name"]), c
            yield from below(c.get("children", []), (*path, c["name"]))

    return list(below(table.get("columns", []), ()))
