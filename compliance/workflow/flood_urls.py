"""Addresses of requests that came too fast."""

from django.urls import path

from . import flood_views

urlpatterns = [
    path("", flood_views.floods, name="floods"),
    path("<int:pk>/confirm/", flood_views.confirm, name="flood_confirm"),
    path("<int:pk>/cancel/", flood_views.cancel, name="flood_cancel"),
]
