"""The same way in a browser: what the analyst, the officer and the lawyer see and do."""

import csv
import json
import os
import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from compliance.audit.chain import canonical, entry_hash, first_fault
from compliance.demo.people import PASSWORD

pytestmark = pytest.mark.browser

SECONDS = 1000
#: All that breaks a rule; to describe what keeps one, too, takes longer than to look for it.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(desk, chromium):
    """`open_page(address)`: that person's browser, on the home page. Console errors fail the test."""
    errors, contexts = [], []

    def opened(email, width=1280):
        context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=desk.url)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto("/")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Work")).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def assert_accessible(page):
    found = Axe().run(page, options=RULES)
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found.response["violations"]] == []


def assert_fits(page):
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def prove_who_one_is(page):
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("Confirm|Go on|Continue")).click()


def forty_lines(desk):
    """37 visitors in many shapes, two unknown ones, one twice."""
    there = httpx.get(f"{desk.sandbox}/visitors?subscription=demo").json()["visitors"]
    odd = [name for name in there if not name.isascii() or set(name) & set("/+% '\"")]
    chosen = list(dict.fromkeys([*odd[:20], *there[:40]]))[:37]
    return chosen, [*chosen, "nobody/knows+me", "Δ-unknown", chosen[0]]


def test_from_forty_ids_to_an_export_that_verifies(desk, open_page, tmp_path):
    chosen, lines = forty_lines(desk)
    analyst = open_page("analyst@demo.example")
    analyst.get_by_role("link", name="New request").click()
    analyst.get_by_label("Visitor ids").fill("\n".join(lines))
    analyst.get_by_label("Law").select_option("EU_GDPR")
    analyst.get_by_label("Came by").select_option("email")
    analyst.get_by_label("How do we know who it is?").select_option("account")
    expect(analyst.get_by_text(re.compile("Saved at"))).to_be_visible(timeout=10 * SECONDS)
    assert_accessible(analyst)
    analyst.get_by_role("button", name="Record the request").click()
    expect(analyst.get_by_text("1 repeated line(s) were folded.")).to_be_visible()
    expect(analyst.get_by_text("Waiting for approval").first).to_be_visible(timeout=60 * SECONDS)
    path = analyst.url.removeprefix(desk.url)
    expect(analyst.locator(".counts")).to_contain_text(re.compile(r"37\s+Found"))
    assert_accessible(analyst)

    officer = open_page("officer@demo.example")
    officer.goto(path)
    officer.get_by_role("link", name="Approve or send back").click()
    prove_who_one_is(officer)
    assert_accessible(officer)
    officer.get_by_label("To approve, type the number of targets").fill("37")
    officer.get_by_role("button", name="Approve: delete 37 visitors").click()
    expect(officer.get_by_text("Closed", exact=True)).to_be_visible(timeout=120 * SECONDS)
    expect(officer.locator(".counts")).to_contain_text(re.compile(r"37\s+Erased"))
    assert_accessible(officer)

    there = set(httpx.get(f"{desk.sandbox}/visitors?subscription=demo").json()["visitors"])
    assert there.isdisjoint(chosen)

    legal = open_page("legal@demo.example")
    legal.goto(path)
    legal.get_by_role("button", name="Export as CSV").click()
    prove_who_one_is(legal)
    with legal.expect_download() as table:
        legal.get_by_role("button", name="Export as CSV").click()
    with legal.expect_download() as entries:
        legal.get_by_role("button", name="Export as JSON lines").click()
    rows = list(csv.reader(table.value.path().read_text(encoding="utf-8-sig").splitlines()))
    lines = [json.loads(line) for line in entries.value.path().read_text().splitlines()]
    assert [row[0] for row in rows[1:]] == [str(number) for number in range(1, len(rows))]
    assert first_fault([canonical(line["entry"]) for line in lines]) is None
    assert all(entry_hash(canonical(line["entry"])) == line["hash"] for line in lines)
    assert not any(name in entries.value.path().read_text() for name in chosen)


def test_a_draft_is_there_again_and_errors_stand_beside_the_field(open_page):
    analyst = open_page("analyst@demo.example")
    analyst.goto("/requests/new/")
    analyst.get_by_label("Visitor ids").fill("half typed")
    expect(analyst.get_by_text(re.compile("Saved at"))).to_be_visible(timeout=10 * SECONDS)
    analyst.goto("/requests/new/")
    expect(analyst.get_by_label("Visitor ids")).to_have_value("half typed")

    analyst.get_by_role("button", name="Throw the draft away").click()
    expect(analyst.get_by_label("Visitor ids")).to_have_value("")


def test_every_page_fits_a_telephone_and_can_be_read_by_a_screen_reader(open_page):
    pages = {
        "analyst@demo.example": [
            "/",
            "/requests/",
            "/requests/new/",
            "/api/v1/docs",
            "/subscriptions/",
            "/account/second-factor/",
        ],
        "admin@demo.example": ["/", "/people/", "/subscriptions/", "/webhooks/", "/webhooks/add/"],
        "keys@demo.example": ["/", "/subscriptions/"],
        "qa@demo.example": ["/"],
    }
    for email, paths in pages.items():
        page = open_page(email, width=360)
        for path in paths:
            page.goto(path)
            assert_fits(page)
            assert_accessible(page)
