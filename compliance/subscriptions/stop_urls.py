"""Addresses."""

from django.urls import path

from . import stop_views

urlpatterns = [
    path("", stop_views.stop, name="stop"),
    path("let-go-on/", stop_views.let_go_on, name="stop_let_go_on"),
]
