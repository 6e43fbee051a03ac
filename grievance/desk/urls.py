"""Addresses of the officer's desk. Names that are no number come before numbers."""

from django.urls import path

from . import call_back_views, export_views, inbox_views, search_views, views

urlpatterns = [
    path("", inbox_views.inbox_page, name="desk_inbox"),
    path("search/", search_views.search_page, name="desk_search"),
    path("bulk/", inbox_views.work_on_several, name="desk_bulk"),
    path("notice/", inbox_views.notice, name="desk_notice"),
    path("departments/", inbox_views.search_departments, name="desk_search_departments"),
    path("call-backs/", call_back_views.queue_page, name="desk_call_backs"),
    path("call-backs/<int:pk>/claim/", call_back_views.claim, name="desk_call_back_claim"),
    path("call-backs/<int:pk>/attempt/", call_back_views.attempt, name="desk_call_back_attempt"),
    path("exports/", export_views.mine, name="desk_exports"),
    path("exports/ask/", export_views.ask, name="desk_export_ask"),
    path("exports/<uuid:key>/", export_views.one, name="desk_export"),
    path("exports/<uuid:key>/file/", export_views.take, name="desk_export_file"),
    path("<str:number>/", views.complaint, name="desk_complaint"),
    path("<str:number>/reveal/", views.reveal, name="desk_reveal"),
    path("<str:number>/<slug:action>/", views.act, name="desk_act"),
]
