"""Addresses."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("requests/", views.requests, name="requests"),
    path("requests/<str:reference>/", views.request_page, name="request"),
    path("requests/<str:reference>/progress/", views.progress, name="request_progress"),
]
