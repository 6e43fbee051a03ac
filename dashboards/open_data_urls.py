"""Addresses of the open data: they stay."""

from django.urls import path

from . import open_data_views as views

urlpatterns = [
    path("", views.index, name="open_data"),
    path("catalog.json", views.catalogue, name="open_data_catalogue"),
    path("dictionary.json", views.dictionary, name="open_data_dictionary"),
    path("log-heads.<str:ending>", views.heads, name="log_heads"),
    path("log-heads/<str:day>.txt", views.list_of_day, name="log_list"),
    path("<str:grain>/by-<str:dimension>/<str:period>.<str:ending>", views.table, name="open_data_table"),
]
