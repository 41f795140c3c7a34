"""Real database servers in a temporary folder, started by the tests themselves and stopped after them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

READER_PASSWORD = "reader-7Qz"
ADMIN_PASSWORD = "admin-4Kd"
PATIENCE = 300.0  # seconds until a server that does not answer is given up, on a loaded machine too


@dataclass(frozen=True)
class Server:
    """admin: URL with every right. reader: URL without its password. password: the reader's."""

    admin: str
    reader: str
    password: str = READER_PASSWORD

    def fill(self, *statements: str) -> None:
        """Run statements as administrator."""
        engine = sa.create_engine(self.admin)
        with engine.begin() as connection:
            for s in statements:
                connection.exec_driver_sql(s)
        engine.dispose()


@contextmanager
def place():
    """A folder for a server that runs as another user. Not pytest's own:
    whoever starts pytest next closes that to all others.
    """
    with tempfile.TemporaryDirectory(prefix="chujing-server-") as folder:
        yield Path(folder)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _tool(name: str, *folders: str) -> str | None:
    found = shutil.which(name)
    for folder in folders:
        found = found or next(
            (str(p) for p in sorted(Path("/").glob(f"{folder[1:]}/{name}"), reverse=True)), None
        )
    return found


def _as_other(user: str) -> list[str]:
    return ["runuser", "-u", user, "--"] if os.getuid() == 0 else []


def _user(*names: str) -> str:
    import pwd

    return next(n for n in (*names, "nobody") if n in {p.pw_name for p in pwd.getpwall()})


def _own(folder: Path, user: str) -> None:
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", user, str(folder)], check=True)
        for parent in (folder, *folder.parents):
            if parent == Path("/"):
                break
            parent.chmod(parent.stat().st_mode | 0o011)


def _wait(url: str, seconds: float = PATIENCE) -> None:
    engine = sa.create_engine(url)
    end = time.monotonic() + seconds
    while True:
        try:
            with engine.connect():
                break
        except sa.exc.SQLAlchemyError:
            if time.monotonic() > end:
                raise
            time.sleep(0.3)
    engine.dispose()


@contextmanager
def _running(command: list[str], folder: Path, patience: float):
    """A server for as long as it is wanted. One that ends by itself says so in the end,
    with the last lines of its log.
    """
    log = folder / "log"
    with log.open("wb") as out:
        # a session of its own: what interrupts the tests does not end it
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, cwd=folder, start_new_session=True
        )
    try:
        yield
        if (code := process.poll()) is not None:
            last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
            raise RuntimeError(f"{command[0]} ended by itself with {code}:\n{last}")
    finally:
        process.terminate()
        process.wait(patience)


