"""Writes the search's index anew: after a change of how words are kept, or where people and places got other names."""

from django.core.management.base import BaseCommand

from grievance import search_index


class Command(BaseCommand):
    help = "Writes every complaint's entry in the search's index anew, newest first. The portal goes on meanwhile."

    def handle(self, *args, **options):
        done = 0
        for done in search_index.rebuild():
            self.stdout.write(f"{done} complaints", ending="\r")
        self.stdout.write(f"{done} complaints are in the search's index.")
