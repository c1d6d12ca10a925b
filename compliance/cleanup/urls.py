"""Addresses of clean-up rules."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.rules, name="cleanup_rules"),
    path("new/", views.new, name="cleanup_rule_new"),
    path("test-ids/", views.allowances, name="cleanup_allowances"),
    path("test-ids/set/", views.allowance_set, name="cleanup_allowance_set"),
    path("test-ids/<int:pk>/end/", views.allowance_end, name="cleanup_allowance_end"),
    path("runs/<int:pk>/", views.run, name="cleanup_run"),
    path("rules/<slug:name>/", views.rule, name="cleanup_rule"),
    path("rules/<slug:name>/change/", views.change, name="cleanup_rule_change"),
    path("rules/<slug:name>/run/", views.start, name="cleanup_rule_run"),
    path("rules/<slug:name>/pause/", views.pause, name="cleanup_rule_pause"),
    path("rules/<slug:name>/resume/", views.resume, name="cleanup_rule_resume"),
    path("rules/<slug:name>/retire/", views.retire, name="cleanup_rule_retire"),
    path("rules/<slug:name>/approve/", views.approve, name="cleanup_rule_approve"),
    path("rules/<slug:name>/withdraw/", views.withdraw, name="cleanup_rule_withdraw"),
]
