"""What a push to any catalog is tested with: each kind behind a stand-in on loopback,
and one push as the command does it.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import atlas_server
import catalog_server
import openmetadata_server

from reports.catalogs import find
from reports.catalogs.naming import NamingRule
from reports.catalogs.picking import Selection
from scanner.deliver.http import Http, Patience
from scanner.deliver.outbox import outbox
from scanner.deliver.push_scope import scope_of, without_clashes

CRM = NamingRule("crm", platform="postgres", database="crm")
MEMBER = "urn:li:dataset:(urn:li:dataPlatform:postgres,crm.public.member,PROD)"
STAFF = "urn:li:dataset:(urn:li:dataPlatform:postgres,crm.public.staff,PROD)"
ACCEPTED = ("mobile", "urn:li:glossaryTerm:chujing.accepted.phone_mobile")
SUGGESTED = ("id_no", "urn:li:glossaryTerm:chujing.suggested.resident_id")
PROMOTED = ("id_no", "urn:li:glossaryTerm:chujing.accepted.resident_id")
OM_MEMBER, OM_STAFF = "crm_pg.crm.public.member", "crm_pg.crm.public.staff"
ATLAS_MEMBER, ATLAS_STAFF = "crm.public.member@main", "crm.public.staff@main"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A catalog behind a stand-in: what the contract of all catalogs needs to know of it.

    server makes an empty stand-in, put puts a table with columns into it, drop takes a table away, state is
    all it holds, the same for the same pushes. Marks are (column, mark) as `terms` of the stand-in has them.
    """

    name: str
    server: Callable[[], Any]
    put: Callable[..., Any]
    drop: Callable[[Any, str], Any]
    state: Callable[[Any], Any]
    figures: Callable[[Any], Any]  # numbers of the table of members by name, as the stand-in keeps them
    set_mark: Callable[[Any, str, str], Any]  # a person sets a mark on a column of members
    remove_mark: Callable[[Any, str, str], Any]  # a person takes it away
    rule: NamingRule
    entities: str  # the rule as chujing.yaml has it
    member: str
    staff: str
    accepted: tuple[str, str]
    suggested: tuple[str, str]
    promoted: tuple[str, str]  # what a suggestion becomes that a review accepts
    writes: str  # the method by which marks are written
    before: str  # of requests that come before
    withdraws: str  # of what takes a number away
    requests_of_change: int  # requests with a body until a changed number is written
    requests_of_push: int  # of a first push, two payloads a batch
    member_payloads: int  # how many are about the table of members

    @property
    def module(self) -> ModuleType:
        return find(self.name)

    def build(self):
        """A stand-in with the tables of members and of staff."""
        server = self.server()
        self.put(server, self.member, "mobile", "id_no", "points")
        self.put(server, self.staff, "phone")
        return server

    @contextmanager
    def serving(self):
        """The stand-in, served; its url and kind are set on it."""
        server = self.build()
        with catalog_server.serving(server) as url:
            server.url, server.kind = url, self
            yield server


# ---- DataHub -----------------------------------------------------------------------------------------------


class Figures(dict):
    """DataHub's numbers of a dataset by name; an edit keeps our attribution, as its own page does."""

    def __init__(self, server):
        self.properties = server.aspects[MEMBER]["structuredProperties"]["properties"]
        super().__init__(
            {
                p["propertyUrn"].rsplit("chujing.", 1)[-1]: next(iter(p["values"][0].values()))
                for p in self.properties
            }
        )

    def __setitem__(self, name, value):
        one = next(p for p in self.properties if p["propertyUrn"].endswith(f"chujing.{name}"))
        one |= {
            "values": [{"double": float(value)}],
            "lastModified": {"actor": "urn:li:corpuser:lin", "time": 1},
        }

    def pop(self, name):
        self.properties[:] = [p for p in self.properties if not p["propertyUrn"].endswith(f"chujing.{name}")]


def _datahub_terms(server, column):
    """The terms of a column of members as they stand, to be changed in place."""
    aspect = server.aspects[MEMBER].setdefault("editableSchemaMetadata", {})
    infos = aspect.setdefault("editableSchemaFieldInfo", [])
    info = next((i for i in infos if i["fieldPath"] == column), None)
    if info is None:
        infos.append(info := {"fieldPath": column})
    return info.setdefault("glossaryTerms", {}).setdefault("terms", [])


def _remove_term(server, column, mark):
    terms = _datahub_terms(server, column)
    terms[:] = [t for t in terms if t["urn"] != mark]


DATAHUB = Kind(
    name="datahub",
    server=catalog_server.Catalog,
    put=catalog_server.Catalog.dataset,
    drop=lambda server, urn: server.aspects.pop(urn),
    state=lambda server: server.aspects,
    figures=Figures,
    set_mark=lambda server, column, mark: _datahub_terms(server, column).append({"urn": mark}),
    remove_mark=_remove_term,
    rule=CRM,
    entities="{source: crm, platform: postgres, database: crm}",
    member=MEMBER,
    staff=STAFF,
    accepted=ACCEPTED,
    suggested=SUGGESTED,
    promoted=PROMOTED,
    writes="PATCH",
    before="POST",
    withdraws="PATCH",
    requests_of_change=2,
    requests_of_push=11,
    member_payloads=8,
)


# ---- Atlas -------------------------------------------------------------------------------------------------


def _drop_entities(server, qualified):
    for guid in [e["guid"] for e in server.columns(qualified).values()] + [server.found(qualified)["guid"]]:
        del server.entities[guid]


