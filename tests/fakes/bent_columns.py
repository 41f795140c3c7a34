"""Columns of every type that databases have, with a value and the text that is to be read of it.

`POSTGRESQL[type]` is (SQL of the value, text of the cell); of the others likewise. None is a cell in which
there is no text, and it is said. A mobile stands beside each.
"""

MOBILE = "13812345678"

POSTGRESQL = {
    "text[]": (f"ARRAY['{MOBILE}', NULL, '13912345678']", f"{MOBILE}\n13912345678"),
    "text[][]": (f"ARRAY[['{MOBILE}', 'b'], ['c', 'd']]", f"{MOBILE}\nb\nc\nd"),
    "mood": ("'glad'", "glad"),
    "mood[]": ("ARRAY['glad', 'sad']::mood[]", "glad\nsad"),
    "person": (f"ROW('张三', '{MOBILE}')", f"(张三,{MOBILE})"),
    "person[]": (f"ARRAY[ROW('张三', '{MOBILE}')::person]", f"(张三,{MOBILE})"),
    "phone": (f"'{MOBILE}'", MOBILE),
    "phone[]": (f"ARRAY['{MOBILE}']::phone[]", MOBILE),
    "json": (f'\'{{"m": "{MOBILE}", "m": 2}}\'', f'{{"m": "{MOBILE}", "m": 2}}'),
    "jsonb": (f'\'{{"m": ["{MOBILE}"]}}\'', f'{{"m": ["{MOBILE}"]}}'),
    "xml": (f"'<m>{MOBILE}</m>'", f"<m>{MOBILE}</m>"),
    "bytea": (f"'{MOBILE}'::bytea", MOBILE),
    "bytea[]": (f"ARRAY['{MOBILE}'::bytea]", MOBILE),
    "date": ("'infinity'", "infinity"),
    "date[]": ("ARRAY['infinity'::date, '2024-01-02']", "infinity\n2024-01-02"),
    "timestamp": ("'-infinity'", "-infinity"),
    "timestamptz": ("'4713-01-02 00:00:00+00 BC'", "4713-01-02 00:00:00+00 BC"),
    "time": ("'24:00'", "24:00:00"),
    "timetz": ("'24:00+08'", "24:00:00+08"),
    "interval": ("'1000000 years'", "1000000 years"),
    "daterange": ("'[2026-01-01,infinity)'", "[2026-01-01,infinity)"),
    "datemultirange": ("'{[2026-01-01,2026-02-01)}'", "{[2026-01-01,2026-02-01)}"),
    "int8range": (f"'[{MOBILE},{MOBILE}]'", f"[{MOBILE},13812345679)"),
    "inet": ("'10.0.0.1/8'", "10.0.0.1/8"),
    "cidr": ("'10.0.0.0/8'", "10.0.0.0/8"),
    "macaddr": ("'08:00:2b:01:02:03'", "08:00:2b:01:02:03"),
    "uuid": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "uuid[]": ("ARRAY['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid]", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "bit(4)": ("B'1010'", "1010"),
    "varbit": ("B'10'", "10"),
    "numeric": (MOBILE, MOBILE),
    "numeric(13, 2)": (f"{MOBILE}.5", f"{MOBILE}.50"),
    "numeric[]": (f"ARRAY[{MOBILE}, 'NaN'::numeric]", f"{MOBILE}\nNaN"),
    "bigint[]": (f"ARRAY[{MOBILE}]", MOBILE),
    "float8": ("'Infinity'", None),
    "char(20)": (f"'{MOBILE}'", MOBILE),
    "\"char\"": ("'c'", "c"),
    "name": (f"'{MOBILE}'", MOBILE),
    "boolean": ("true", "true"),
    "boolean[]": ("ARRAY[true]", "True"),
    "point": ("'(116.3,39.9)'", "(116.3,39.9)"),
    "tsvector": (f"'{MOBILE}'", MOBILE),
    "money[]": ("ARRAY['1.5'::money]", None),
    "pg_lsn": ("'0/16B3748'", "0/16B3748"),
    "jsonpath": ("'$[0]'", "$[0]"),
}
POSTGRESQL_TYPES = (
    "CREATE TYPE mood AS ENUM ('glad', 'sad')",
    "CREATE TYPE person AS (name text, mobile text)",
    "CREATE DOMAIN phone AS text",
)
UNLIKE = ("money[]", "float8")                # depends on the locale; of numbers without end nothing is read

MARIADB = {
    "JSON": (f'\'{{"m": "{MOBILE}", "m": 2}}\'', f'{{"m": "{MOBILE}", "m": 2}}'),
    "SET('a', 'b')": ("'a,b'", "a,b"),
    "ENUM('x', 'y')": ("'x'", "x"),
    "BIT(1)": ("1", "1"),
    "BIT(16)": ("300", "300"),
    "YEAR": ("2024", "2024"),
    "DATE": ("'0000-00-00'", "0000-00-00"),
    "DATETIME": ("'0000-00-00 00:00:00'", "0000-00-00 00:00:00"),
    "TIME": ("'-838:59:59'", "-35 days, 1:00:01"),
    "POINT": ("POINT(116.3, 39.9)", None),
    "INET4": ("'10.0.0.1'", "10.0.0.1"),
    "INET6": ("'::1'", "::1"),
    "UUID": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "BLOB": (f"'{MOBILE}'", MOBILE),
    "VARBINARY(20)": ("x'd5c5c8fd'", "张三"),
    "BINARY(20)": (f"'{MOBILE}'", MOBILE),
    "DECIMAL(20, 5)": (MOBILE, f"{MOBILE}"),
    "BIGINT UNSIGNED": ("18446744073709551615", "18446744073709551615"),
    "TINYINT(1)": ("1", "1"),
    "VARCHAR(20) CHARACTER SET gbk": ("'张三'", "张三"),
    "VARCHAR(20) CHARACTER SET binary": ("'张三'", "张三"),
    "VARCHAR(20) CHARACTER SET ucs2": ("'张三'", "张三"),
}

SQLITE = {                                    # values by which cells of one column are stored
    "text and blob": ([MOBILE, MOBILE.encode()], [MOBILE, MOBILE]),
    "blob of GB18030": (["张三".encode("gb18030")] * 2, ["张三"] * 2),
    "numbers as text": ([13812345678, "13912345678"], [MOBILE, "13912345678"]),
    "long numbers and fractions": ([310101199001011234, 1.5], ["310101199001011234", "1.5"]),
    "text among photographs": ([b"\x89PNG\x00\xff" * 9, MOBILE], ["\ufffd", MOBILE]),
    "photographs": ([b"\x89PNG\x00\xff" * 9] * 2, [None, None]),
    "without end": ([float("inf"), 1.5], [None, "1.5"]),
}

DUCKDB = {
    "VARCHAR[]": (f"['{MOBILE}', NULL, 'b']", f"{MOBILE}\nb"),
    "VARCHAR[2]": (f"['{MOBILE}', 'b']", f"{MOBILE}\nb"),
    "STRUCT(name VARCHAR, mobile VARCHAR)": (
        f"{{'name': '张三', 'mobile': '{MOBILE}'}}", f'{{"name": "张三", "mobile": "{MOBILE}"}}'),
    "STRUCT(m VARCHAR)[]": (f"[{{'m': '{MOBILE}'}}]", f'[{{"m": "{MOBILE}"}}]'),
    "MAP(VARCHAR, VARCHAR)": (f"MAP{{'手机': '{MOBILE}'}}", f'{{"手机": "{MOBILE}"}}'),
    "UNION(n INTEGER, s VARCHAR)": (f"'{MOBILE}'::VARCHAR", MOBILE),
    "JSON": (f'\'{{"m": "{MOBILE}", "m": 2}}\'', f'{{"m": "{MOBILE}", "m": 2}}'),
    "DATE": ("'5000000-01-01'", "5000000-01-01"),
    "TIMESTAMP": ("'200000-01-01'", "200000-01-01 00:00:00"),
    "TIME": ("'24:00:00'", "24:00:00"),
    "INTERVAL": ("INTERVAL 1000000 MONTH", "30000000 days, 0:00:00"),
    "HUGEINT": ("170141183460469231731687303715884105727", "170141183460469231731687303715884105727"),
    "BLOB": (f"'{MOBILE}'::BLOB", MOBILE),
    "BIT": ("'1010'::BIT", "1010"),
    "DECIMAL(38, 5)": (MOBILE, MOBILE),
    "UUID": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "DOUBLE": ("'inf'", None),
}
