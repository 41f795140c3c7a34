"""What we send, held against the vendors' own published models: every payload, none left out."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import atlas_server
import attr
import findings
import jsonschema
import places
import pytest
import yaml

from reports.catalogs import by_entity, catalogs, find
from reports.catalogs.datahub import names
from reports.catalogs.datahub.patches import SOURCE, patches
from reports.catalogs.datahub.write import send_together
from reports.catalogs.naming import NamingRule
from reports.catalogs.picking import Selection

CASES = places.CASES
ALL = Selection((NamingRule("crm", platform="postgres", database="crm"),), suggested=True)
NAMES = findings.NAMES
REPORTS = {"small": findings.crm(), "hostile": findings.hostile(), "wide": findings.wide(20, 40)}


@pytest.mark.parametrize("name", ["atlas", "datahub", "dbt", "odcs", "openlineage", "openmetadata"])
def test_payloads_are_as_they_were(name):
    """After a wanted change: CHUJING_SNAPSHOT=write pytest, and read the difference."""
    now = [
        {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(p).items() if v != ()}
        for p in find(name).payloads(findings.crm(), ALL)
    ]
    file = CASES / "catalogs" / f"{name}.json"
    if os.environ.get("CHUJING_SNAPSHOT") == "write":
        file.write_text(
            json.dumps(now, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )

    assert now == json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", catalogs())
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_payloads_have_keys_of_their_own_and_do_not_change_with_the_run(name, report):
    module = find(name)
    one = list(module.payloads(report, ALL))
    later = replace(report, run=replace(report.run, id="r2", finished="2027-01-01T00:00:00Z"))

    assert len({p.key for p in one}) == len(one)
    assert [p.digest for p in module.payloads(later, ALL)] == [p.digest for p in one]
    assert json.dumps([asdict(p) for p in one])


@pytest.mark.system
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_datahub_proposal_is_one_by_the_published_classes(report):
    from datahub.emitter.mcp import MetadataChangeProposalWrapper
    from datahub.emitter.mcp_patch_builder import parse_patch_path
    from datahub.metadata.schema_classes import (
        GlossaryTermAssociationClass,
        MetadataChangeProposalClass,
        StructuredPropertyValueAssignmentClass,
    )
    from datahub.metadata.urns import DatasetUrn, SchemaFieldUrn, Urn

    ((_, text),) = find("datahub").files(find("datahub").payloads(report, ALL))
    valid = 0
    for raw in json.loads(text):
        mcp = MetadataChangeProposalClass.from_obj(raw)
        assert mcp.validate() and Urn.from_string(mcp.entityUrn).urn() == mcp.entityUrn
        value = json.loads(mcp.aspect.value)
        if mcp.changeType == "UPSERT":
            wrapped = MetadataChangeProposalWrapper.try_from_mcpc(mcp)
            assert wrapped is not None and wrapped.aspect.validate()
        for op in value if isinstance(value, list) else value.get("patch", ()):
            path = parse_patch_path(op["path"])
            if path[0] == "editableSchemaFieldInfo":
                term = GlossaryTermAssociationClass.from_obj(op["value"])
                assert term.validate() and path == (path[0], path[1], "glossaryTerms", "terms", term.urn)
                assert DatasetUrn.from_string(mcp.entityUrn).platform == "urn:li:dataPlatform:postgres"
            else:
                prop = StructuredPropertyValueAssignmentClass.from_obj(_unions(op["value"]), tuples=True)
                assert (
                    prop.validate()
                    and path == ("properties", prop.propertyUrn, SOURCE)
                    and prop.attribution.source == SOURCE
                )
                if mcp.entityType == "schemaField":
                    assert SchemaFieldUrn.from_string(mcp.entityUrn).parent.startswith("urn:li:dataset:")
        valid += 1
    assert valid == len(json.loads(text)) > 0


def _unions(value):
    """Values as tuples of kind and value, as the classes read unions."""
    return value | {"values": [next(iter(v.values())) for v in value["values"]]}


@pytest.mark.system
@pytest.mark.parametrize("report", [findings.crm(), findings.hostile()], ids=["small", "hostile"])
def test_patches_are_what_the_published_builder_makes(report):
    from datahub.emitter.request_helper import OpenApiRequest
    from datahub.metadata.schema_classes import GlossaryTermAssociationClass, MetadataAttributionClass
    from datahub.specific.dataset import DatasetPatchBuilder

    checked = 0
    for entity, of in by_entity(
        p for p in find("datahub").payloads(report, ALL) if p.kind == "field_term"
    ).items():
        builder = DatasetPatchBuilder(entity)
        for p in of:
            (patch,) = patches(entity, [p])
            said = patch.value["patch"][0]["value"]["attribution"]
            term = GlossaryTermAssociationClass(p.body["term"], attribution=MetadataAttributionClass(**said))
            builder.for_field(p.body["path"]).add_term(term)
        theirs = OpenApiRequest.from_mcp(builder.build()[0], "http://host")
        ours = Recorded()
        send_together("PATCH", "dataset", list(patches(entity, of)), ours)
        assert ours.sent[0] == theirs.method.upper() and "http://host" + ours.sent[1] == theirs.url
        assert ours.sent[2] == theirs.payload
        checked += len(of)
    assert checked >= 3


class Recorded:
    def send(self, method, path, body, **more):
        from reports.catalogs import Response

        self.sent = (method, path, body)
        return Response(200)


@pytest.mark.system
@pytest.mark.parametrize(
    ("hive", "path", "kind"),
    [
        ("struct<city:string,geo:struct<lat:double>>", ("city",), "string"),
        ("struct<city:string,geo:struct<lat:double>>", ("geo", "lat"), "double"),
        ("struct<n:bigint>", ("n",), "bigint"),
    ],
    ids=["text", "two deep", "number"],
)
def test_nested_field_paths_are_those_of_datahub_s_own_hive_source(hive, path, kind):
    from datahub.utilities.hive_schema_to_avro import get_schema_fields_for_hive_column

    known = {f.fieldPath for f in get_schema_fields_for_hive_column("address", hive)}
    made = names.field_path(("address", *path), kind)

    assert made in known and names.simple_path(made) == ".".join(("address", *path))


@pytest.mark.system
@pytest.mark.parametrize("name", NAMES)
def test_urns_of_hostile_names_are_read_back_whole(name):
    from datahub.metadata.urns import DatasetUrn, SchemaFieldUrn

    urn = names.dataset("postgres", name, "PROD", "")
    assert DatasetUrn.from_string(urn).urn() == urn == DatasetUrn("postgres", name, "PROD").urn()
    field = names.schema_field_urn(urn, name)
    assert SchemaFieldUrn.from_string(field).urn() == field


@pytest.mark.parametrize(
    ("rule", "urn"),
    [
        (
            NamingRule("crm", platform="snowflake", database="CRM", casing="lower"),
            "snowflake,crm.public.member,PROD",
        ),
        (
            NamingRule("crm", platform="postgres", platform_instance="core", database="crm", env="DEV"),
            "postgres,core.crm.public.member,DEV",
        ),
        (NamingRule("crm", platform="hive", name="{schema}.{table}"), "hive,public.member,PROD"),
        (NamingRule("crm", tables="public/mem*", platform="mysql"), "mysql,public.member,PROD"),
    ],
    ids=["casing", "instance", "template", "pattern"],
)
def test_rules_name_our_tables_as_the_catalog_does(rule, urn):
    made = {
        p.entity
        for p in find("datahub").payloads(findings.crm(), Selection((rule,), True))
        if p.about.startswith("crm/public/member")
    }

    assert made == {f"urn:li:dataset:(urn:li:dataPlatform:{urn})"}


@pytest.mark.system
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_openlineage_event_is_one_by_the_published_classes(report):
    from openlineage.client import event_v2, facet_v2
    from openlineage.client.serde import Serde

    ((_, text),) = find("openlineage").files(find("openlineage").payloads(report, ALL))
    kinds = {
        "tags": facet_v2.tags_dataset.TagsDatasetFacet,
        "schema": facet_v2.schema_dataset.SchemaDatasetFacet,
        "documentation": facet_v2.documentation_dataset.DocumentationDatasetFacet,
    }
    parts = {
        "tags": ("tags", facet_v2.tags_dataset.TagsDatasetFacetFields),
        "schema": ("fields", facet_v2.schema_dataset.SchemaDatasetFacetFields),
    }
    lines = text.splitlines()
    for line in lines:
        raw = json.loads(line)
        facets = {}
        for name, facet in raw["dataset"]["facets"].items():
            told = {k: v for k, v in facet.items() if not k.startswith("_")}
            if name in parts:
                key, kind = parts[name]
                told[key] = [kind(**v) for v in told[key]]
            facets[name] = kinds[name](**told)
            assert facet["_schemaURL"] == facets[name]._schemaURL
        theirs = event_v2.DatasetEvent(
            eventTime=raw["eventTime"],
            producer=raw["producer"],
            dataset=event_v2.StaticDataset(
                raw["dataset"]["namespace"], raw["dataset"]["name"], facets=facets
            ),
        )
        assert raw["schemaURL"] == theirs.schemaURL
        assert _bare(Serde.to_dict(theirs)) == _bare(raw)
    assert len(lines) == len(report.tables) and attr.has(kinds["tags"])


# URL of a source, schema of its table -> the published naming of the same table
PUBLISHED_NAMES = {
    "postgresql://reader:***@db:5433/crm": ("hr", "Postgres", ("db", "5433", "crm", "hr", "member")),
    "postgresql://db.example.com/crm": ("hr", "Postgres", ("db.example.com", "5432", "crm", "hr", "member")),
    "mysql://reader:***@db.example.com/shop": ("", "MySQL", ("db.example.com", "3306", "shop", "member")),
    "mariadb+pymysql://db.example.com:3307/": ("shop", "MySQL", ("db.example.com", "3307", "shop", "member")),
    "oceanbase://db.example.com/shop": ("", "OceanBase", ("db.example.com", "2881", "shop", "member")),
    "oracle://db/?service_name=orcl": ("HR", "Oracle", ("db", "1521", "orcl", "HR", "member")),
    "hive://etl@hs2.example.com/": ("ods", "Hive", ("hs2.example.com", "10000", "ods", "member")),
    "snowflake://me:***@org-one/CRM/HR": ("HR", "Snowflake", ("org", "one", "CRM", "HR", "member")),
    "bigquery://project-1/sales": ("sales", "BigQuery", ("project-1", "sales", "member")),
    "s3://bucket/exports/member": ("", "S3", ("bucket", "exports/member")),
    "/data/exports": ("", "LocalFileSystem", ("/data/exports/member",)),
    "/data/exports/*.csv": ("", "LocalFileSystem", ("/data/exports/member.csv",)),
    "/data/member.csv.gz": ("", "LocalFileSystem", ("/data/member.csv.gz",)),
}


@pytest.mark.system
@pytest.mark.parametrize("url", PUBLISHED_NAMES)
def test_openlineage_datasets_have_the_published_names(url):
    from openlineage.client.naming import dataset

    schema, kind, parts = PUBLISHED_NAMES[url]
    place = "/".join(filter(None, ("crm", schema, "member")))
    report = findings.report(findings.table(place, findings.column(place, "mobile", verdict="accept")))
    scheme = url.split("://")[0].split("+")[0] if "://" in url else "files"
    report = replace(report, sources=(replace(report.sources[0], url=url, kind=scheme),))
    (payload,) = find("openlineage").payloads(report, Selection())
    theirs = getattr(dataset, kind)(*parts)

    assert (payload.body["namespace"], payload.body["name"]) == (theirs.get_namespace(), theirs.get_name())


def _bare(value):
    """Without who made it and what is empty."""
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items() if k != "_producer" and v not in (None, [], {})}
    return [_bare(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_contract_fits_the_standard(report):
    shapes = [yaml.safe_load((CASES / "odcs.yaml").read_text(encoding="utf-8"))]
    if given := os.environ.get("CHUJING_ODCS_SCHEMA"):
        shapes.append(json.loads(Path(given).read_text(encoding="utf-8")))
    made = list(find("odcs").files(find("odcs").payloads(report, ALL)))
    for name, text in made:
        for shape in shapes:
            jsonschema.Draft201909Validator(shape, format_checker=jsonschema.FormatChecker()).validate(
                yaml.safe_load(text)
            )
        assert len(name) < 180 and "/" not in name and not name.startswith(".")
    assert len({name for name, _ in made}) == len(report.tables)


@pytest.mark.system
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_atlas_payload_is_sent_as_the_published_client_sends_it(report):
    atlas = find("atlas")
    wanted = list(atlas.payloads(report, ALL))
    client = atlas_server.Direct(atlas_server.holding(wanted))
    went = atlas.push(wanted, client)
    for method, path, body in client.sent:
        _as_published(method, path, body)

    too_long = {p.key for p in wanted if len(p.entity) > 6_000}
    assert {r.key for r in went.refused} == too_long and not went.yielded
    assert len(went.done) == len(wanted) - len(too_long) == _told(client.sent) > 10
    assert all(len(path) < 8_000 for path in client.read)


@pytest.mark.system
def test_changes_and_removals_go_to_atlas_as_the_published_client_sends_them():
    atlas = find("atlas")
    wanted = list(atlas.payloads(findings.crm(), ALL))
    server = atlas_server.holding(wanted)
    atlas.push(wanted, atlas_server.Direct(server))
    client, of = atlas_server.Direct(server), [p for p in wanted if not p.lasting]
    changed = [
        replace(p, body=p.body | {"attributes": p.body["attributes"] | {"reason": "换了"}})
        for p in of
        if p.kind == "column_class"
    ]
    atlas.push(changed, client)
    atlas.push([p.removal() for p in of], client)
    for sent in client.sent:
        _as_published(*sent)

    assert [m for m, *_ in client.sent] == ["PUT"] * 3 + ["DELETE"] * 4
    assert not [
        e
        for e in server.entities.values()
        if e.get("classifications") or any(e.get("businessAttributes", {}).values())
    ]


def _as_published(method, path, body):
    """The published classes know every word of it,
    and the published client sends it to this address by this method.
    """
    from apache_atlas.client.entity import EntityClient
    from apache_atlas.client.typedef import TypeDefClient
    from apache_atlas.model.instance import AtlasClassification
    from apache_atlas.model.typedef import AtlasTypesDef
    from apache_atlas.utils import type_coerce

    said = []

    class Recording:
        def call_api(self, api, response=None, query=None, request=None):
            said.append((api.method.value, api.path.replace("//", "/").rstrip("/"), request))

    entity, _, what = path.removeprefix("/v2/entity/guid/").partition("/")
    if path == "/v2/types/typedefs":
        types = type_coerce(body, AtlasTypesDef)
        TypeDefClient(Recording()).create_atlas_typedefs(types)
        _known_words(body, types)
    elif path == "/v2/entity/bulk/classification":
        mark = type_coerce(body["classification"], AtlasClassification)
        EntityClient(Recording()).add_classification(body)
        assert (
            mark.propagate is False
            and body.keys() == {"classification", "entityGuids"}
            and body["entityGuids"]
        )
        _known_words(body["classification"], mark)
    elif what == "classifications":
        EntityClient(Recording()).update_classifications(entity, body)
        _known_words(body, [type_coerce(c, AtlasClassification) for c in body])
    elif what.startswith("classification/"):
        EntityClient(Recording()).remove_classification(entity, what.removeprefix("classification/"), None)
    else:
        assert what == "businessmetadata/chujing"
        of = EntityClient(Recording())
        call = (
            of.remove_business_attributes_bm_name
            if method == "DELETE"
            else of.add_or_update_business_attributes_bm_name
        )
        call(entity, "chujing", body)
    assert said == [(method, "api/atlas" + path, said[0][2])]


def _known_words(ours, theirs):
    """Whether what the classes read is all we said."""
    if isinstance(ours, dict):
        for key, value in ours.items():
            assert key in theirs
            _known_words(value, theirs[key])
    elif isinstance(ours, list):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            _known_words(one, other)
    else:
        assert ours == theirs


def _told(sent):
    """How many payloads requests carried."""
    types = sum(len(of) for _, path, body in sent if path == "/v2/types/typedefs" for of in body.values())
    marks = sum(len(body["entityGuids"]) for _, path, body in sent if path.endswith("/bulk/classification"))
    return types + marks + sum(len(body) for _, path, body in sent if "/businessmetadata/" in path)


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (NamingRule("crm", platform="hive", platform_instance="cl1"), "hive_table public.member@cl1"),
        (NamingRule("crm", platform="hive"), "hive_table public.member@primary"),
        (
            NamingRule("crm", platform="postgres", database="crm", platform_instance="core"),
            "rdbms_table crm.public.member@core",
        ),
        (
            NamingRule("crm", platform="trino", database="pg", platform_instance="prod"),
            "trino_table pg.public.member@prod",
        ),
        (
            NamingRule(
                "crm",
                type="azure_sql_table",
                database="crm",
                name="mssql://s.database.windows.net/{database}/{schema}/{table}",
            ),
            "azure_sql_table mssql://s.database.windows.net/crm/public/member",
        ),
        (
            NamingRule("crm", platform="hive", platform_instance="CL1", casing="upper"),
            "hive_table PUBLIC.MEMBER@CL1",
        ),
    ],
    ids=["hive", "cluster without a name", "relational", "trino", "purview", "casing"],
)
def test_rules_name_our_tables_as_atlas_does(rule, name):
    made = {
        p.entity
        for p in find("atlas").payloads(findings.crm(), Selection((rule,), True))
        if p.about.startswith("crm/public/member")
    }

    assert made == {name}


def test_fields_nested_in_one_column_are_one_classification_of_it():
    home, work, city = (
        findings.column("crm/public/m", f"contact.{n}", label, verdict="accept", confidence=c)
        for n, label, c in (
            ("home", "phone_mobile", 0.8),
            ("work", "phone_mobile", 0.9),
            ("city", "postal_address", 1.0),
        )
    )
    report = findings.report(findings.table("crm/public/m", home, work, city))
    marks = {
        p.body["classification"]: p for p in find("atlas").payloads(report, ALL) if p.kind == "column_class"
    }

    assert {p.body["column"] for p in marks.values()} == {"contact"} and len(marks) == 2
    told = marks["chujing.accepted.phone_mobile"]
    assert told.about == work.id and told.body["attributes"]["confidence"] == 0.9
    assert (
        "contact.home: 王敏" in told.body["attributes"]["reason"]
        and "contact.work: 王敏" in told.body["attributes"]["reason"]
    )


def test_names_of_atlas_types_are_those_its_rules_allow():
    from detectors.labels import labels
    from reports.catalogs.atlas.names import classification

    every = [
        classification(f"chujing.{node}.{label}")
        for node in ("accepted", "suggested")
        for label in [*labels(), "工号", "a-b/c", "<b>"]
    ]
    assert all(atlas_server.TRAIT.fullmatch(n) for n in every) and len(set(every)) == len(every)


def test_a_guess_is_never_written_as_a_fact():
    for name in ("datahub", "atlas"):
        guesses = list(find(name).payloads(findings.crm(verdict=""), ALL))
        assert (
            not [p for p in guesses if "member" in p.about and "accepted" in p.key + json.dumps(p.body)]
            and guesses
        )
    (_, text), *_ = find("odcs").files(find("odcs").payloads(findings.crm(verdict=""), ALL))
    fields = yaml.safe_load(text)["schema"][0]["properties"]
    assert not [f for f in fields if "classification" in f or "criticalDataElement" in f]
    ((_, text),) = find("openlineage").files(find("openlineage").payloads(findings.crm(verdict=""), ALL))
    tags = json.loads(text.splitlines()[0])["dataset"]["facets"]["tags"]["tags"]
    assert {t["key"] for t in tags} == {"chujing.suggested"}


@pytest.mark.parametrize("name", ["atlas", "datahub", "dbt", "odcs", "openlineage", "openmetadata"])
def test_each_shard_of_a_table_is_told_of_by_its_own_name(name):
    tid = "crm/public/user_{00-02}"
    shards = tuple(f"user_0{i}" for i in range(3))
    report = findings.report(
        replace(findings.table(tid, findings.column(tid, "mobile", verdict="accept")), members=shards)
    )
    told = list(find(name).payloads(report, ALL))
    on = [p for p in told if p.about]

    assert len({p.key for p in told}) == len(told) and all(p.about.startswith(tid) for p in on)
    text = json.dumps([p.body | {"entity": p.entity} for p in on], ensure_ascii=False)
    assert all(s in text for s in shards)
    assert name == "odcs" or not any("{00-02}" in p.entity for p in on) and len({p.entity for p in on}) == 3
