"""Queries that are asked at every request, put into SQL once.

The ORM makes its statement anew each time, which takes it longer than the database takes to answer: a request that
asks five such questions spent most of its time on that. The question itself stays a plain queryset:

    @standing
    def by_number(number):
        return Complaint.objects.filter(number=number)

    [complaint] = by_number("26000004827")

What the function is given stands where a value stands in a filter, never inside a list or a slice; a whole list stands
behind `__among`, where other queries have `__in`.
"""

from functools import wraps

from django.db import connection
from django.db.models import Expression, Field, ForeignObject, Lookup
from django.db.models.query import get_related_populators


class Given(Expression):
    """Where a value will stand that is not known yet. It goes to the database as it is given."""

    def __init__(self, place: int):
        super().__init__()
        self.place = place

    def as_sql(self, compiler, connection):
        return "%s", [self]


@ForeignObject.register_lookup
@Field.register_lookup
class Among(Lookup):
    """One of a list that is a single value of the statement, however long it is."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        column, own = self.process_lhs(compiler, connection)
        values, given = self.process_rhs(compiler, connection)
        return f"{column} = ANY({values})", (*own, *given)


class _Statement:
    """A queryset's SQL, and how to make its rows."""

    def __init__(self, queryset):
        compiler = queryset.query.get_compiler(connection=connection)
        self.sql, self.parameters = compiler.as_sql()
        self.compiler = compiler
        self.converters = compiler.get_converters([column[0] for column in compiler.select])
        self.model = compiler.klass_info["model"]
        own = compiler.klass_info["select_fields"]
        self.own = slice(own[0], own[-1] + 1)
        self.names = [column[0].target.attname for column in compiler.select[self.own]]
        self.added = list(compiler.annotation_col_map.items())
        self.related = get_related_populators(compiler.klass_info, compiler.select, connection.alias)

    def rows(self, values: tuple) -> list:
        given = [values[part.place] if isinstance(part, Given) else part for part in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, given)
            found = cursor.fetchall()
        if self.converters:
            found = self.compiler.apply_converters(found, self.converters)
        return [self._made(row) for row in found]

    def _made(self, row):
        made = self.model.from_db(connection.alias, self.names, row[self.own])
        for related in self.related:
            related.populate(row, made)
        for name, column in self.added:
            setattr(made, name, row[column])
        return made


def standing(ask):
    """Decorates a function that gives a queryset of whole rows: called, it gives the list of the rows. It is asked
    for the queryset once, with stand-ins for its arguments."""
    statement = None

    @wraps(ask)
    def answer(*values) -> list:
        nonlocal statement
        if statement is None:
            statement = _Statement(ask(*(Given(place) for place in range(len(values)))))
        return statement.rows(values)

    return answer
