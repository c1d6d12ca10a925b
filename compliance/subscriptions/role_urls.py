"""Addresses of what gives roles: for all subscriptions, or for some."""

from django.urls import path

from . import role_views

urlpatterns = [
    path("add/", role_views.add, name="person_add"),
    path("<int:pk>/roles/give/", role_views.give, name="role_give"),
]
