"""A database of each kind with the same tables."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pymysql

from orrery_engine.catalog.spec import DatabaseSpec

SCHEMAS = {"postgresql": "public", "mysql": "shop", "sqlite": "main", "duckdb": "main"}
_TABLES = '''
CREATE TABLE customers (id {id}, name varchar(80) NOT NULL, "from" {text} DEFAULT 'here');
CREATE TABLE orders (id {id}, customer integer NOT NULL REFERENCES customers (id), amount numeric(12, 2));
CREATE VIEW large_orders AS SELECT id, amount FROM orders WHERE amount > 100;
CREATE TABLE "Odd; ""name""" ("a b" integer, "ü%_" {text});
INSERT INTO customers (id, name) VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO orders VALUES (1, 1, 12.50), (2, 1, 250), (3, 2, 99.99);
'''


def script(kind: str) -> list[str]:
    """The statements that make the tables."""
    text = _TABLES.format(id="integer PRIMARY KEY", text="varchar(40)")
    return [part.strip() for part in text.split(";\n") if part.strip()]


def fill_files(folder: Path) -> dict[str, DatabaseSpec]:
    """A file of SQLite and one of DuckDB."""
    lite, duck = folder / "a b.sqlite", folder / "c.duckdb"
    with contextlib.closing(sqlite3.connect(lite)) as to:
        for statement in script("sqlite"):
            to.execute(statement)
        to.commit()
    with contextlib.closing(duckdb.connect(str(duck))) as to:
        for statement in script("duckdb"):
            to.execute(statement)
    return {
        "sqlite": DatabaseSpec("sqlite", str(lite)),
        "duckdb": DatabaseSpec("duckdb", str(duck)),
    }


@contextlib.contextmanager
def mariadb() -> Iterator[DatabaseSpec]:
    """A real MariaDB, from the system's own binaries, on a Unix socket only."""
    server = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
    install = shutil.which("mariadb-install-db")
    if not server or not install:
        raise RuntimeError("these tests need MariaDB: apt-get install mariadb-server")
    root = Path(tempfile.mkdtemp(prefix="orrery-maria-"))
    user = "mysql" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(root, user)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [install, "--no-defaults", f"--datadir={root}/data", f"--user={user}", "--auth-root-authentication-method=normal"],
        check=True, timeout=120, **quiet,
    )  # fmt: skip
    process = subprocess.Popen(
        [server, "--no-defaults", f"--datadir={root}/data", f"--user={user}", f"--socket={root}/s",
         "--skip-networking", f"--pid-file={root}/pid", "--innodb-flush-log-at-trx-commit=0"],
        **quiet,
    )  # fmt: skip
    try:
        until = time.monotonic() + 30
        while True:
            if Path(f"{root}/s").exists():
                break
            assert time.monotonic() < until, "MariaDB did not start"
            time.sleep(0.1)
        to = pymysql.connect(unix_socket=f"{root}/s", user="root")
        with to, to.cursor() as cursor:
            cursor.execute("SET sql_mode = 'ANSI_QUOTES'")
            cursor.execute("CREATE DATABASE shop")
            cursor.execute("USE shop")
            for statement in script("mysql"):
                cursor.execute(statement)
            cursor.execute("CREATE USER reader@localhost IDENTIFIED BY 'pa@ss/word:%'")
            cursor.execute("GRANT SELECT ON shop.* TO reader@localhost")
            to.commit()
        yield DatabaseSpec("mysql", "shop", host=f"{root}/s", user="root")
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(root, ignore_errors=True)
