"""Addresses of the citizen's pages."""

from django.urls import path

from . import attachments, complaints, filing, plain, verdict

urlpatterns = [
    path("", plain.home, name="home"),
    path("privacy/", plain.privacy, name="privacy"),
    path("accessibility/", plain.accessibility, name="accessibility"),
    path("file/", filing.start, name="file_start"),
    path("file/what/", filing.what, name="file_what"),
    path("file/browse/", filing.browse, name="file_browse"),
    path("file/where/", filing.where, name="file_where"),
    path("file/details/", filing.details, name="file_details"),
    path("file/check/", filing.check, name="file_check"),
    path("file/done/<str:number>/", filing.done, name="file_done"),
    path("complaints/", complaints.mine, name="my_complaints"),
    path("complaints/<str:number>/", complaints.one, name="complaint"),
    path("complaints/<str:number>/<str:action>/", complaints.act, name="complaint_act"),
    path("track/", complaints.track, name="track"),
    path("v/<str:token>/", verdict.by_link, name="verdict_link"),
    path("files/<uuid:key>/", attachments.attachment, name="attachment"),
]
