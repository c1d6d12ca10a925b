"""Addresses."""

from django.urls import path

from . import views

urlpatterns = [
    path("requests/<str:reference>/history/", views.history, name="request_history"),
    path("exports/", views.exports, name="exports"),
    path("exports/<int:pk>/", views.export, name="export"),
    path("exports/<int:pk>/progress/", views.export_progress, name="export_progress"),
    path("exports/<int:pk>/file/", views.export_file, name="export_file"),
]
