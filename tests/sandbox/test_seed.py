from compliance.sandbox.seed import fill, sample_ids
from compliance.sandbox.world import Subscription, World


def filled(seed, visitors=400):
    subscription = Subscription("a")
    fill(world=World(), subscription=subscription, visitors=visitors, accounts=12, guides=10, seed=seed)
    return subscription


def test_the_same_seed_makes_the_same_world():
    one, two = filled(4), filled(4)

    assert one.visitors.ids() == two.visitors.ids()
    assert [one.visitors.get(each) for each in one.visitors.ids()] == [
        two.visitors.get(each) for each in two.visitors.ids()
    ]
    assert one.guides == two.guides


def test_every_number_makes_an_id_of_its_own():
    assert len(filled(1, visitors=20_000).visitors) == 20_000


def test_ids_come_in_many_shapes():
    ids = filled(1).visitors.ids()
    wanted = [
        "@",
        "-",
        " ",
        "/",
        "+",
        "%",
        "ü",
        "山",
        "🎉",
        "\\",
        '"',
        "`",
        "?",
        "#",
        ";",
        "<b>",
        "b64_",
        "_PENDO_T_",
    ]

    assert [mark for mark in wanted if not any(mark in record_id for record_id in ids)] == []


def test_exactly_one_visitor_is_anonymous():
    assert sum(each.startswith("_PENDO_T_") for each in filled(1).visitors.ids()) == 1


def test_visitors_have_visits_before_today_and_known_accounts():
    subscription = filled(3)
    visitors = [subscription.visitors.get(each) for each in subscription.visitors.ids()]

    assert all(visitor.first_visit <= visitor.last_visit for visitor in visitors)
    assert {len(visitor.accounts) for visitor in visitors} == {0, 1, 2}
    assert all(account in subscription.accounts for visitor in visitors for account in visitor.accounts)
    assert any(visitor.excluded for visitor in visitors)
    assert any(visitor.email is None for visitor in visitors)


def test_some_people_have_two_visitors_under_one_e_mail():
    subscription = filled(3)
    emails = [subscription.visitors.get(each).email for each in subscription.visitors.ids()]
    known = [each for each in emails if each]

    assert len(set(known)) < len(known)


def test_guides_are_in_every_state():
    assert {guide.state for guide in filled(1).guides.values()} == {"public", "staged", "draft", "disabled"}


def test_the_sample_holds_plain_and_odd_ids():
    sample = sample_ids(filled(1), 40)

    assert len(sample) == 40
    assert any(each.startswith("Mira_Twin") for each in sample)
    assert any("@" in each and each.islower() and each.isascii() for each in sample)
