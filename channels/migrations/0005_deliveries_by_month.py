"""Deliveries in a table a month. The rows are copied once; nothing may send meanwhile, as in every migration."""

import datetime

from django.db import migrations, models

TABLE = "channels_delivery"
AHEAD = 3

BEFORE = f"""
    ALTER TABLE {TABLE} RENAME TO {TABLE}_before;
    CREATE TABLE {TABLE} (LIKE {TABLE}_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (created_at);
    CREATE TABLE {TABLE}_default PARTITION OF {TABLE} DEFAULT;
"""
AFTER = f"""
    INSERT INTO {TABLE} SELECT * FROM {TABLE}_before;
    DROP TABLE {TABLE}_before;
    CREATE SEQUENCE {TABLE}_id_seq AS bigint OWNED BY {TABLE}.id;
    ALTER TABLE {TABLE} ALTER COLUMN id SET DEFAULT nextval('{TABLE}_id_seq');
    SELECT setval('{TABLE}_id_seq', coalesce(max(id), 0) + 1, false) FROM {TABLE};
    ALTER TABLE {TABLE} ADD CONSTRAINT {TABLE}_pkey PRIMARY KEY (id, created_at);
    ALTER TABLE {TABLE} ADD CONSTRAINT message_made_once UNIQUE (key, created_at);
    ALTER TABLE {TABLE} ADD CONSTRAINT {TABLE}_event_id_fk FOREIGN KEY (event_id) REFERENCES grievance_event (id)
        DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE {TABLE} ADD CONSTRAINT {TABLE}_recipient_id_fk FOREIGN KEY (recipient_id) REFERENCES citizens_user (id)
        DEFERRABLE INITIALLY DEFERRED;
    CREATE INDEX {TABLE}_event_id_idx ON {TABLE} (event_id);
    CREATE INDEX {TABLE}_recipient_id_idx ON {TABLE} (recipient_id);
    CREATE INDEX waiting_by_channel ON {TABLE} (channel, available_at, id) WHERE state = 'queued';
    CREATE INDEX waiting_in_order ON {TABLE} (complaint_id, recipient_id, id) WHERE state = 'queued';
    CREATE INDEX sent_to_person ON {TABLE} (recipient_id, sent_at);
    CREATE INDEX {{state_index}} ON {TABLE} (state, id DESC);
"""


def divide(apps, schema_editor):
    state_index = next(
        index.name for index in apps.get_model("channels", "Delivery")._meta.indexes if index.fields == ["state", "-id"]
    )
    # What hangs on the old table (checks of its keys) must be done before it is changed.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute(BEFORE)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(created_at AT TIME ZONE 'Asia/Kolkata')::date, (now() AT TIME ZONE 'Asia/Kolkata')::date FROM {TABLE}_before"
        )
        first, today = cursor.fetchone()
    month, last = (first or today).replace(day=1), _later(today.replace(day=1), AHEAD)
    while month <= last:
        schema_editor.execute(
            f"CREATE TABLE {TABLE}_{month:%Y_%m} PARTITION OF {TABLE}"
            f" FOR VALUES FROM ('{month} 00:00+05:30') TO ('{_later(month, 1)} 00:00+05:30')"
        )
        month = _later(month, 1)
    schema_editor.execute(AFTER.format(state_index=state_index))


def _later(month: datetime.date, months: int) -> datetime.date:
    number = month.year * 12 + month.month - 1 + months
    return datetime.date(number // 12, number % 12 + 1, 1)


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0004_runs_of_digests'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(divide)],
            state_operations=[
                migrations.AlterField(
                    model_name='delivery',
                    name='key',
                    field=models.CharField(help_text='Makes the second making of a message harmless.', max_length=120),
                ),
                migrations.AlterField(
                    model_name='delivery',
                    name='created_at',
                    field=models.DateTimeField(help_text="When what it tells of happened; it lies in this month's table.", verbose_name='made'),
                ),
                migrations.AddConstraint(
                    model_name='delivery',
                    constraint=models.UniqueConstraint(fields=('key', 'created_at'), name='message_made_once'),
                ),
            ],
        ),
    ]
