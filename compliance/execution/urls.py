"""Addresses."""

from django.urls import path

from . import task_views, views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path(
        "requests/attention/<int:attention_id>/end-waiting/", views.end_waiting, name="attention_end_waiting"
    ),
    path("tasks/<int:pk>/", task_views.task, name="task"),
    path("tasks/<int:pk>/hand-over/", task_views.give, name="task_hand_over"),
]
