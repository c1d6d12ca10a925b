"""Addresses."""

from django.urls import path

from . import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path(
        "requests/attention/<int:attention_id>/end-waiting/", views.end_waiting, name="attention_end_waiting"
    ),
]
