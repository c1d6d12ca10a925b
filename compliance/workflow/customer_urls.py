"""Addresses of the register of customers."""

from django.urls import path

from . import customer_views

urlpatterns = [
    path("", customer_views.customers, name="customers"),
    path("add/", customer_views.add, name="customer_add"),
    path("<int:pk>/", customer_views.change, name="customer_change"),
]