def _set_classification(server, column, mark):
    entity = server.columns(ATLAS_MEMBER)[column]
    entity.setdefault("classifications", []).append(
        {"typeName": mark, "attributes": {}, "propagate": True, "entityGuid": entity["guid"]}
    )


def _remove_classification(server, column, mark):
    entity = server.columns(ATLAS_MEMBER)[column]
    entity["classifications"] = [c for c in entity["classifications"] if c["typeName"] != mark]


ATLAS = Kind(
    name="atlas",
    server=atlas_server.AtlasServer,
    put=lambda server, *of: server.table("rdbms_table", *of),
    drop=_drop_entities,
    state=atlas_server.AtlasServer.state,
    figures=lambda server: server.metadata(ATLAS_MEMBER),
    set_mark=_set_classification,
    remove_mark=_remove_classification,
    rule=replace(CRM, platform_instance="main"),
    entities="{source: crm, type: rdbms_table, database: crm, platform_instance: main}",
    member=ATLAS_MEMBER,
    staff=ATLAS_STAFF,
    accepted=("mobile", "chujing.accepted.phone_mobile"),
    suggested=("id_no", "chujing.suggested.resident_id"),
    promoted=("id_no", "chujing.accepted.resident_id"),
    writes="POST",
    before="GET",
    withdraws="DELETE",
    requests_of_change=1,
    requests_of_push=11,
    member_payloads=6,
)


# ---- OpenMetadata ------------------------------------------------------------------------------------------


class Extension(dict):
    """OpenMetadata's numbers of the table of members by name; an edit is a person's, with a version."""

    def __init__(self, server):
        self.server = server
        properties = server.held["tables"][OM_MEMBER].get("extension", {})
        super().__init__({self.NAMES[n]: v for n, v in properties.items() if n in self.NAMES})

    NAMES = {
        "chujingPath": "path",
        **{f"chujingPersons{n}": f"persons_{n.lower()}" for n in ("Low", "Best", "High")},
    }

    def _edit(self, name, **operation):
        path = next(n for n, plain in self.NAMES.items() if plain == name)
        self.server.by_hand("wang.min", OM_MEMBER, [{"path": f"/extension/{path}", **operation}])

    def __setitem__(self, name, value):
        self._edit(name, op="add", value=value)

    def pop(self, name):
        self._edit(name, op="remove")


def _om_column(server, column):
    """(position of a column of members, its tags)."""
    columns = server.held["tables"][OM_MEMBER]["columns"]
    at = next(n for n, c in enumerate(columns) if c["name"] == column)
    return at, columns[at].get("tags", [])


def _set_tag(server, column, mark):
    at, tags = _om_column(server, column)
    server.define(mark)
    tag = {"tagFQN": mark, "labelType": "Manual", "state": "Confirmed", "source": "Classification"}
    server.by_hand(
        "wang.min", OM_MEMBER, [{"op": "add", "path": f"/columns/{at}/tags", "value": [*tags, tag]}]
    )


def _remove_tag(server, column, mark):
    at, tags = _om_column(server, column)
    n = next(n for n, t in enumerate(tags) if t["tagFQN"] == mark)
    server.by_hand("wang.min", OM_MEMBER, [{"op": "remove", "path": f"/columns/{at}/tags/{n}"}])


OPENMETADATA = Kind(
    name="openmetadata",
    server=openmetadata_server.OpenMetadata,
    put=openmetadata_server.OpenMetadata.table,
    drop=lambda server, fqn: server.held["tables"].pop(fqn),
    state=openmetadata_server.OpenMetadata.state,
    figures=Extension,
    set_mark=_set_tag,
    remove_mark=_remove_tag,
    rule=NamingRule("crm", platform_instance="crm_pg", database="crm"),
    entities="{source: crm, platform_instance: crm_pg, database: crm}",
    member=OM_MEMBER,
    staff=OM_STAFF,
    accepted=("mobile", "chujing.phone_mobile"),
    suggested=("id_no", "chujing_suggested.resident_id"),
    promoted=("id_no", "chujing.resident_id"),
    writes="PATCH",
    before="POST",
    withdraws="PATCH",
    requests_of_change=1,
    requests_of_push=15,
    member_payloads=6,
)
KINDS = {k.name: k for k in (DATAHUB, ATLAS, OPENMETADATA)}


# ---- one push ----------------------------------------------------------------------------------------------


def client(catalog, **more):
    return Http(catalog.url, patience=Patience(sleep=lambda s: None, **({"timeout": 30} | more)))


def push(catalog, base, report, asked=None, **how):
    """One push as the command does it; gives (diff, what was delivered).

    how: `size` of a batch, `leave` (what nobody asked for stays), `http`, or what a Patience takes.
    """
    size, leave, http = (
        how.pop("size", catalog.kind.module.BATCH),
        how.pop("leave", True),
        how.pop("http", None),
    )
    module = catalog.kind.module
    asked = replace(
        asked or Selection(suggested=True),
        entities=asked.entities if asked and asked.entities else (catalog.kind.rule,),
    )
    every = list(module.payloads(report, asked))
    wanted, refused = without_clashes(every)
    http = http or client(catalog, **how)
    with outbox(base, catalog.kind.name, "here") as box, box.alone():
        diff = box.diff(wanted, scope_of(report, asked, every, refused, leave=leave))
        box.enqueue(diff)
        went = box.deliver(module.push, http, size, withheld=diff.withheld)
    http.close()
    return diff, replace(went, refused=(*refused, *went.refused))


def count_payloads(kind, report):
    """How many payloads there are of a report."""
    return len(list(kind.module.payloads(report, Selection((kind.rule,), suggested=True))))
