"""Addresses."""

from django.urls import path

from . import views

urlpatterns = [path("<str:reference>/history/", views.history, name="request_history")]
