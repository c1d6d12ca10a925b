"""Addresses."""

from django.urls import path

from . import key_views, views

urlpatterns = [
    path("", views.subscriptions, name="subscriptions"),
    path("add/", views.add, name="subscription_add"),
    path("<int:pk>/", views.subscription, name="subscription"),
    path("<int:pk>/email-field/", views.email_field, name="subscription_email_field"),
    path("<int:pk>/pause/", views.pause, name="subscription_pause"),
    path("<int:pk>/resume/", views.resume, name="subscription_resume"),
    path("<int:pk>/key/", key_views.key, name="subscription_key"),
    path("<int:pk>/key/reading/", key_views.reading_key, name="subscription_reading_key"),
    path("<int:pk>/key/propose/", key_views.propose, name="subscription_propose_key"),
    path("keys/<int:pk>/", key_views.care, name="key_care"),
    path("keys/<int:pk>/aside/", key_views.aside, name="key_aside"),
    path("keys/proposals/<int:pk>/confirm/", key_views.confirm, name="key_proposal_confirm"),
    path("keys/proposals/<int:pk>/decline/", key_views.decline, name="key_proposal_decline"),
]
