"""Addresses."""

from django.urls import path

from . import metrics_view, task_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("metrics", metrics_view.metrics, name="metrics"),
    path("search/", views.search, name="search"),
    path("attention/", views.attentions, name="attentions"),
    path("endangered/", views.endangered, name="endangered"),
    path("appeals/", views.appeals, name="appeals"),
    path("tasks/", task_views.tasks, name="tasks"),
    path("requests/", views.requests, name="requests"),
    path("requests/<str:reference>/", views.request_page, name="request"),
    path("requests/<str:reference>/progress/", views.progress, name="request_progress"),
    path("requests/<str:reference>/targets/", views.targets, name="request_targets"),
    path("requests/<str:reference>/batches/", views.batches, name="request_batches"),
    path("requests/<str:reference>/batches/<int:number>/", views.batch, name="request_batch"),
    path("requests/<str:reference>/entries/", views.entries, name="request_entries"),
]
