"""Addresses of the policy."""

from django.urls import path

from . import policy_views

urlpatterns = [
    path("", policy_views.policy, name="policy"),
    path("change/", policy_views.change, name="policy_change"),
    path("proposals/<int:pk>/agree/", policy_views.agree, name="policy_agree"),
    path("proposals/<int:pk>/decline/", policy_views.decline, name="policy_decline"),
]
