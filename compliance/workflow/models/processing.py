"""The customers on whose behalf the company acts as processor."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .requests import Request

PERSON = settings.AUTH_USER_MODEL


class Customer(models.Model):
    """A company whose data is processed here on its behalf, and how many days the contract gives."""

    name = models.CharField(max_length=120, unique=True)
    #: Its account in Pendo, by which it is found in previews; empty if nobody knows.
    account_id = models.CharField(max_length=200, blank=True, db_index=True)
    #: Where its instructions come from, such as privacy@customer.example.
    contact = models.EmailField(blank=True)
    #: Days after receipt within which the contract wants a person's request handled.
    days = models.PositiveSmallIntegerField()
    active = models.BooleanField(default=True)

    class Meta:
        """By name."""

        ordering = ("name", "pk")

    def __str__(self) -> str:
        """The name of a company."""
        return self.name


class Processing(models.Model):
    """For which customer the company acts as processor of a request, and what the customer has instructed."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="processing")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    #: JSON of the customer's name and account, as it was chosen or typed, under the correspondence key.
    sealed_customer = models.BinaryField()
    days = models.PositiveSmallIntegerField()
    forwarded_at = models.DateTimeField(null=True)
    #: JSON of who instructed and what shows it, under the correspondence key; null until it is recorded.
    sealed_instruction = models.BinaryField(null=True)
    instructed_on = models.DateField(null=True)
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        """The row."""
        return f"processing/{self.pk}"
