"""Addresses."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.subscriptions, name="subscriptions"),
    path("add/", views.add, name="subscription_add"),
    path("<int:pk>/", views.subscription, name="subscription"),
    path("<int:pk>/key/", views.key, name="subscription_key"),
    path("<int:pk>/email-field/", views.email_field, name="subscription_email_field"),
    path("<int:pk>/pause/", views.pause, name="subscription_pause"),
    path("<int:pk>/resume/", views.resume, name="subscription_resume"),
]
