"""Addresses."""

from django.urls import path

from . import token_views, views

urlpatterns = [
    path("", views.people, name="people"),
    path("<int:pk>/", views.person, name="person"),
    path("<int:pk>/roles/end/", views.end_role, name="role_end"),
    path("<int:pk>/deactivate/", views.deactivate_person, name="person_deactivate"),
    path("<int:pk>/reactivate/", views.reactivate_person, name="person_reactivate"),
    path("<int:pk>/absence/", views.person_absence, name="person_absence"),
    path("absence/", views.own_absence, name="absence"),
    path("absence/<int:pk>/end/", views.absence_end, name="absence_end"),
    path("proposals/<int:pk>/grant/", views.grant, name="role_grant"),
    path("proposals/<int:pk>/decline/", views.decline, name="role_decline"),
    path("tokens/", token_views.tokens, name="tokens"),
    path("tokens/make/", token_views.make, name="token_make"),
    path("tokens/all/", token_views.everybodys, name="tokens_all"),
    path("tokens/<int:pk>/allow/", token_views.allow, name="token_allow"),
    path("tokens/<int:pk>/revoke/", token_views.revoke, name="token_revoke"),
]
