from compliance.sandbox import keys


def test_the_page_shows_keys_counts_and_calls_and_renews_itself(client, bulk_delete, ids):
    bulk_delete(*ids[:2])

    page = client.get("/").text

    assert keys.DEMO_WRITE_KEY in page
    assert "200 visitors" in page
    assert "/api/v1/bulkdelete/visitor" in page
    assert 'http-equiv="refresh"' in page


def test_the_page_can_be_held_still(client):
    assert 'http-equiv="refresh"' not in client.get("/?still").text


def test_ids_on_the_page_are_escaped(client):
    client.post("/_sandbox/seed", json={"subscription": "demo", "visitors": 1, "accounts": 0, "guides": 0})
    client.post("/_sandbox/visitors", json={"subscription": "demo", "visitors": ["</textarea><script>x"]})

    page = client.get("/").text

    assert "&lt;/textarea&gt;&lt;script&gt;x" in page
    assert "<script>" not in page


def test_the_page_allows_no_scripts_and_no_inline_styles(client):
    answer = client.get("/")

    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert client.get("/page.css").headers["content-type"].startswith("text/css")


def test_the_forms_switch_a_fault_on_and_off_and_return_to_the_page(client, sandbox):
    form = {"kind": "hang", "times": "2", "method": "", "prefix": "/api/v1/", "seconds": "9", "acts": "false"}

    on = client.post("/_sandbox/faults", data=form)
    faults = sandbox.world.faults.on()
    shown = client.get("/?still").text
    off = client.post("/_sandbox/faults/off", data={"number": faults[0].number})

    assert [each.headers["location"] for each in (on, off)] == ["/?still", "/?still"]
    assert [(fault.kind, fault.remaining, fault.method) for fault in faults] == [("hang", 2, None)]
    assert "Switch off" in shown
    assert sandbox.world.faults.on() == []


def test_the_forms_make_a_key_and_delete_it(client, demo):
    form = {"subscription": "demo", "key": "5a4db0c5-new.us"}

    client.post("/_sandbox/keys", data=form | {"writes": "false"})
    made, shown = dict(demo.keys), client.get("/?still").text
    client.post("/_sandbox/keys", data=form | {"revoked": "true"})

    assert made["5a4db0c5-new.us"] is False
    assert "<code>5a4db0c5-new.us</code> (read-only)" in shown
    assert "5a4db0c5-new.us" not in demo.keys


def test_the_form_sets_the_settings_it_shows(client, sandbox):
    client.post("/_sandbox/settings", data={"done_after": "3.5", "names_ids": "True"})

    assert sandbox.world.settings.done_after == 3.5
    assert sandbox.world.settings.names_ids is True
