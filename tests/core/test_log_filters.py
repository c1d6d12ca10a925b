"""What isn't worth a traceback in the log."""

from django.urls import reverse


def test_a_refused_page_is_one_line_in_the_log(client_of, make_person, caplog):
    client_of(make_person()).get(reverse("subscriptions"))

    (record,) = [record for record in caplog.records if record.name == "django.request"]
    assert (record.status_code, record.exc_info) == (403, None)


def test_an_error_of_ours_has_its_traceback(client_of, make_person, caplog, monkeypatch):
    def breaks(*_, **__):
        raise LookupError

    monkeypatch.setattr("compliance.dashboard.views.render", breaks)
    browser = client_of(make_person("officer"))
    browser.raise_request_exception = False

    browser.get("/")

    (record,) = [record for record in caplog.records if record.name == "django.request"]
    assert record.status_code == 500
    assert record.exc_info[0] is LookupError
