"""Addresses of the API."""

from django.urls import path

from . import views
from .docs import ApiDocs, Schema

urlpatterns = [
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", ApiDocs.as_view(url_name="schema"), name="api_docs"),
    path("v1/otp/", views.SendCode.as_view(), name="api_otp"),
    path("v1/otp/verify/", views.VerifyCode.as_view(), name="api_otp_verify"),
    path("v1/departments/", views.Departments.as_view(), name="api_departments"),
    path("v1/categories/", views.Categories.as_view(), name="api_categories"),
    path("v1/areas/", views.Areas.as_view(), name="api_areas"),
    path("v1/complaints/", views.Complaints.as_view(), name="api_complaints"),
    path("v1/complaints/<str:number>/", views.OneComplaint.as_view(), name="api_complaint"),
    path("v1/complaints/<str:number>/actions/", views.Actions.as_view(), name="api_actions"),
    path("v1/complaints/<str:number>/files/", views.Files.as_view(), name="api_files"),
]
