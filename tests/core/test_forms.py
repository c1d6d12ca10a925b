"""Forms that look like the rest."""

import pytest
from django import forms

from compliance.core.forms import DeskForm


class Everything(DeskForm):
    text = forms.CharField()
    choice = forms.ChoiceField(choices=[("a", "A")])
    several = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField()
    ids = forms.CharField(widget=forms.Textarea(attrs={"class": "ids"}))

    def clean(self):
        raise forms.ValidationError("Nothing fits.")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("text", "form-control"),
        ("choice", "form-select"),
        ("several", "form-check-input"),
        ("agreed", "form-check-input"),
        ("ids", "ids form-control"),
    ],
)
def test_each_widget_has_its_class(field, expected):
    assert f'class="{expected}"' in str(Everything()[field])


def test_the_refusal_is_what_is_wrong_with_the_form_as_a_whole():
    assert Everything({}).refusal == "Nothing fits."
