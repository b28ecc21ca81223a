"""Tasks: what a teacher is asked, and what becomes of its answer; each is a prompt, a schema, a parser and a scorer."""
