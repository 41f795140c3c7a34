"""What a push to any catalog is tested with: each kind behind a stand-in on loopback,
and one push as the command does it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import atlas_server
import catalog_server
import pytest

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
ATLAS_MEMBER, ATLAS_STAFF = "crm.public.member@main", "crm.public.staff@main"


@dataclass(frozen=True)
class Kind:
    """A catalog for tests that hold of every one. held: payloads about the table of members."""

    name: str
    server: Callable[[], Any]
    put: Callable[..., Any]  # a table into the server
    state: Callable[[Any], Any]  # all the server holds
    drop: Callable[[Any, str], Any]
    rule: NamingRule
    methods: tuple[str, str]  # that marks are written by; of what comes before
    member: str
    staff: str
    accepted: tuple[str, str]
    suggested: tuple[str, str]
    held: int
    figures: Callable[[Any], Any]  # numbers of the table of members, by name; as the server keeps them

    @property
    def module(self) -> ModuleType:
        return find(self.name)

    def made(self):
        server = self.server()
        self.put(server, self.member, "mobile", "id_no", "points")
        self.put(server, self.staff, "phone")
        return server


def drop_entities(server, qualified):
    for guid in [e["guid"] for e in server.columns(qualified).values()] + [server.found(qualified)["guid"]]:
        del server.entities[guid]


class Figures(dict):
    """DataHub's numbers of a dataset by name; an edit keeps our attribution, as its own page does."""

    def __init__(self, held):
        self.held = held
        super().__init__(
            {p["propertyUrn"].rsplit("chujing.", 1)[-1]: next(iter(p["values"][0].values())) for p in held}
        )

    def __setitem__(self, name, value):
        one = next(p for p in self.held if p["propertyUrn"].endswith(f"chujing.{name}"))
        one |= {
            "values": [{"double": float(value)}],
            "lastModified": {"actor": "urn:li:corpuser:lin", "time": 1},
        }

    def pop(self, name):
        self.held[:] = [p for p in self.held if not p["propertyUrn"].endswith(f"chujing.{name}")]


KINDS = {
    k.name: k
    for k in (
        Kind(
            "datahub",
            catalog_server.Catalog,
            catalog_server.Catalog.dataset,
            lambda s: s.aspects,
            lambda s, urn: s.aspects.pop(urn),
            CRM,
            ("PATCH", "POST"),
            MEMBER,
            STAFF,
            ACCEPTED,
            SUGGESTED,
            8,
            lambda s: Figures(s.aspects[MEMBER]["structuredProperties"]["properties"]),
        ),
        Kind(
            "atlas",
            atlas_server.AtlasServer,
            lambda s, *of: s.table("rdbms_table", *of),
            atlas_server.AtlasServer.state,
            drop_entities,
            replace(CRM, platform_instance="main"),
            ("POST", "GET"),
            ATLAS_MEMBER,
            ATLAS_STAFF,
            ("mobile", "chujing.accepted.phone_mobile"),
            ("id_no", "chujing.suggested.resident_id"),
            6,
            lambda s: s.metadata(ATLAS_MEMBER),
        ),
    )
}
every_catalog = pytest.mark.parametrize("catalog", KINDS, indirect=True)
datahub = KINDS["datahub"].module


def client(catalog, **more):
    return Http(catalog.url, patience=Patience(sleep=lambda s: None, **({"timeout": 5} | more)))


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
    with outbox(base, "datahub", "here") as box, box.alone():
        diff = box.diff(wanted, scope_of(report, asked, every, refused, leave=leave))
        box.enqueue(diff)
        went = box.deliver(module.push, http, size, withheld=diff.withheld)
    http.close()
    return diff, replace(went, refused=(*refused, *went.refused))


def whole(kind, report):
    """How many payloads there are of a report."""
    return len(list(kind.module.payloads(report, Selection((kind.rule,), suggested=True))))
