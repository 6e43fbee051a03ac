import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    """The reader `search` fills the table from the log's beginning; until then nothing is found in old complaints."""

    dependencies = [
        ('grievance', '0010_lists_behind_boards'),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('complaint', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='grievance.complaint')),
                ('words', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['words'], gin_pending_list_limit=256, name='search_words')],
            },
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('word', models.CharField(db_collation='C', max_length=40, primary_key=True, serialize=False)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('word', 'gin_trgm_ops'), name='search_word_alike')],
            },
        ),
        migrations.RemoveIndex(
            model_name='complaint',
            name='complaint_words',
        ),
    ]
