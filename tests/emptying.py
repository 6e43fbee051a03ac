"""Emptying the test database between tests that commit."""

from django.db import connection, transaction

# What migrating makes is the same for every test.
KEPT = ["django_migrations", "django_content_type", "auth_permission"]
# More pages than this are given back whole; below, deleting rows is quicker.
FEW_PAGES = 64
WRITTEN = """
    SELECT quote_ident(relname), pg_relation_size(oid) / 8192 FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname != ALL(%s)
      AND pg_relation_size(oid) > 0
"""


def empty() -> None:
    """Empties the tables that were written, past the triggers that protect the log: between tests that is no forgery."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WRITTEN, [KEPT])
        written = cursor.fetchall()
        many = [table for table, pages in written if pages > FEW_PAGES]
        cursor.execute("SET LOCAL session_replication_role = replica")
        if many:
            cursor.execute(f"TRUNCATE {', '.join(many)} CASCADE")
        if few := [f"DELETE FROM {table}" for table, _pages in written if table not in many]:
            cursor.execute("; ".join(few))
