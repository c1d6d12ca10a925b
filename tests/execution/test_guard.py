import pytest

from compliance.connectors.answers import Answer, Verdict
from compliance.execution import guard
from compliance.execution.guard import ODD, Oddity, Paused, Trouble, deal_with, recognise, usable
from compliance.sandbox.keys import DEMO_WRITE_KEY
from compliance.subscriptions import lanes, recognition
from compliance.subscriptions.keys import enter_key, key_in_use, open_pendo
from compliance.subscriptions.models import LaneKind, PauseReason
from tests.workflow_fixtures import meanwhile, states

SECOND_KEY = "5a4db0c5-0000-4000-8000-000000de3003.us"


@pytest.fixture
def pendo(desk):
    with open_pendo(desk.subscription) as pendo:
        yield pendo


def remove(desk, ids):
    for each in ids:
        desk.pendo.visitors.remove(each)


def test_subscription_is_recognised_by_its_control_visitors(desk, pendo):
    assert recognise(pendo, desk.subscription).enough


def test_control_visitors_that_have_gone_are_replaced_where_the_guides_are_the_same(desk, pendo):
    gone = desk.control_ids()
    remove(desk, gone)

    assert recognise(pendo, desk.subscription).enough
    assert not set(desk.control_ids()) & set(gone)
    assert desk.paused() == ""


def test_another_subscription_pauses_ours(desk, pendo):
    desk.fault("foreign", times=None, prefix="/api/")

    with pytest.raises(Paused):
        recognise(pendo, desk.subscription)

    assert desk.paused() == PauseReason.FOREIGN


def test_control_visitors_that_are_being_erased_prove_nothing(desk, pendo):
    ids = desk.control_ids()
    desk.executing(ids)

    recognise(pendo, desk.subscription)

    assert not set(desk.control_ids()) & set(ids)


@pytest.mark.parametrize("fault", ["status_503", "drop_before", "html", "status_429"])
def test_silence_is_trouble_and_no_reason_to_pause(desk, pendo, fault):
    desk.fault(fault, times=None, prefix="/api/")

    with pytest.raises(Trouble):
        recognise(pendo, desk.subscription)

    assert desk.paused() == ""


@pytest.mark.parametrize("verdict", Verdict)
def test_answer_is_usable_odd_or_trouble(verdict):
    answer = Answer(verdict)

    if verdict is Verdict.OK or verdict in ODD:
        assert usable(answer) is (verdict is Verdict.OK)
    else:
        with pytest.raises(Trouble):
            usable(answer)


def test_trouble_tells_no_more_than_the_verdict():
    assert str(Trouble(Answer(Verdict.LOST, body=b"jane@person.example"))) == "lost"


def test_waits_grow_with_trouble_and_not_with_oddities(desk):
    lease = lanes.take(desk.lane(LaneKind.READ).pk, group="")
    key = key_in_use(desk.subscription)

    for trouble, failures in [(Trouble, 1), (Trouble, 2), (Oddity, 1), (Oddity, 1)]:
        deal_with(trouble(Answer(Verdict.GARBLED)), lease=lease, subscription=desk.subscription, key=key)
        assert desk.lane(LaneKind.READ).failures == failures


def test_refused_key_pauses(desk):
    request = desk.executing(desk.ids(1))
    desk.fault("forbidden", times=None, prefix="/api/")

    desk.send()

    assert desk.paused() == PauseReason.KEY_REFUSED
    assert (desk.posts(), states(request)) == ([], ["ready"])
    assert key_in_use(desk.subscription).verdict == "refused"


def test_same_key_entered_again_while_a_call_was_refused_pauses_nothing(desk):
    lease = lanes.take(desk.lane(LaneKind.READ).pk, group="")
    key = key_in_use(desk.subscription)
    enter_key(subscription=desk.subscription, key=DEMO_WRITE_KEY, by=None)

    deal_with(Trouble(Answer(Verdict.KEY_REFUSED)), lease=lease, subscription=desk.subscription, key=key)

    assert desk.paused() == ""


def test_key_that_may_not_write_any_more_pauses_and_a_working_one_goes_on(desk):
    request = desk.executing(desk.ids(1))
    desk.pendo.keys = dict.fromkeys(desk.pendo.keys, False) | {SECOND_KEY: True}

    desk.run()
    assert (desk.paused(), states(request)) == (PauseReason.KEY_REFUSED, ["ready"])

    enter_key(subscription=desk.subscription, key=SECOND_KEY, by=None)
    desk.run()
    assert (desk.paused(), states(request)) == ("", ["accepted"])


def test_former_key_refused_after_a_new_one_was_entered_pauses_nothing(desk):
    request = desk.executing(desk.ids(1))
    former = dict(desk.pendo.keys)
    desk.pendo.keys[SECOND_KEY] = True

    def rotate():
        enter_key(subscription=desk.subscription, key=SECOND_KEY, by=None)
        for key in former:
            del desk.pendo.keys[key]

    with meanwhile(fits=lambda sql, _: "execution_batch" in sql, act=rotate, before=True):
        desk.send()

    assert (desk.paused(), desk.posts()) == ("", [])

    desk.run()
    assert states(request) == ["accepted"]


def test_control_visitors_are_topped_up_while_some_are_left(desk, pendo):
    ids = desk.control_ids()
    desk.executing(ids[:-2])
    desk.subscription.known_guides.all().delete()

    recognise(pendo, desk.subscription)

    assert len(desk.control_ids()) == len(ids)
    assert not set(desk.control_ids()) & set(ids[:-2])


def test_those_who_stay_are_found_where_everybody_at_both_ends_is_being_erased(desk, pendo, monkeypatch):
    monkeypatch.setattr(recognition, "CANDIDATES", 40)
    monkeypatch.setattr(guard, "PAGE", 15)
    shown = identified(desk)
    staying = shown[100:103]
    leaving = [each for each in shown if each not in staying]
    for start in range(0, len(leaving), 400):
        desk.executing(leaving[start : start + 400])

    assert recognise(pendo, desk.subscription).enough

    assert (sorted(desk.control_ids()), desk.paused()) == (staying, "")


def test_silence_while_others_are_looked_for_is_no_reason_to_pause(desk, pendo, monkeypatch):
    monkeypatch.setattr(recognition, "CANDIDATES", 40)
    monkeypatch.setattr(guard, "PAGE", 15)
    shown = identified(desk)
    desk.executing(list({*shown[:20], *shown[-20:], *desk.control_ids()}))
    desk.timings(slice=0)

    with pytest.raises(Trouble):
        recognise(pendo, desk.subscription)

    assert desk.paused() == ""


def identified(desk):
    """Those whom Pendo shows with an id of their own, in order."""
    known = [desk.pendo.visitors.get(each) for each in sorted(desk.pendo.visitors.ids())]
    return [each.id for each in known if not each.id.startswith("_PENDO_T_") and not each.excluded]


def test_subscription_in_which_everybody_is_being_erased_pauses_and_says_so(desk, pendo):
    everybody = desk.pendo.visitors.ids()
    for start in range(0, len(everybody), 400):
        desk.executing(everybody[start : start + 400])

    with pytest.raises(Paused):
        recognise(pendo, desk.subscription)

    assert desk.paused() == "no_controls"


def test_visitors_that_are_only_asked_for_still_prove_who_answers(desk, pendo):
    ids = desk.control_ids()
    desk.previewed(ids)

    recognise(pendo, desk.subscription)

    assert desk.control_ids() == ids
