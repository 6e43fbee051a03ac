"""What the search knows of complaints: a reader of the log writes it, `grievance.search` asks it."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from .complaint import Complaint

# What waits in the index's list of news is read at each search: a quarter of a megabyte at most.
NEWS_KB = 256


class SearchEntry(models.Model):
    """One complaint's words with where it belongs (`grievance.search_index` says how), all in one index: words, scope
    and age are narrowed together, before any row is looked at. Beside the complaint, so that neither registering
    nor working on it pays for the index."""

    complaint = models.OneToOneField(Complaint, models.CASCADE, primary_key=True, related_name="+")
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="search_words", gin_pending_list_limit=NEWS_KB)]

    def __str__(self):
        return str(self.pk)


class SearchWord(models.Model):
    """A word that stands in some complaint that is not confidential: what a mistyped or half-typed one may mean.
    Never shown, only looked for."""

    word = models.CharField(max_length=40, primary_key=True, db_collation="C")

    class Meta:
        indexes = [GinIndex(OpClass("word", "gin_trgm_ops"), name="search_word_alike")]

    def __str__(self):
        return self.word
