"""Fills a throw-away database fast: rows made by the verbs are multiplied by the database itself.

A column that isn't named is copied, so this goes on fitting when tables get new columns.
"""

from __future__ import annotations

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Max

#: What SQLite and PostgreSQL say differently. `{n}` is a whole number, `{day}` a day as 2026-01-31.
WORDS = {
    "sqlite": {
        "day": "date('{day}', ({n}) || ' days')",
        "moment": "datetime('{day}', '-' || ({n}) || ' minutes')",
        "digest": "randomblob(32)",
        "hash": "lower(hex(randomblob(32)))",
        "reference": "printf('ED-%08X', {n})",
    },
    "postgresql": {
        "day": "DATE '{day}' + ({n})::int",
        "moment": "TIMESTAMPTZ '{day}' - make_interval(mins => ({n})::int)",
        "digest": "sha256(convert_to(random()::text || ({n})::text, 'UTF8'))",
        "hash": "encode(sha256(convert_to(random()::text || ({n})::text, 'UTF8')), 'hex')",
        "reference": "'ED-' || lpad(upper(to_hex({n})), 8, '0')",
    },
}


TIDY = {"sqlite": "PRAGMA wal_checkpoint(TRUNCATE)", "postgresql": "VACUUM ANALYZE"}


def say_in_sql(word, n="n", day=""):
    """One of the words above, for this database."""
    return WORDS[connection.vendor][word].format(n=n, day=day)


def multiply(row, first, last, **columns):
    """For each `n` from `first` to `last` a copy of the row stands, with these columns computed in SQL."""
    table, quote = row._meta.db_table, connection.ops.quote_name
    own = {field.column for field in row._meta.local_fields} - {row._meta.pk.column}
    named = {name: columns.get(name, f"source.{quote(name)}") for name in sorted(own | set(columns))}
    # Nothing in it comes from outside.
    numbers = f"SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}"  # noqa: S608
    source = f"numbers CROSS JOIN {quote(table)} source WHERE source.{quote(row._meta.pk.column)} = {row.pk}"
    sql = " ".join(
        [
            f"INSERT INTO {quote(table)} ({', '.join(quote(name) for name in named)})",
            f"WITH RECURSIVE numbers(n) AS ({numbers})",
            f"SELECT {', '.join(named.values())} FROM {source}",  # noqa: S608
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)


def cases(*parts, otherwise):
    """A CASE of pairs: a condition on `n`, and the text that then stands."""
    whens = " ".join(f"WHEN {condition} THEN '{text}'" for condition, text in parts)
    return f"CASE {whens} ELSE '{otherwise}' END"


def top(model):
    """The largest key so far."""
    return model.objects.aggregate(top=Max("pk"))["top"] or 0


def hurry():
    """Nothing here has to survive a power cut, and indexes of random digests want room in memory."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("PRAGMA cache_size = -500000")


def settle_down():
    """The database knows what it holds, as it would after a day; keys go on behind those that were given."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(sql)
        cursor.execute(TIDY[connection.vendor])
    # What comes next is measured with the settings of the application.
    connection.close()
