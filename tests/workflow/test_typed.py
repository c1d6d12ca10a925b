"""What is typed before a weighty approval."""

import pytest

from compliance.workflow.previews import current_preview
from compliance.workflow.typed import TYPED_FROM, WIPE, to_be_typed


@pytest.mark.parametrize(("count", "text"), [(TYPED_FROM - 1, None), (TYPED_FROM, str(TYPED_FROM))])
def test_from_ten_targets_on_their_number_is_typed(previewed_request, count, text):
    request = previewed_request(visitors=[f"visitor-{number}" for number in range(count)])

    typed = to_be_typed(current_preview(request))

    assert (typed and typed.text) == text


def test_one_guide_for_everybody_is_typed_by_its_id(wiping_request):
    assert to_be_typed(current_preview(wiping_request("guide-one"))).text == "guide-one"


def test_of_several_guides_for_everybody_a_word_is_typed(wiping_request):
    assert to_be_typed(current_preview(wiping_request("guide-one", "guide-two"))).text == WIPE


@pytest.mark.parametrize(
    ("written", "meets"), [("1,200", True), ("1 200 ", True), ("120", False), ("", False)]
)
def test_thousands_may_be_separated(previewed_request, written, meets):
    preview = current_preview(previewed_request())
    preview.found = 1200

    assert to_be_typed(preview).is_met_by(written) is meets


def test_a_guide_is_typed_in_its_own_letters(wiping_request):
    typed = to_be_typed(current_preview(wiping_request("guide-One")))

    assert typed.is_met_by(" guide-One ")
    assert not typed.is_met_by("guide-one")


def test_a_guide_of_digits_is_no_number(wiping_request):
    typed = to_be_typed(current_preview(wiping_request("123456")))

    assert typed.shown == "123456"
    assert not typed.is_met_by("123,456")


def test_a_large_number_is_shown_as_it_is_easily_read(previewed_request):
    preview = current_preview(previewed_request())
    preview.found = 300_000

    assert to_be_typed(preview).shown == "300,000"
