"""What a person has to look at."""

import pytest

from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.workflow.attention import put_aside, raise_attention, settle_attention
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.models import Attention
from compliance.workflow.queries import open_attentions
from tests.request_fixtures import events_of

OVERDUE = Attention.Reason.RECEIPT_OVERDUE


@pytest.fixture
def raised(new_request):
    request = new_request()
    raise_attention(request=request, subscription=request.subscriptions.get(), reason=OVERDUE)
    return Attention.objects.get()


def test_a_cause_is_raised_once_while_it_is_open(raised):
    raise_attention(request=raised.request, subscription=raised.subscription, reason=OVERDUE)

    assert Attention.objects.count() == 1
    assert events_of(raised.request).count("attention:raised") == 1


def test_a_settled_cause_can_be_raised_again(raised, analyst):
    settle_attention(attention=raised, by=analyst)

    raise_attention(request=raised.request, subscription=raised.subscription, reason=OVERDUE)

    assert open_attentions().count() == 1
    assert Attention.objects.count() == 2


@pytest.mark.parametrize("reason", [Attention.Reason.WIPE_UNCERTAIN, Attention.Reason.UNREACHABLE])
def test_what_only_an_ending_settles_is_not_put_aside(raised, analyst, client_of, reason):
    Attention.objects.update(reason=reason)
    raised.refresh_from_db()

    with pytest.raises(Refused, match="until an officer has ended"):
        put_aside(attention=raised, by=analyst)
    client_of(analyst).post(f"/requests/attention/{raised.pk}/settle/")
    page = client_of(analyst).get("/").content.decode()

    assert open_attentions().count() == 1
    assert raised.request.reference in page
    assert "I have dealt with it" not in page


def test_settling_is_recorded_with_who_did_it(raised, officer):
    settle_attention(attention=raised, by=officer)

    assert not open_attentions().exists()
    assert events_of(raised.request)[-1] == "attention:settled"


def test_a_cause_that_is_gone_is_settled_by_nobody(raised):
    settle_attention(attention=raised, by=None)

    assert not open_attentions().exists()


def test_it_is_settled_once(raised, analyst, officer):
    settle_attention(attention=Attention.objects.get(), by=analyst)

    with pytest.raises(Refused):
        settle_attention(attention=raised, by=officer)


def test_legal_only_reads(raised, make_person):
    with pytest.raises(NotThisPerson):
        put_aside(attention=raised, by=make_person(Role.LEGAL))
