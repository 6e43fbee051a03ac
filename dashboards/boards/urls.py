"""Addresses of the boards. All that is chosen on a board stands in its address."""

from django.urls import path

from . import mailed, saved, views

urlpatterns = [
    path("", views.state, name="boards"),
    path("departments/", views.all_departments, name="boards_departments"),
    path("departments/<slug:department>/", views.department, name="board_department"),
    path("districts/", views.all_districts, name="boards_districts"),
    path("districts/<str:district>/", views.district, name="board_district"),
    path("categories/<slug:category>/", views.category, name="board_category"),
    path("areas/<str:area>/", views.area, name="board_area"),
    path("officers/<int:posting>/", views.officer, name="board_officer"),
    path("desk/", views.desk, name="boards_desk"),
    path("mailed/<str:token>/", mailed.report, name="board_mailed"),
    path("saved/", saved.save, name="boards_save"),
    path("saved/<int:pk>/remove/", saved.forget, name="boards_forget"),
]
