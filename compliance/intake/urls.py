"""Addresses."""

from django.urls import path

from . import views

urlpatterns = [
    path("new/", views.new, name="request_new"),
    path("new/draft/", views.save_draft, name="draft_save"),
    path("new/draft/discard/", views.discard_draft, name="draft_discard"),
    path("new/clocks/", views.clocks, name="request_clocks"),
    path("new/approvers/", views.approvers, name="request_approvers"),
    path("<str:reference>/change/", views.change, name="request_change"),
]
