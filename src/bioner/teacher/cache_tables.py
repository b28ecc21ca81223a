"""The tables of a record cache and the statements that fill and count them, in the words of SQLite."""

TABLES = (
    "CREATE TABLE IF NOT EXISTS teacher (id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, at REAL NOT NULL, "
    "failure TEXT, spans INTEGER NOT NULL, annotation TEXT NOT NULL, answers TEXT NOT NULL, reader TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS spent (id INTEGER PRIMARY KEY CHECK (id = 1), replies INTEGER NOT NULL, "
    "prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, began REAL NOT NULL, "
    "last REAL NOT NULL, ended REAL, wanted INTEGER NOT NULL, found INTEGER NOT NULL, stored INTEGER NOT NULL, "
    "prompt_price REAL, completion_price REAL)",
)
NOTES = (  # of this connection, in a file of its own that goes with it
    "CREATE TEMP TABLE asked (key BLOB PRIMARY KEY, taken INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID"
)
BEGIN = (
    "INSERT INTO runs (owner, began, last, wanted, found, stored, prompt_price, completion_price) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
# A usable annotation stays whatever comes after it, but for a reading anew of the same answers.
STORE = """
INSERT INTO records (key, at, failure, spans, annotation, answers, reader) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET at = excluded.at, failure = excluded.failure, spans = excluded.spans,
    annotation = excluded.annotation, answers = excluded.answers, reader = excluded.reader
WHERE records.failure IS NOT NULL OR records.reader != excluded.reader
"""
SPEND = (
    "UPDATE spent SET replies = replies + ?, prompt_tokens = prompt_tokens + ?, "
    "completion_tokens = completion_tokens + ?"
)
WANTED = "SELECT count(*) FROM asked"
USABLE = "SELECT count(*) FROM asked JOIN records USING (key) WHERE failure IS NULL AND reader = ?"
# When the annotating began that goes on here, if all runs since were cut off; else null.
UNDER_WAY = "SELECT min(began) FROM runs WHERE id > (SELECT coalesce(max(id), 0) FROM runs WHERE ended IS NOT NULL)"
# What is not to be asked for: what has an annotation, and what failed since then.
SETTLED = "SELECT count(*) FROM asked JOIN records USING (key) WHERE reader = ? AND (failure IS NULL OR at >= ?)"
IS_SETTLED = "SELECT count(*) FROM records WHERE reader = ? AND (failure IS NULL OR at >= ?) AND key = ?"
OUTDATED = "SELECT count(*) FROM asked JOIN records USING (key) WHERE failure IS NULL AND reader != ?"
MISMATCHES = """
SELECT said.key, sum(said.value) FROM asked JOIN records USING (key), json_each(annotation, '$.mismatches') AS said
WHERE failure IS NULL AND reader = ? GROUP BY 1
"""
