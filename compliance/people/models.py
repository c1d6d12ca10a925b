"""Tables of people and their roles."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from compliance.core import clock

from .roles import SECOND_FACTOR_ROLES, Role
from .scopes import Scope

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable


class PersonManager(BaseUserManager["Person"]):
    """Finds people by their e-mail address, in whatever case it is typed."""

    def get_by_natural_key(self, username: str | None) -> Person:
        """The person with this address. Raises `Person.DoesNotExist`."""
        return self.get(email=(username or "").strip().lower())

    def holding(self, roles: Iterable[Role]) -> models.QuerySet[Person]:
        """Active people who hold at least one of the roles."""
        grants = Grant.objects.active().filter(role__in=list(roles))
        return self.filter(is_active=True, pk__in=grants.values("person"))


class Person(AbstractBaseUser):
    """A colleague who can log in, or a program. Deactivated, never deleted: the ledger names them."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    #: A program rather than a colleague: it holds API tokens, never logs in and never approves.
    is_service = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = PersonManager()

    def __str__(self) -> str:
        """The reference, because change records keep this text: a name or address doesn't belong there."""
        return self.reference

    @property
    def reference(self) -> str:
        """How the ledger names this person."""
        return f"person/{self.pk}"

    @cached_property
    def standing_grants(self) -> list[Grant]:
        """The grants of the roles held now."""
        return list(Grant.objects.active().filter(person=self).order_by("granted_at", "pk"))

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles held now."""
        return frozenset(Role(grant.role) for grant in self.standing_grants)

    @property
    def role_labels(self) -> list[str]:
        """The roles held now, as people read them."""
        return [role.label for role in Role if role in self.roles]

    @property
    def needs_second_factor(self) -> bool:
        """Whether one of the roles demands a second factor at log-in."""
        return bool(self.roles & SECOND_FACTOR_ROLES)

    def holds_since(self, role: Role) -> dt.datetime | None:
        """When the role held now was granted, or None if it isn't held."""
        grant = Grant.objects.active().filter(person=self, role=role).first()
        return grant.granted_at if grant else None


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants by what they are worth now."""

    def active(self) -> GrantQuerySet:
        """Granted and not ended, neither by somebody nor by itself."""
        return self.filter(granted_at__isnull=False, ended_at__isnull=True).exclude(ends_on__lt=clock.today())

    def expired(self) -> GrantQuerySet:
        """Ended by itself, which nobody has written down yet."""
        return self.filter(granted_at__isnull=False, ended_at__isnull=True, ends_on__lt=clock.today())

    def proposed(self) -> GrantQuerySet:
        """Waiting for a second person."""
        return self.filter(granted_at__isnull=True, ended_at__isnull=True)


class Grant(models.Model):
    """A role of a person: proposed, then granted, then ended. Without a proposer: by command line."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(default=clock.now)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(null=True)
    #: Whether it reaches some subscriptions only: `subscriptions.GrantReach` says which, without rows none.
    limited = models.BooleanField(default=False)
    #: The last day on which the role is held; null: until somebody ends it.
    ends_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        """A role is held or proposed once."""

        constraints = (
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=models.Q(ended_at__isnull=True),
                name="grant_once_at_a_time",
            ),
        )

    def __str__(self) -> str:
        """Person and role."""
        return f"person/{self.person_id} {self.role}"

    @property
    def is_over(self) -> bool:
        """Whether somebody has ended it, or its last day is over."""
        return self.ended_at is not None or (self.ends_on is not None and self.ends_on < clock.today())


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences by what they mean today."""

    def standing(self) -> AbsenceQuerySet:
        """Under way or to come."""
        return self.filter(ended_at__isnull=True, until_on__gte=clock.today())

    def current(self) -> AbsenceQuerySet:
        """Under way. Nobody has to end one: after its last day it is over."""
        return self.standing().filter(from_on__lte=clock.today())


class Absence(models.Model):
    """Days on which a person is away, both included, and who stands in."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stands_in")
    from_on = models.DateField()
    until_on = models.DateField()
    marked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField(default=clock.now)
    #: When somebody ended it before its last day.
    ended_at = models.DateTimeField(null=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        """The soonest first."""

        ordering = ("from_on", "pk")

    def __str__(self) -> str:
        """Person and days."""
        return f"person/{self.person_id} {self.from_on} to {self.until_on}"

    @property
    def is_current(self) -> bool:
        """Whether the person is away today."""
        return self.ended_at is None and self.from_on <= clock.today() <= self.until_on


class TokenQuerySet(models.QuerySet["Token"]):
    """Tokens by what they are worth now."""

    def standing(self) -> TokenQuerySet:
        """Neither revoked nor expired; an administrator may still have to allow them."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=clock.now())

    def waiting(self) -> TokenQuerySet:
        """An administrator has to allow them before they work."""
        return self.standing().filter(allowed_at__isnull=True, person__is_active=True)


class Token(models.Model):
    """An API token of a person. Its secret is shown once; only the secret's digest is kept."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    #: Values of `Scope`.
    scopes = models.JSONField()
    digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    #: The day of its last use.
    last_used_on = models.DateField(null=True)
    #: Without a person: by command line.
    allowed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    allowed_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        """The newest first."""

        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        """How the ledger names it."""
        return self.reference

    @property
    def reference(self) -> str:
        """How the ledger names this token."""
        return f"token/{self.pk}"

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at <= clock.now()

    @property
    def is_standing(self) -> bool:
        """Whether it works, or will once it is allowed."""
        return self.revoked_at is None and not self.is_expired

    @property
    def scope_labels(self) -> list[str]:
        """What it may be used for, as people read it."""
        return [scope.label for scope in Scope if scope in self.scopes]


class CallCount(models.Model):
    """How many calls of the API a token has made in the minute of its last one."""

    token = models.OneToOneField(Token, on_delete=models.CASCADE, primary_key=True, related_name="+")
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField()

    def __str__(self) -> str:
        """The row."""
        return f"calls of token/{self.pk}"


class KeptAnswer(models.Model):
    """The answer to a call that was made with an idempotency key: given again to the same call."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+")
    #: SHA-256 of the key that the caller chose.
    key = models.BinaryField(max_length=32)
    #: Lookup digest of the call: its address and body, which names people.
    call = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    #: JSON that names nobody: references, states, dates, counts.
    body = models.TextField(default="")
    made_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        """A key is used once."""

        constraints = (models.UniqueConstraint(fields=["token", "key"], name="idempotency_key_once"),)

    def __str__(self) -> str:
        """The row."""
        return f"answer/{self.pk}"
