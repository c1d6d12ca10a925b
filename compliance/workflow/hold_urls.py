"""Addresses of holds."""

from django.urls import path

from . import hold_views

urlpatterns = [
    path("", hold_views.holds, name="holds"),
    path("search/", hold_views.search, name="holds_search"),
    path("new/", hold_views.new, name="hold_new"),
    path("<int:pk>/", hold_views.hold, name="hold"),
    path("<int:pk>/review/", hold_views.review, name="hold_review"),
    path("<int:pk>/do-not-process/", hold_views.suspend, name="hold_suspend"),
    path("<int:pk>/do-not-process/lift/", hold_views.resume, name="hold_resume"),
    path("<int:pk>/lift/", hold_views.lift, name="hold_lift"),
]
