"""What we send, held against the vendors' own published models: every payload, none left out."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import attr
import findings
import jsonschema
import pytest
import yaml

from reports.catalogs import by_entity, catalogs, find
from reports.catalogs import datahub_names as names
from reports.catalogs.datahub_patches import SOURCE, patches
from reports.catalogs.datahub_rest import _request
from reports.catalogs.picking import Asked, Entity

CASES = Path(__file__).parent.parent / "cases"
ALL = Asked((Entity("crm", platform="postgres", database="crm"),), suggested=True)
NAMES = findings.NAMES
REPORTS = {"small": findings.crm(), "hostile": findings.hostile(), "wide": findings.wide(20, 40)}


@pytest.mark.parametrize("name", ["datahub", "odcs", "openlineage", "openmetadata"])
def test_payloads_are_as_they_were(name):
    """After a wanted change: CHUJING_SNAPSHOT=write pytest, and read the difference."""
    now = [asdict(p) for p in find(name).payloads(findings.crm(), ALL)]
    file = CASES / "catalogs" / f"{name}.json"
    if os.environ.get("CHUJING_SNAPSHOT") == "write":
        file.write_text(json.dumps(now, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")

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

    (_, text), = find("datahub").files(find("datahub").payloads(report, ALL))
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
                assert prop.validate() and path == ("properties", prop.propertyUrn, SOURCE) and prop.attribution.source == SOURCE
                if mcp.entityType == "schemaField":
                    assert SchemaFieldUrn.from_string(mcp.entityUrn).parent.startswith("urn:li:dataset:")
        valid += 1
    assert valid == len(json.loads(text)) > 0


def _unions(value):
    """Values as tuples of kind and value, as the classes read unions."""
    return value | {"values": [next(iter(v.values())) for v in value["values"]]}


@pytest.mark.parametrize("report", [findings.crm(), findings.hostile()], ids=["small", "hostile"])
def test_patches_are_what_the_published_builder_makes(report):
    from datahub.emitter.request_helper import OpenApiRequest
    from datahub.metadata.schema_classes import GlossaryTermAssociationClass, MetadataAttributionClass
    from datahub.specific.dataset import DatasetPatchBuilder

    checked = 0
    for entity, of in by_entity(p for p in find("datahub").payloads(report, ALL) if p.kind == "field_term").items():
        builder = DatasetPatchBuilder(entity)
        for p in of:
            patch, = patches(entity, [p])
            said = patch.value["patch"][0]["value"]["attribution"]
            term = GlossaryTermAssociationClass(p.body["term"], attribution=MetadataAttributionClass(**said))
            builder.for_field(p.body["path"]).add_term(term)
        theirs = OpenApiRequest.from_mcp(builder.build()[0], "http://host")
        ours = Recorded()
        _request("PATCH", "dataset", list(patches(entity, of)), ours)
        assert ours.sent[0] == theirs.method.upper() and "http://host" + ours.sent[1] == theirs.url
        assert ours.sent[2] == theirs.payload
        checked += len(of)
    assert checked >= 3


class Recorded:
    def send(self, method, path, body, **more):
        from reports.catalogs import Answer

        self.sent = (method, path, body)
        return Answer(200)


@pytest.mark.parametrize(("hive", "path", "kind"), [
    ("struct<city:string,geo:struct<lat:double>>", ("city",), "string"),
    ("struct<city:string,geo:struct<lat:double>>", ("geo", "lat"), "double"),
    ("struct<n:bigint>", ("n",), "bigint"),
], ids=["text", "two deep", "number"])
def test_nested_field_paths_are_those_of_datahub_s_own_hive_source(hive, path, kind):
    from datahub.utilities.hive_schema_to_avro import get_schema_fields_for_hive_column

    known = {f.fieldPath for f in get_schema_fields_for_hive_column("address", hive)}
    made = names.field_path(("address", *path), kind)

    assert made in known and names.simple(made) == ".".join(("address", *path))


@pytest.mark.parametrize("name", NAMES)
def test_urns_of_hostile_names_are_read_back_whole(name):
    from datahub.metadata.urns import DatasetUrn, SchemaFieldUrn

    urn = names.dataset("postgres", name, "PROD", "")
    assert DatasetUrn.from_string(urn).urn() == urn == DatasetUrn("postgres", name, "PROD").urn()
    field = names.schema_field(urn, name)
    assert SchemaFieldUrn.from_string(field).urn() == field


@pytest.mark.parametrize(("rule", "urn"), [
    (Entity("crm", platform="snowflake", database="CRM", casing="lower"), "snowflake,crm.public.member,PROD"),
    (Entity("crm", platform="postgres", platform_instance="core", database="crm", env="DEV"), "postgres,core.crm.public.member,DEV"),
    (Entity("crm", platform="hive", name="{schema}.{table}"), "hive,public.member,PROD"),
    (Entity("crm", tables="public/mem*", platform="mysql"), "mysql,public.member,PROD"),
], ids=["casing", "instance", "template", "pattern"])
def test_rules_name_our_tables_as_the_catalog_does(rule, urn):
    made = {p.entity for p in find("datahub").payloads(findings.crm(), Asked((rule,), True)) if p.about.startswith("crm/public/member")}

    assert made == {f"urn:li:dataset:(urn:li:dataPlatform:{urn})"}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_openlineage_event_is_one_by_the_published_classes(report):
    from openlineage.client import event_v2, facet_v2
    from openlineage.client.serde import Serde

    (_, text), = find("openlineage").files(find("openlineage").payloads(report, ALL))
    kinds = {"tags": facet_v2.tags_dataset.TagsDatasetFacet, "schema": facet_v2.schema_dataset.SchemaDatasetFacet,
             "documentation": facet_v2.documentation_dataset.DocumentationDatasetFacet}
    parts = {"tags": ("tags", facet_v2.tags_dataset.TagsDatasetFacetFields),
             "schema": ("fields", facet_v2.schema_dataset.SchemaDatasetFacetFields)}
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
            eventTime=raw["eventTime"], producer=raw["producer"],
            dataset=event_v2.StaticDataset(raw["dataset"]["namespace"], raw["dataset"]["name"], facets=facets),
        )
        assert raw["schemaURL"] == theirs.schemaURL
        assert _bare(Serde.to_dict(theirs)) == _bare(raw)
    assert len(lines) == len(report.tables) and attr.has(kinds["tags"])


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
            jsonschema.Draft201909Validator(shape, format_checker=jsonschema.FormatChecker()).validate(yaml.safe_load(text))
        assert len(name) < 180 and "/" not in name and not name.startswith(".")
    assert len({name for name, _ in made}) == len(report.tables)


def test_a_guess_is_never_written_as_a_fact():
    guesses = find("datahub").payloads(findings.crm(verdict=""), ALL)
    assert not [p for p in guesses if "member" in p.about and "accepted" in p.key + json.dumps(p.body)]
    (_, text), *_ = find("odcs").files(find("odcs").payloads(findings.crm(verdict=""), ALL))
    fields = yaml.safe_load(text)["schema"][0]["properties"]
    assert not [f for f in fields if "classification" in f or "criticalDataElement" in f]
    (_, text), = find("openlineage").files(find("openlineage").payloads(findings.crm(verdict=""), ALL))
    tags = json.loads(text.splitlines()[0])["dataset"]["facets"]["tags"]["tags"]
    assert {t["key"] for t in tags} == {"chujing.suggested"}
