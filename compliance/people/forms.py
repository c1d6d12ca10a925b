"""Forms about people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from compliance.core.forms import DeskForm

from .models import Person
from .queries import possible_deputies
from .roles import Role
from .scopes import Scope
from .tokens import DEFAULT_DAYS, MOST_DAYS, MOST_NAME_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

TWO_PEOPLE = "Privacy officer and administrator wait until another administrator grants them."


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


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
    ends_on = forms.DateField(
        label="Last day",
        required=False,
        help_text="For a stand-in: the role ends by itself after this day. Empty: until somebody ends it.",
        widget=_day(),
    )

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        """Offer the roles that can still be given."""
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]


class AbsenceForm(DeskForm):
    """Days away, and who stands in."""

    from_on = forms.DateField(label="First day away", widget=_day())
    until_on = forms.DateField(label="Last day away", widget=_day())
    deputy = forms.TypedChoiceField(
        coerce=int,
        help_text="Gets mail meant for whoever is away, too, and does the work that their own roles allow.",
        error_messages={"required": "Choose who stands in."},
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        """Offer everybody else who can log in, with what they may do."""
        super().__init__(*args, **kwargs)
        self._deputies = {each.pk: each for each in possible_deputies(person)}
        choices = [(pk, _with_roles(each)) for pk, each in self._deputies.items()]
        self.fields["deputy"].choices = [("", "Choose…"), *choices]  # type: ignore[attr-defined]

    def clean_deputy(self) -> Person:
        """The person chosen."""
        return self._deputies[self.cleaned_data["deputy"]]


def _with_roles(person: Person) -> str:
    labels = ", ".join(grant.get_role_display() for grant in person.held)  # type: ignore[attr-defined] # prefetched
    return f"{person.name} ({labels or 'no role'})"


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
