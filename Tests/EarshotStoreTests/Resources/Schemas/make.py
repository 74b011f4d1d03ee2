#!/usr/bin/env python3
"""Databases of every earlier schema, from one of today: make.py FILE (README.md says how).

Each gets the statements of the migrations up to its own, as they stand in Store+Schema.swift, and from FILE the rows of all tables
and columns that it has."""
import gzip, os, re, shutil, sqlite3, sys

here = os.path.dirname(os.path.abspath(__file__))
schema = open(os.path.join(here, "../../../../Sources/EarshotStore/Store+Schema.swift"), encoding="utf-8").read()
steps = {}
for piece in schema.split("registerMigration(")[1:]:
    number = re.match(r'"(\d+)"', piece).group(1)
    steps[int(number)] = "\n".join(re.findall(r'"""\n(.*?)"""', piece, re.S)) or "".join(re.findall(r'sql: "([^"\n]+)"', piece))
index = "CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'ascii', columnsize = 0); UPDATE meta SET value = 0 WHERE key = 'indexed';"

source = sqlite3.connect(sys.argv[1])
source.text_factory = bytes


def columns(db, table):
    return [row[1] if isinstance(row[1], str) else row[1].decode() for row in db.execute(f"PRAGMA table_info({table})")]


def pack(db, path):
    db.commit()
    db.execute("VACUUM")
    db.close()
    with open(path, "rb") as plain, open(path + ".gz", "wb") as packed:
        with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as zipped:
            zipped.write(plain.read())
    os.remove(path)


for last in range(1, 7):
    path = os.path.join(here, f"schema-{last}.db")
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
    for number in range(1, last + 1):
        db.executescript(steps[number])
        if number == 3:
            db.executescript("DROP TABLE words;" + index)
        db.execute("INSERT INTO grdb_migrations VALUES (?)", (str(number),))
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'words%' AND name NOT LIKE 'grdb%'")]
    for table in tables:
        shared = [column for column in columns(db, table) if column in columns(source, table)]
        rows = source.execute(f"SELECT {', '.join(shared)} FROM {table}").fetchall() if shared else []
        texts = [kind[2].upper() == "TEXT" for kind in db.execute(f"PRAGMA table_info({table})") if kind[1] in shared]
        for row in rows:
            row = [value.decode() if isinstance(value, bytes) and is_text else value for value, is_text in zip(row, texts)]
            db.execute(f"INSERT OR REPLACE INTO {table} ({', '.join(shared)}) VALUES ({', '.join('?' * len(shared))})", row) \
                if table != "message" else None
        if table == "message":
            # Delivered and read were columns of it, and must not be missing.
            for row in rows:
                row = [value.decode() if isinstance(value, bytes) and is_text else value for value, is_text in zip(row, texts)]
                number = row[shared.index("number")]
                ticks = dict(source.execute("SELECT state, min(at) FROM receipt WHERE message = ? GROUP BY state", (number,)))
                db.execute(
                    f"INSERT INTO message ({', '.join(shared)}, delivered, read) VALUES ({', '.join('?' * (len(shared) + 2))})",
                    row + [ticks.get(1), ticks.get(2)])
    db.execute("DELETE FROM meta WHERE key IN ('forgotten', 'birth')")
    if last < 3:
        # The index of that time, out of which was taken what was never in it.
        db.execute("INSERT INTO words (rowid, text) SELECT number, text FROM message")
        db.execute("INSERT INTO words (words, rowid, text) VALUES ('delete', 1, 'what was never in it at all')")
    db.execute("UPDATE meta SET value = (SELECT max(number) FROM message) * ? WHERE key = 'indexed'", (1 if last < 3 else 0,))
    pack(db, path)

# The seventh was made by code. What came later is taken away.
path = os.path.join(here, "schema-7.db")
shutil.copyfile(sys.argv[1], path)
db = sqlite3.connect(path)
db.executescript("""
    ALTER TABLE contact DROP COLUMN conflict;
    ALTER TABLE contact DROP COLUMN suspended;
    DELETE FROM grdb_migrations WHERE CAST(identifier AS INTEGER) > 7;
    """)
pack(db, path)
