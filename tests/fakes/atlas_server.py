"""An Apache Atlas on loopback, as its sources say it answers: EntityREST, TypesREST, AtlasEntityStoreV2,
EntityGraphMapper.
"""

import json
import re
from urllib.parse import parse_qsl, unquote, urlsplit

from catalog_server import Catalog

from reports.catalogs import Response

TRAIT = re.compile(r"[a-zA-Z][a-zA-Z0-9_ .]*")
NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_ ]*")
KINDS = {"classificationDefs": TRAIT, "businessMetadataDefs": NAME}
TABLES = {"hive_table": "hive_column", "rdbms_table": "rdbms_column"}


class Refusal(Exception):
    """(status, Atlas's code)."""


class AtlasServer(Catalog):
    """types: name -> definition. entities: guid -> entity.
    Answers 400 to a whole request where one part of it is wrong.
    """

    decoded = staticmethod(str)

    def __init__(self, lean=False):
        super().__init__()
        self.types, self.entities = {}, {}
        self.lean = lean  # columns do not come with their table

    def table(self, kind, qualified, *columns, partitions=()):
        guid = f"t{len(self.entities):05}"
        entity = {
            "typeName": kind,
            "guid": guid,
            "status": "ACTIVE",
            "attributes": {"qualifiedName": qualified, "name": qualified},
        }
        related = {"columns": columns, "partitionKeys": partitions}
        entity["relationshipAttributes"] = {
            r: [self._column(kind, guid, c) for c in names] for r, names in related.items()
        }
        self.entities[guid] = entity
        return entity

    def _column(self, kind, table, name):
        guid = f"{table}-c{len(self.entities):07}"
        self.entities[guid] = {
            "typeName": TABLES[kind],
            "guid": guid,
            "status": "ACTIVE",
            "attributes": {"name": name},
        }
        return {"guid": guid, "typeName": TABLES[kind], "displayText": name, "relationshipStatus": "ACTIVE"}

    def found(self, qualified):
        return next(e for e in self.entities.values() if e["attributes"].get("qualifiedName") == qualified)

    def columns(self, qualified):
        """Name -> column."""
        ids = [c for r in self.found(qualified)["relationshipAttributes"].values() for c in r]
        return {c["displayText"]: self.entities[c["guid"]] for c in ids}

    def terms(self, qualified):
        """(column, classification) of a table."""
        return sorted(
            (n, c["typeName"])
            for n, e in self.columns(qualified).items()
            for c in e.get("classifications", ())
        )

    def metadata(self, qualified):
        return self.found(qualified).get("businessAttributes", {}).get("chujing", {})

    def state(self):
        """All there is, without what differs from one server to the next."""
        return [self.types, self.entities]

    @property
    def writes(self):
        return [r for r in self.requests if r[0] != "GET"]

    # ---- the contract ----

    def answer(self, method, path, body):
        parts = urlsplit(path)
        asked = parse_qsl(parts.query, keep_blank_values=True)
        if len(path) > 8_000:
            return 414, None
        try:
            return self._route(method, [unquote(p) for p in parts.path.split("/")[1:]], asked, body)
        except Refusal as e:
            return e.args[0], {"errorCode": e.args[1], "errorMessage": "secret detail of the catalog"}

    def _route(self, method, path, asked, body):
        match method, *path[1:]:
            case "GET", "types", "typedefs":
                assert dict(asked) == {"type": "CLASSIFICATION"}
                return 200, {
                    "classificationDefs": [
                        d for d in self.types.values() if d["category"] == "CLASSIFICATION"
                    ]
                }
            case "GET", "types", "businessmetadatadef", "name", name:
                return 200, self._type(name, "BUSINESS_METADATA", 404)
            case "GET", "types", "typedef", "name", name:
                return (200, {"name": name}) if name in TABLES or name in self.types else (404, None)
            case "POST" | "PUT", "types", "typedefs":
                return 200, self._define(method, body)
            case "GET", "entity", "bulk", "uniqueAttribute", "type", kind:
                return 200, self._by_name(kind, asked)
            case "GET", "entity", "bulk":
                return 200, self._whole(self._entity(g) for k, g in asked if k == "guid")
            case "POST", "entity", "bulk", "classification":
                self._add_marks(body["classification"], body["entityGuids"])
                return 204, None
            case "PUT", "entity", "guid", guid, "classifications":
                self._change_marks(guid, body)
                return 204, None
            case "DELETE", "entity", "guid", guid, "classification", name:
                self._entity(guid)["classifications"].remove(self._mark(guid, name))
                return 204, None
            case "POST" | "DELETE", "entity", "guid", guid, "businessmetadata", name:
                self._metadata(method, self._entity(guid), name, body)
                return 204, None
            case "GET", "search", "basic":
                given = dict(asked)
                word = given["query"].strip("*").lower()
                return 200, {
                    "entities": [
                        e
                        for e in self._of(given["typeName"])
                        if word in e["attributes"]["qualifiedName"].lower()
                    ]
                }
        raise AssertionError((method, path))

    def _by_name(self, kind, asked):
        if kind not in TABLES:
            raise Refusal(400, "ATLAS-400-00-014")
        assert all(re.fullmatch(r"attr_\d+:qualifiedName", k) for k, _ in asked)
        assert len({k for k, _ in asked}) == len(asked)
        names = {v for _, v in asked}
        return self._whole(e for e in self._of(kind) if e["attributes"]["qualifiedName"] in names)

    def _add_marks(self, mark, guids):
        for guid in guids:
            self._may_add(guid, mark)
        for guid in guids:
            self.entities[guid].setdefault("classifications", []).append(
                mark | {"entityGuid": guid, "entityStatus": "ACTIVE"}
            )

    def _change_marks(self, guid, marks):
        for mark in marks:
            stands = self._mark(guid, mark["typeName"])
            stands["attributes"] = {**stands["attributes"], **mark["attributes"]}
            stands |= {k: v for k, v in mark.items() if k in ("propagate", "validityPeriods")}

    def _of(self, kind):
        return [e for e in self.entities.values() if e["typeName"] == kind]

    def _whole(self, entities):
        found = list(entities)
        referred = (
            {}
            if self.lean
            else {
                c["guid"]: self.entities[c["guid"]]
                for e in found
                for r in e.get("relationshipAttributes", {}).values()
                for c in r
            }
        )
        return {"entities": found, "referredEntities": referred} if found else {}

    def _define(self, method, body):
        wanted = [(d, kind) for kind in KINDS for d in body.get(kind, ())]
        assert sum(map(len, body.values())) == len(wanted)
        known = {**self.types, **{d["name"]: d for d, _ in wanted}}
        for d, kind in wanted:
            old = self.types.get(d["name"])
            if not KINDS[kind].fullmatch(d["name"]):
                raise Refusal(400, "ATLAS-400-00-02D")
            if old and (method == "POST" or old["category"] != d["category"]):
                raise Refusal(409, "ATLAS-409-00-001")
            if not old and method == "PUT":
                raise Refusal(400, "ATLAS-400-00-029")
            if any(s not in known for s in d.get("superTypes", ())):
                raise Refusal(404, "ATLAS-404-00-001")
            before = {a["name"]: a for a in old["attributeDefs"]} if old else {}
            after = {a["name"]: a for a in d["attributeDefs"]}
            if before.keys() - after.keys() or any(
                after[n]["typeName"] != a["typeName"] for n, a in before.items()
            ):
                raise Refusal(400, "ATLAS-400-00-028")
            for n, a in after.items():
                assert NAME.fullmatch(n) and (n in before or a["isOptional"])
                if kind == "businessMetadataDefs":
                    self._applies(a, before.get(n))
        self.types |= {d["name"]: {"version": 1} | d for d, _ in wanted}
        return {}

    def _applies(self, attribute, before):
        kinds = set(json.loads(attribute["options"]["applicableEntityTypes"]))
        assert "string" not in attribute["typeName"] or int(attribute["options"]["maxStrLength"])
        if kinds - TABLES.keys():
            raise Refusal(404, "ATLAS-404-00-001")
        if before and set(json.loads(before["options"]["applicableEntityTypes"])) - kinds:
            raise Refusal(400, "ATLAS-400-00-0A5")

    def _type(self, name, category, otherwise):
        if self.types.get(name, {}).get("category") != category:
            raise Refusal(otherwise, "ATLAS-404-00-001")
        return self.types[name]

    def _entity(self, guid):
        if guid not in self.entities:
            raise Refusal(404, "ATLAS-404-00-005")
        return self.entities[guid]

    def _attributes(self, name):
        d = self._type(name, "CLASSIFICATION", 404)
        above = {k: v for s in d["superTypes"] for k, v in self._attributes(s).items()}
        return above | {a["name"]: a["typeName"] for a in d["attributeDefs"]}

    def _may_add(self, guid, mark):
        have = self._attributes(mark["typeName"])
        mark["attributes"] = {k: v for k, v in mark["attributes"].items() if k in have}  # others are ignored
        if any(isinstance(v, str) != (have[k] == "string") for k, v in mark["attributes"].items()):
            raise Refusal(404, "ATLAS-404-00-007")
        if any(c["typeName"] == mark["typeName"] for c in self._entity(guid).get("classifications", ())):
            raise Refusal(400, "ATLAS-400-00-01A")

    def _mark(self, guid, name):
        for c in self._entity(guid).get("classifications", ()):
            if c["typeName"] == name and c["entityGuid"] == guid:
                return c
        raise Refusal(400, "ATLAS-400-00-06D")

    def _metadata(self, method, entity, name, body):
        every = self._type(name, "BUSINESS_METADATA", 404)["attributeDefs"]
        defs = {
            a["name"]: a
            for a in every
            if entity["typeName"] in json.loads(a["options"]["applicableEntityTypes"])
        }
        if not defs:
            raise Refusal(404, "ATLAS-404-00-007")
        values = entity.setdefault("businessAttributes", {}).setdefault(name, {})
        for k, v in body.items():
            if k not in defs:  # silently ignored
                continue
            if method == "DELETE":
                values.pop(k, None)
                continue
            most = int(defs[k]["options"]["maxStrLength"])
            if (
                any(len(t) > most for t in v)
                if defs[k]["typeName"] == "array<string>"
                else not isinstance(v, int)
            ):
                raise Refusal(404, "ATLAS-404-00-007")
            values[k] = v


class Direct:
    """A client without a network. sent: (method, path, body) of what changes something."""

    def __init__(self, server):
        self.server, self.sent, self.read = server, [], []

    def get(self, path):
        self.read.append(path)
        return self._ask("GET", path, None)

    def send(self, method, path, body, *, headers=None, **more):
        self.sent.append((method, path, json.loads(json.dumps(body))))
        given = {"Content-Type": "application/json"} | dict(headers or {})
        self.server.headers = {name.lower(): value for name, value in given.items()}
        return self._ask(method, path, json.loads(json.dumps(body)) if body else None)

    def _ask(self, method, path, body):
        status, answer, *headers = self.server.answer(method, self.server.decoded(path), body)
        return Response(status, answer, etag=headers[0].get("ETag", "") if headers else "")


def holding(payloads):
    """A server that has every table and column that payloads speak of."""
    server = AtlasServer()
    columns = {}
    for p in payloads:
        if not p.lasting:
            columns.setdefault(p.entity, {}).update({p.body["column"]: None} if "column" in p.body else {})
    for name, of in columns.items():
        server.table(*name.split(" ", 1), *of)
    return server
