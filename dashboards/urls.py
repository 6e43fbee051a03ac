"""Addresses of the figures."""

from django.urls import path

from . import views

urlpatterns = [path("", views.public_figures, name="figures")]
