"""What is personal, sealed under the request's own keys."""

import pytest

from compliance.core import crypto, keyring
from compliance.workflow.sealing import (
    Forgotten,
    Subject,
    Vault,
    correspondence_vault,
    details_of,
    note_of,
    seal_subject,
    subject_of,
    target_id,
    targets_vault,
)


@pytest.fixture
def vault():
    return Vault(keyring.wrap(crypto.new_data_key()))


def test_what_is_sealed_opens_for_its_purpose_only(vault):
    sealed = vault.seal("visitor-one", purpose="asked")

    assert vault.open(sealed, purpose="asked") == "visitor-one"
    with pytest.raises(crypto.SealBroken):
        vault.open(sealed, purpose="note")


def test_without_the_key_nothing_opens():
    with pytest.raises(Forgotten):
        Vault(None)


def test_the_two_keys_of_a_request_do_not_open_each_others_seals(new_request):
    request = new_request()
    sealed = targets_vault(request).seal("visitor-one", purpose="asked")

    with pytest.raises(crypto.SealBroken):
        correspondence_vault(request).open(sealed, purpose="asked")


def test_requests_do_not_open_each_others_seals(new_request):
    one, other = new_request(), new_request()

    with pytest.raises(crypto.SealBroken):
        targets_vault(other).open(one.targets.first().sealed_id, purpose="target id")


def test_the_same_id_commits_differently_in_two_requests(new_request, silent_subscription):
    subscriptions = [silent_subscription()]
    one, other = (new_request(visitors=["visitor-one"], subscriptions=subscriptions) for _ in range(2))

    assert bytes(one.targets.get().commitment) != bytes(other.targets.get().commitment)
    assert bytes(one.targets.get().digest) == bytes(other.targets.get().digest)


def test_subject_note_and_details_come_back_as_they_were(previewed_request):
    subject = Subject(name="Jane Doe", email="Jane@person.example")

    request = previewed_request(subject=subject, note="Ça va — 🙂")

    assert subject_of(request) == subject
    assert note_of(request) == "Ça va — 🙂"
    vault, target = targets_vault(request), request.targets.first()
    assert target_id(vault, target) == "visitor-one"
    assert details_of(vault, target)["accounts"] == ["Harbour Ltd"]


def test_nobody_and_nothing_are_told_apart_from_no_key(new_request):
    request = new_request()

    assert subject_of(request) == Subject()
    assert note_of(request) == ""
    assert details_of(targets_vault(request), request.targets.first()) == {}


def test_no_seal_and_no_representation_shows_what_it_holds(vault):
    subject = Subject(name="Jane Doe", email="jane@person.example")

    assert b"Jane" not in seal_subject(vault, subject)
    assert "Jane" not in repr(subject)
    assert "jane" not in repr(vault)
