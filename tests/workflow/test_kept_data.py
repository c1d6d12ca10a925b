"""Data that was kept until a day: once that has come, somebody is told, and only once."""

import datetime as dt

from compliance.core import clock
from compliance.workflow.attention import settle_attention
from compliance.workflow.kept_data import tell_of_kept_data
from compliance.workflow.models import Attention, RefusalScope
from compliance.workflow.refusing import Case, agree_to_refusal, propose_refusal

FACTS = "Invoices of this account of the last ten years have to be kept, and name the person."


def kept(request, analyst, officer, *, until):
    case = Case("X_B_LEGAL_OBLIGATION_OR_PUBLIC_TASK", FACTS, statute="HGB s. 257", kept_until=until)
    refusal = propose_refusal(request=request, scope=RefusalScope.WHOLE, case=case, by=analyst)
    if officer:
        agree_to_refusal(refusal=refusal, by=officer)


def test_once_the_day_has_come_somebody_is_told_and_only_once(
    previewed_request, analyst, officer, time_machine
):
    request = previewed_request()
    kept(request, analyst, officer, until=clock.today() + dt.timedelta(days=30))

    tell_of_kept_data()
    assert not request.attentions.exists()

    time_machine.move_to(clock.now() + dt.timedelta(days=30))
    tell_of_kept_data()
    attention = request.attentions.get()
    assert attention.reason == Attention.Reason.KEPT_UNTIL_NOW
    settle_attention(attention=attention, by=analyst)
    tell_of_kept_data()
    assert request.attentions.count() == 1


def test_of_what_was_never_refused_nobody_is_told(previewed_request, analyst, time_machine):
    request = previewed_request()
    kept(request, analyst, None, until=clock.today() + dt.timedelta(days=30))
    time_machine.move_to(clock.now() + dt.timedelta(days=31))

    tell_of_kept_data()

    assert not request.attentions.exists()
