"""Candidates for important data argue from a whole table; a generic name alone never fires."""

import pyarrow as pa
import pytest

from detectors.columns import detect
from detectors.model import ColumnInfo, ColumnSample, TableInfo, TableRef


def found(table, *columns, comment="", values=None):
    infos = tuple(ColumnInfo(c, "text") for c in columns)
    info = TableInfo(TableRef(table), infos, comment)
    cells = values or {}
    samples = [
        ColumnSample(
            info.ref.column("s", c.parts), info, c, pa.array(cells[c.name]) if c.name in cells else None
        )
        for c in infos
    ]
    return {
        f.column.rsplit("/", 1)[1]: f for f in detect(info, samples) if f.kind == "important_data_candidate"
    }


CASES = {
    "power plants": (
        ("power_plant", "name", "capacity_mw", "latitude"),
        "",
        {"capacity_mw": "energy", "latitude": "energy"},
    ),
    "reservoirs in Chinese": (
        ("t_sk", "水位", "库容", "备注"),
        "水库实时水情",
        {"水位": "hydrology", "库容": "hydrology"},
    ),
    "sequencing": (
        ("variants", "chrom", "pos", "ref_allele", "genotype"),
        "",
        {"chrom": "genome", "ref_allele": "genome", "genotype": "genome"},
    ),
    "a shop with coordinates": (("shop", "name", "lat", "lng"), "", {}),
    "a scale in a warehouse": (("stock", "weight", "pressure"), "", {}),
    "one word only": (("orders", "load"), "", {}),
    "goods received": (("入库单", "入库数量", "出库数量"), "", {}),
}


@pytest.mark.parametrize(("table", "comment", "expected"), CASES.values(), ids=CASES)
def test_candidates(table, comment, expected):
    hits = found(*table, comment=comment)

    assert {c: f.label.removeprefix("important.") for c, f in hits.items()} == expected


def test_the_argument_names_words_precision_and_what_would_settle_it():
    hits = found(
        "power_station", "installed_capacity", "latitude", values={"latitude": ["31.230416", "31.2"]}
    )
    notes = " ".join(e.note for e in hits["latitude"].evidence)

    assert "Annex G j" in notes
    assert "6 decimals" in notes
    assert "would confirm or refute" in notes


def test_extent_resolution_in_time_and_sector_thresholds_are_part_of_the_argument():
    hits = found(
        "substation",
        "kv",
        "latitude",
        "longitude",
        "measured_time",
        values={
            "latitude": ["30.0", "31.0"],
            "longitude": ["120.0", "122.0"],
            "measured_time": [f"2026-01-01 00:{m:02d}:00" for m in range(0, 60, 5)],
        },
    )
    notes = " ".join(e.note for e in hits["kv"].evidence)

    assert "222 km by 111 km" in notes
    assert "about 5 minutes" in notes
    assert "threshold ENERGY-2" in notes and "[secondary]" in notes


def test_surveying_data_says_stop_and_ask():
    hits = found("control_point", "cgcs2000", "高程")

    assert any("stop and ask first" in e.note for f in hits.values() for e in f.evidence)


def test_clinical_data_of_persons_is_a_candidate_beside_its_label():
    info = TableInfo(
        TableRef("patient"), (ColumnInfo("id", primary_key=True), ColumnInfo("name"), ColumnInfo("diagnosis"))
    )
    sample = ColumnSample(info.ref.column("s", ("diagnosis",)), info, info.columns[2])
    labels = {f.label: f.primary for f in detect(info, [sample])}

    assert labels == {"health": True, "important.population_health": False}
