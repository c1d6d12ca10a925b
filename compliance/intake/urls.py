"""Addresses."""

from django.urls import path

from . import upload_views, views

urlpatterns = [
    path("new/", views.new, name="request_new"),
    path("new/draft/", views.save_draft, name="draft_save"),
    path("new/draft/discard/", views.discard_draft, name="draft_discard"),
    path("new/clocks/", views.clocks, name="request_clocks"),
    path("new/approvers/", views.approvers, name="request_approvers"),
    path("upload/", upload_views.new, name="upload_new"),
    path("upload/<int:pk>/", upload_views.show, name="upload"),
    path("upload/<int:pk>/fields/", upload_views.fields, name="upload_fields"),
    path("upload/<int:pk>/progress/", upload_views.progress, name="upload_progress"),
    path("upload/<int:pk>/columns/", upload_views.columns, name="upload_columns"),
    path("upload/<int:pk>/bad-lines/", upload_views.bad_lines, name="upload_bad_lines"),
    path("upload/<int:pk>/record/", upload_views.record, name="upload_record"),
    path("upload/<int:pk>/discard/", upload_views.discard, name="upload_discard"),
    path("<str:reference>/change/", views.change, name="request_change"),
]
