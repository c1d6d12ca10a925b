"""Addresses."""

from django.urls import path

from . import hook_views

urlpatterns = [
    path("", hook_views.webhooks, name="webhooks"),
    path("add/", hook_views.add, name="webhook_add"),
    path("<int:pk>/", hook_views.webhook, name="webhook"),
    path("<int:pk>/change/", hook_views.change, name="webhook_change"),
    path("<int:pk>/secret/", hook_views.rotate, name="webhook_rotate"),
    path("<int:pk>/pause/", hook_views.pause, name="webhook_pause"),
    path("<int:pk>/resume/", hook_views.resume, name="webhook_resume"),
    path("<int:pk>/test/", hook_views.test, name="webhook_test"),
    path("<int:pk>/again/", hook_views.again, name="webhook_again"),
    path("<int:pk>/remove/", hook_views.remove, name="webhook_remove"),
    path("deliveries/<int:pk>/", hook_views.delivery, name="webhook_delivery"),
    path("deliveries/<int:pk>/again/", hook_views.delivery_again, name="webhook_delivery_again"),
]