@contextmanager
def postgresql(folder: Path):
    """A PostgreSQL server with database `shop`, or None when it is not installed."""
    initdb, server = (
        _tool("initdb", "/usr/lib/postgresql/*/bin"),
        _tool("postgres", "/usr/lib/postgresql/*/bin"),
    )
    if initdb is None or server is None:
        yield None
        return
    user = _user("postgres")
    data, secret, port = folder / "data", folder / "pw", free_port()
    secret.write_text(ADMIN_PASSWORD)
    _own(folder, user)
    subprocess.run(
        [
            *_as_other(user),
            initdb,
            "-D",
            str(data),
            "-U",
            "admin",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C",
        ],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    command = [
        *_as_other(user),
        server,
        "-D",
        str(data),
        "-p",
        str(port),
        "-k",
        str(folder),
        "-c",
        "fsync=off",
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "max_connections=30",
    ]
    with _running(command, folder, 30):
        base = f"postgresql+psycopg://admin:{ADMIN_PASSWORD}@127.0.0.1:{port}"
        _wait(f"{base}/postgres")
        engine = sa.create_engine(f"{base}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as c:
            c.exec_driver_sql(f"CREATE ROLE reader LOGIN PASSWORD '{READER_PASSWORD}'")
            c.exec_driver_sql("CREATE DATABASE shop")
        engine.dispose()
        found = Server(f"{base}/shop", f"postgresql://reader@127.0.0.1:{port}/shop")
        found.fill("GRANT USAGE ON SCHEMA public TO reader")
        yield found


@contextmanager
def mariadb(folder: Path):
    """A MariaDB server with database `shop`, or None when it is not installed."""
    install, server = _tool("mariadb-install-db"), _tool("mariadbd", "/usr/sbin")
    if install is None or server is None:
        yield None
        return
    user = _user("mysql") if os.getuid() == 0 else ""
    data, start, port = folder / "data", folder / "start.sql", free_port()
    start.write_text(
        f"CREATE USER 'admin'@'%' IDENTIFIED BY '{ADMIN_PASSWORD}';\n"
        "GRANT ALL ON *.* TO 'admin'@'%' WITH GRANT OPTION;\n"
        "CREATE DATABASE shop CHARACTER SET utf8mb4;\n"
        f"CREATE USER 'reader'@'%' IDENTIFIED BY '{READER_PASSWORD}';\n"
        "GRANT SELECT, SHOW VIEW ON shop.* TO 'reader'@'%';\n"
    )
    data.mkdir()
    _own(folder, user or "root") if user else None
    as_user = [f"--user={user}"] if user else []
    subprocess.run(
        [
            install,
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *as_user,
        ],
        check=True,
        capture_output=True,
    )
    command = [
        server,
        "--no-defaults",
        f"--datadir={data}",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        f"--socket={folder}/s",
        f"--pid-file={folder}/pid",
        f"--init-file={start}",
        "--skip-name-resolve",
        *as_user,
    ]
    with _running(command, folder, 60):
        admin = f"mysql+pymysql://admin:{ADMIN_PASSWORD}@127.0.0.1:{port}/shop?charset=utf8mb4"
        _wait(admin)
        yield Server(admin, f"mysql://reader@127.0.0.1:{port}/shop")


@dataclass(frozen=True)
class Warehouse:
    """A Hive warehouse. url: Spark's Thrift server. thrift: the metastore's service. database:
    the metastore's database.
    """

    url: str
    thrift: str
    database: Server

    def fill(self, *statements: str) -> None:
        """Run statements through the Thrift server, which may write."""
        from pyhive import hive

        where = sa.make_url(self.url)
        with (
            hive.connect(where.host, where.port, username=where.username, auth="NONE") as connection,
            connection.cursor() as cursor,
        ):
            for s in statements:
                cursor.execute(s)


@contextmanager
def warehouse(folder: Path, database: Server):
    """Spark's Thrift server over Hive's metastore service, which writes to `database`;
    None where Java or its driver is missing.

    The service's own main class listens on every address: here its handler is served on the loopback alone.
    """
    driver = Path("/usr/share/java/postgresql.jar")
    if shutil.which("java") is None or not driver.exists():
        yield None
        return
    import pyspark
    from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway

    home = Path(pyspark.__file__).parent
    service, server = free_port(), free_port()
    engine = sa.create_engine(database.admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as c:
        c.exec_driver_sql("CREATE DATABASE metastore")
    engine.dispose()
    kept = sa.make_url(database.admin).set(database="metastore")
    settings = {
        "hive.metastore.warehouse.dir": f"{folder}/warehouse",
        "hive.exec.scratchdir": f"{folder}/scratch",
        "hive.metastore.schema.verification": "false",
        "datanucleus.schema.autoCreateTables": "true",
        "datanucleus.schema.autoCreateColumns": "true",
        "datanucleus.connectionPool.maxPoolSize": "4",
        # constraints created in the midst of a transaction wait for it forever
        "datanucleus.schema.autoCreateConstraints": "false",
        "javax.jdo.option.ConnectionDriverName": "org.postgresql.Driver",
        "javax.jdo.option.ConnectionURL": f"jdbc:postgresql://127.0.0.1:{kept.port}/metastore",
        "javax.jdo.option.ConnectionUserName": str(kept.username),
        "javax.jdo.option.ConnectionPassword": ADMIN_PASSWORD,
    }
    spoken = {
        "hive.metastore.uris": f"thrift://127.0.0.1:{service}",
        "hive.metastore.connect.retries": "60",
        "hive.server2.thrift.bind.host": "127.0.0.1",
        "hive.server2.thrift.port": str(server),
        "hive.server2.authentication": "NONE",
        "hive.server2.enable.doAs": "false",
    }
    for part, own in (("service", settings), ("server", settings | spoken)):
        (folder / part).mkdir()
        (folder / part / "hive-site.xml").write_text(
            "<configuration>"
            + "".join(f"<property><name>{k}</name><value>{v}</value></property>" for k, v in own.items())
            + "</configuration>"
        )
    with (folder / "log").open("w") as log:
        made = {
            "spark.ui.enabled": "false",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.warehouse.dir": f"{folder}/warehouse",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        }
        spark = subprocess.Popen(
            [
                str(home / "bin" / "spark-submit"),
                "--master",
                "local[2]",
                "--driver-memory",
                "700m",
                *(word for k, v in made.items() for word in ("--conf", f"{k}={v}")),
                "--class",
                "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2",
                "spark-internal",
            ],
            env=os.environ
            | {
                "SPARK_CONF_DIR": str(folder / "server"),
                "SPARK_HOME": str(home),
                "SPARK_LOCAL_IP": "127.0.0.1",
            },
            stdout=log,
            stderr=log,
            cwd=folder,
        )
        opened = [
            f"--add-opens=java.base/java.{p}=ALL-UNNAMED"
            for p in ("lang", "lang.reflect", "net", "util", "util.concurrent", "nio")
        ]
        port, metastore = launch_gateway(
            classpath=f"{folder}/service:{home}/jars/*:{driver}",
            javaopts=["-Xmx400m", "-XX:TieredStopAtLevel=1", *opened],
            die_on_exit=True,
            redirect_stdout=log,
            redirect_stderr=log,
            return_proc=True,
        )
        gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port))
        try:
            _serve_metastore(gateway.jvm, service)
            end = time.monotonic() + PATIENCE
            while not _listens(server):
                if spark.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((folder / "log").read_text()[-2_000:])
                time.sleep(0.2)
            at = f"127.0.0.1:{server}"
            yield Warehouse(
                f"hive://me@{at}",
                f"thrift://127.0.0.1:{service}",
                Server(
                    kept.render_as_string(hide_password=False),
                    str(kept.set(username="reader", password=None)),
                ),
            )
        finally:
            gateway.close()
            for process in (spark, metastore):
                process.terminate()
            for process in (spark, metastore):
                process.wait(30)


def _serve_metastore(jvm, port: int) -> None:
    hive, thrift = jvm.org.apache.hadoop.hive, jvm.org.apache.thrift
    handler = getattr(hive.metastore, "HiveMetaStore$HMSHandler")("tests", hive.conf.HiveConf(), True)
    line = thrift.transport.TServerSocket(jvm.java.net.InetSocketAddress("127.0.0.1", port))
    arguments = getattr(thrift.server, "TThreadPoolServer$Args")(line)
    server = thrift.server.TThreadPoolServer(
        arguments.processor(getattr(hive.metastore.api, "ThriftHiveMetastore$Processor")(handler))
    )
    threading.Thread(target=_quietly, args=(server.serve,), daemon=True).start()


def _quietly(serve) -> None:
    """Serve until the process is stopped, which py4j reports as a broken connection."""
    from py4j.protocol import Py4JError

    try:
        serve()
    except (Py4JError, OSError):
        pass


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Spark:
    """A standalone master with two workers. log: where everything they say goes."""

    master: str
    log: Path
    workers: tuple[int, ...] = ()

    def executors(self) -> list[int]:
        """Processes that run tasks of any application on this master: the children of its workers."""
        found = subprocess.run(
            ["pgrep", "-P", ",".join(map(str, self.workers))], capture_output=True, text=True, check=False
        )
        return [int(p) for p in found.stdout.split()]


@contextmanager
def spark_master(folder: Path, cores: int = 2, memory: str = "2g"):
    """A standalone master and two workers on loopback, from the pip package; None without pyspark or Java."""
    try:
        import pyspark
    except ImportError:
        yield None
        return
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        yield None
        return
    home, port, log = Path(pyspark.__file__).parent, free_port(), folder / "log"
    # two servers of one machine are told apart by their ports; the Python of the workers is this one
    settings = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_NO_DAEMONIZE": "1",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_DAEMON_MEMORY": "256m",
    }
    started = []

    def start(kind: str, *options: str) -> None:
        with log.open("ab") as out:
            started.append(
                subprocess.Popen(
                    [str(home / "bin/spark-class"), f"org.apache.spark.deploy.{kind}", *options],
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    env=settings,
                    cwd=folder,
                    start_new_session=True,
                )
            )

    try:
        url = f"spark://127.0.0.1:{port}"
        start("master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(free_port()))
        _until(lambda: socket.create_connection(("127.0.0.1", port), 1).close())
        for i in range(2):
            start(
                "worker.Worker",
                "--host",
                "127.0.0.1",
                "--webui-port",
                str(free_port()),
                "--cores",
                str(cores),
                "--memory",
                memory,
                "--work-dir",
                str(folder / f"work{i}"),
                url,
            )
        _until(lambda: None if log.read_text(errors="replace").count("Registering worker") == 2 else 1 / 0)
        yield Spark(url, log, tuple(p.pid for p in started[1:]))
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(30)


def _until(ready, seconds: float = PATIENCE) -> None:
    """Wait until `ready` no longer raises."""
    end = time.monotonic() + seconds
    while True:
        try:
            return ready()
        except (OSError, ZeroDivisionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
