"""Databases of the tests' own: new ones on a server, and copies of one whose empty tables stand already.

To migrate a database takes many times as long as to copy it. `./run test` migrates one, and names its address
in MIGRATED_DATABASE; without that, each is migrated on its own.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg

if TYPE_CHECKING:
    from pathlib import Path

MIGRATED = "MIGRATED_DATABASE"


def migrated() -> str:
    """The address of the database to copy, or nothing."""
    return os.environ.get(MIGRATED, "")


def on_sqlite(address: str) -> bool:
    return address.startswith("sqlite")


def name_in(address: str) -> str:
    """The name of a database on a server; the path of an SQLite file."""
    return urlsplit(address).path[1:]


def new_database(server: str, *, like: str = "") -> str:
    """The address of a new database on the server on which this address names one: empty, or a copy."""
    name = f"tests_{secrets.token_hex(6)}"
    _on_server(server, f"CREATE DATABASE {name}" + (f" TEMPLATE {name_in(like)}" if like else ""))
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def drop_database(address: str, *, by_way_of: str) -> None:
    """It isn't on its server any more; nobody can be connected to what is dropped."""
    _on_server(by_way_of, f"DROP DATABASE {name_in(address)}")


def own_database(folder: Path, *, copied: bool = False) -> str:
    """The address of a database of the kind that this run tests, for a product that a test starts.

    Empty, or with the tables as they stand after all migrations where there is one to copy.
    """
    server, template = os.environ["DATABASE_URL"], migrated() if copied else ""
    if not on_sqlite(server):
        return new_database(server, like=template)
    file = folder / "desk.sqlite3"
    if template:
        shutil.copyfile(name_in(template), file)
    return f"sqlite:///{file}"


def fill(connection: sqlite3.Connection) -> None:
    """This SQLite database is what the migrated one is."""
    with closing(sqlite3.connect(name_in(migrated()))) as source:
        source.backup(connection)


def _on_server(address: str, statement: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)
