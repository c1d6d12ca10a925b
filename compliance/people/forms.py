"""Forms about people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from compliance.core.forms import DeskForm

from .models import Person
from .roles import Role
from .scopes import Scope
from .tokens import DEFAULT_DAYS, MOST_DAYS, MOST_NAME_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

TWO_PEOPLE = "Privacy officer and administrator wait until another administrator grants them."


class AddPersonForm(DeskForm):
    """A new colleague with the roles to give."""

    name = forms.CharField(max_length=Person._meta.get_field("name").max_length)
    email = forms.EmailField(
        label="E-mail address",
        max_length=Person._meta.get_field("email").max_length,
        help_text="A link to set a password goes there.",
    )
    roles = forms.MultipleChoiceField(
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=TWO_PEOPLE,
        error_messages={"required": "Choose at least one role: without any, there is nothing to see."},
    )

    def clean_roles(self) -> list[Role]:
        """The chosen roles as such."""
        return [Role(value) for value in self.cleaned_data["roles"]]


class GiveRoleForm(DeskForm):
    """One more role; which one may be given, the verb knows."""

    role = forms.ChoiceField(help_text=TWO_PEOPLE)

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        """Offer the roles that can still be given."""
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]


class TokenForm(DeskForm):
    """A new API token."""

    name = forms.CharField(
        max_length=MOST_NAME_CHARACTERS,
        help_text="Which program uses it, such as “Nightly pipeline”.",
    )
    scopes = forms.MultipleChoiceField(
        label="What it is for",
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="As little as the program needs. It never can more than your own roles.",
        error_messages={"required": "Choose at least one."},
    )
    days = forms.IntegerField(
        label="Days until it expires", min_value=1, max_value=MOST_DAYS, initial=DEFAULT_DAYS
    )

    def clean_scopes(self) -> list[Scope]:
        """The chosen scopes as such."""
        return [Scope(value) for value in self.cleaned_data["scopes"]]
