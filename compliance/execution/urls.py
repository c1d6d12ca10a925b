"""Addresses."""

from django.urls import path

from . import views, watch_views

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
]
