"""Addresses of the register of recipients."""

from django.urls import path

from . import recipient_views

urlpatterns = [
    path("", recipient_views.recipients, name="recipients"),
    path("add/", recipient_views.add, name="recipient_add"),
    path("<int:pk>/", recipient_views.change, name="recipient_change"),
]
