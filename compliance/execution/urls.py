"""Addresses."""

from django.urls import path

from . import incident_views, task_views, views, watch_views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path(
        "requests/attention/<int:attention_id>/end-waiting/", views.end_waiting, name="attention_end_waiting"
    ),
    path("watch/", watch_views.watch, name="watch"),
    path("watch/<int:pk>/", watch_views.passes, name="watch_passes"),
    path("watch/<int:pk>/findings/", watch_views.findings, name="watch_findings"),
    path("watch/<int:pk>/look/", watch_views.look, name="watch_look"),
    path("watch/findings/<int:pk>/", watch_views.finding, name="finding"),
    path("watch/findings/<int:pk>/explain/", watch_views.explain, name="finding_explain"),
    path("watch/findings/<int:pk>/let-in/", watch_views.let_in, name="finding_let_in"),
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
