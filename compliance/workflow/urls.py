"""Addresses."""

from django.urls import path

from . import date_views, elsewhere_views, processing_views, text_views, views

urlpatterns = [
    path("<str:reference>/decide/", views.decide, name="request_decide"),
    path("<str:reference>/sample/", views.sample, name="request_sample"),
    path("<str:reference>/choose/", views.choose, name="request_choose"),
    path("<str:reference>/without/<int:subscription_id>/", views.without, name="request_without"),
    path("<str:reference>/dates/", date_views.dates, name="request_dates"),
    path("<str:reference>/elsewhere/", elsewhere_views.elsewhere, name="request_elsewhere"),
    path("<str:reference>/here/", elsewhere_views.here, name="request_here"),
    path("<str:reference>/processing/", processing_views.processing, name="request_processing"),
    path("<str:reference>/processing/role/", processing_views.role, name="request_role"),
    path("<str:reference>/processing/forwarded/", processing_views.forwarded, name="request_forwarded"),
    path("<str:reference>/processing/instructed/", processing_views.instructed, name="request_instructed"),
    path("<str:reference>/texts/", text_views.texts, name="request_texts"),
    path("<str:reference>/cancel/", views.cancel, name="request_cancel"),
    path("<str:reference>/pause/", views.pause, name="request_pause"),
    path("<str:reference>/resume/", views.resume, name="request_resume"),
    path("<str:reference>/preview/", views.preview, name="request_preview"),
    path("<str:reference>/nothing-found/", views.confirm_nothing, name="request_confirm_nothing"),
    path("attention/<int:attention_id>/settle/", views.settle, name="attention_settle"),
]
