"""Addresses."""

from django.urls import path

from . import incident_views, task_views, views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path(
        "requests/attention/<int:attention_id>/end-waiting/", views.end_waiting, name="attention_end_waiting"
    ),
    path("requests/<str:reference>/wrong/", incident_views.report, name="request_wrong"),
    path("incidents/", incident_views.incidents, name="incidents"),
    path("incidents/<int:pk>/", incident_views.incident, name="incident"),
    path("incidents/<int:pk>/assess/", incident_views.assess, name="incident_assess"),
    path("incidents/<int:pk>/decide/", incident_views.decide, name="incident_decide"),
    path("incidents/<int:pk>/notified/", incident_views.notified, name="incident_notified"),
    path("incidents/<int:pk>/close/", incident_views.close, name="incident_close"),
    path("incidents/<int:pk>/readmit/", incident_views.readmit, name="incident_readmit"),
    path("tasks/<int:pk>/", task_views.task, name="task"),
    path("tasks/<int:pk>/hand-over/", task_views.give, name="task_hand_over"),
]
