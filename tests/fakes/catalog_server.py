"""A catalog on loopback that answers as the recorded contracts say, keeps what it is told,
and fails when asked to.
"""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from scanner.deliver.http import Http


class Killed(BaseException):
    """A process that ends here."""


class Dying(Http):
    """A client that dies after so many requests, each answered: the catalog has it, we do not know."""

    def __init__(self, url, after):
        super().__init__(url)
        self.after = after

    def send(self, *args, **more):
        answer = super().send(*args, **more)
        if self.requests >= self.after:
            raise Killed
        return answer


class Catalog:
    """State of a DataHub behind OpenAPI v3. aspects: URN -> aspect -> value.

    faults: (method or "", status or "hang" or "cut", further headers), used up one by one,
    each by the first request that fits.
    """

    def __init__(self):
        self.aspects, self.requests, self.faults = {}, [], []
        self.lock, self.over = threading.Lock(), threading.Event()
        self.token, self.headers = "", {}
        self.stop_after = None  # writes after which the token has expired

    def dataset(self, urn, *fields):
        self.aspects[urn] = {"schemaMetadata": {"fields": [{"fieldPath": f} for f in fields]}}

    @property
    def writes(self):
        return [
            r
            for r in self.requests
            if r[0] in ("PATCH", "PUT", "DELETE") or r[0] == "POST" and "batchGet" not in r[1]
        ]

    def terms(self, urn):
        """(field, term) on a dataset."""
        infos = self.aspects.get(urn, {}).get("editableSchemaMetadata", {}).get("editableSchemaFieldInfo", [])
        return sorted(
            (i["fieldPath"], t["urn"]) for i in infos for t in i.get("glossaryTerms", {}).get("terms", [])
        )

    def properties(self, urn):
        """Property -> values."""
        held = self.aspects.get(urn, {}).get("structuredProperties", {}).get("properties", [])
        return {
            p["propertyUrn"].rsplit(":", 1)[-1]: [next(iter(v.values())) for v in p["values"]] for p in held
        }

    decoded = staticmethod(unquote)  # a path as it is kept and answered

    # ---- the contract ----

    def answer(self, method, path, body):
        parts = urlsplit(path)
        kind = parts.path.split("/")[4]
        if parts.path.endswith("/batchGet"):
            return 200, [
                {"urn": e["urn"]} | {a: {"value": v} for a, v in self.aspects[e["urn"]].items() if a in e}
                for e in body
                if e["urn"] in self.aspects
            ]
        if method == "GET":
            return 200, {"entities": [{"urn": u} for u in sorted(self.aspects) if f":{kind}:" in u]}
        for item in body:
            ((aspect, told),) = ((k, v) for k, v in item.items() if k != "urn")
            if method == "POST":
                self.aspects.setdefault(item["urn"], {})[aspect] = told["value"]
            else:
                self._patch(self.aspects.setdefault(item["urn"], {}).setdefault(aspect, {}), told["value"])
        return 200, []

    def _patch(self, value, told):
        for op in told["patch"]:
            path = [p.replace("~1", "/").replace("~0", "~") for p in op["path"][1:].split("/")]
            if path[0] == "editableSchemaFieldInfo":
                infos = value.setdefault("editableSchemaFieldInfo", [])
                info = next((i for i in infos if i["fieldPath"] == path[1]), None)
                if info is None:
                    infos.append(info := {"fieldPath": path[1]})
                held = info.setdefault("glossaryTerms", {}).setdefault("terms", [])
                mine = [t for t in held if t["urn"] == path[4]]
            else:
                assert told["arrayPrimaryKeys"] == {"properties": ["propertyUrn", "attribution\u241fsource"]}
                held = value.setdefault("properties", [])
                mine = [
                    t for t in held if (t["propertyUrn"], t["attribution"]["source"]) == (path[1], path[2])
                ]
            for t in mine:
                held.remove(t)
            if op["op"] == "add":
                held.append(op["value"])


def _handler(catalog):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def _do(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = catalog.decoded(self.path)
            with catalog.lock:
                fault = next((f for f in catalog.faults if f[0] in ("", self.command)), None)
                if fault is not None:
                    catalog.faults.remove(fault)
                catalog.requests.append((self.command, path, json.loads(body) if body else None))
                catalog.headers = {k.lower(): v for k, v in self.headers.items()}
                if fault is not None and fault[1] not in ("hang", "cut"):
                    return self._say(fault[1], {"message": "secret detail of the catalog"}, *fault[2:])
                if fault is None:
                    if catalog.token and self.headers.get("Authorization") != f"Bearer {catalog.token}":
                        return self._say(401, None)
                    if catalog.stop_after is not None and len(catalog.writes) > catalog.stop_after:
                        return self._say(401, None)
                    return self._say(*catalog.answer(self.command, path, json.loads(body) if body else None))
                if fault[1] == "cut":  # written, and the answer lost
                    catalog.answer(self.command, path, json.loads(body))
                    self.close_connection = True
                    return None
            catalog.over.wait(5)
            self.close_connection = True
            return None

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do

        def _say(self, status, body, headers=()):
            data = b"" if status == 204 else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            for name, value in dict(headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    return Handler


@contextmanager
def serving(catalog):
    """The catalog at an address of 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(catalog))
    server.handle_error = lambda *_: None  # a client that was killed
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        catalog.over.set()
        server.shutdown()
        server.server_close()
