"""Addresses of the laws."""

from django.urls import path

from . import law_views

urlpatterns = [
    path("", law_views.laws, name="laws"),
    path("<str:code>/", law_views.law, name="law"),
    path("<str:code>/enable/", law_views.enable, name="law_enable"),
    path("<str:code>/disable/", law_views.disable, name="law_disable"),
]
