"""The pages of jobs, by HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.application import Application
from core.log import job_log_path
from core.testing import Installation
from tests.integration.web.conftest import BROWSER, PASSWORD

pytestmark = pytest.mark.only_sqlite("pages ask services, which are tested on each database")


SCHEMA = {
    "type": "object",
    "properties": {
        "count": {"type": "integer", "maximum": 9},
        "dry": {"type": "boolean"},
        "day": {"type": "string", "format": "date"},
        "more": {},
        "deep": {},
    },
}


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    installation.add_job_type("ExampleJob", "pass", payloadSchema=SCHEMA)
    installation.add_job_type("Strict", "pass", payloadSchema=SCHEMA | {"required": ["count"]})
    with installation.application() as application:
        yield application


@pytest.fixture
def make(installation: Installation, application: Application) -> Any:
    """Saves a job."""
    manager = application.container.get("entityManager")

    def job(name: str, status: str = "Pending", **values: Any) -> str:
        entity = manager.get_entity("Job")
        entity.set({"name": name, "type": "ExampleJob", "status": status} | values)
        manager.save_entity(entity)
        return str(entity.id)

    return job


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def names(page: str) -> list[str]:
    return re.findall(r'<a class="panel-cell"[^>]*>\s*([^<\n]*?)\s*</a>', page)


def test_the_list_is_narrowed_down_by_its_address(browser: TestClient, make: Any) -> None:
    make("apples", "Failed")
    make("pears", executeTime="2031-01-02T10:00:00Z")

    assert names(browser.get("/Job").text) == ["pears", "apples"]
    assert names(browser.get("/Job?status=Failed").text) == ["apples"]
    assert names(browser.get("/Job?name=EAR").text) == ["pears"]
    assert names(browser.get("/Job?since=2031-01-02&until=2031-01-02").text) == ["pears"]
    assert names(browser.get("/Job?type=Another&status=nonsense&since=today").text) == []


def test_the_list_says_why_jobs_failed_and_offers_a_viewer_nothing_to_do(
    client: TestClient, accounts: Any, make: Any
) -> None:
    make("apples", "Failed", message="The supplier <b>answered</b> 503.")
    accounts.add("viola", PASSWORD, role="viewer")
    client.headers.update(BROWSER)
    client.post("/login", data={"userName": "viola", "password": PASSWORD})

    page = client.get("/Job?status=Failed").text

    assert "The supplier &lt;b&gt;answered&lt;/b&gt; 503." in page
    assert ('type="checkbox" name="id"' in page, "panel-mass-all" in page) == (False, False)


def test_pages_go_on_and_only_the_first_one_is_live(browser: TestClient, make: Any) -> None:
    for number in range(60):
        make(f"job {number}")

    first = browser.get("/Job").text
    second = browser.get(re.search(r'href="(/Job\?after=[^"]+)"', first)[1].replace("&amp;", "&")).text

    assert (len(names(first)), len(names(second))) == (50, 10)
    assert ['id="job-rows" data-follows="job"' in page for page in (first, second)] == [True, False]


def test_a_list_that_has_not_changed_is_not_sent_again(browser: TestClient, make: Any) -> None:
    make("apples")
    rows = browser.get("/Job", headers={"HX-Request": "true"})
    address = re.search(r'hx-get="([^"]+)"', rows.text)[1]

    assert browser.get(address, headers={"HX-Request": "true"}).status_code == 204
    make("pears")
    assert "pears" in browser.get(address, headers={"HX-Request": "true"}).text


def test_what_a_layout_of_the_installation_says_is_shown(
    installation: Installation, browser: TestClient, make: Any
) -> None:
    write(installation.data / "layouts/Job/list.json", '[{"name": "name", "link": true}, {"name": "type"}]')
    make("apples")

    page = browser.get("/Job").text

    assert ">ExampleJob</" in page
    assert "Ended At" not in page


def test_many_are_counted_then_removed_and_brought_back(browser: TestClient, make: Any) -> None:
    ids = [make("apples"), make("pears"), make("plums", "Failed")]
    form = {"action": "delete", "id": ids[:2], "filter": "status=Pending"}

    asked = browser.post("/Job/mass", data=form)
    assert "Jobs: 2" in asked.text
    assert len(names(browser.get("/Job").text)) == 3

    done = browser.post("/Job/mass", data={**form, "confirmed": "1"})
    assert "Removed: 2." in done.text
    assert names(browser.get("/Job").text) == ["plums"]

    browser.post("/Job/mass", data={"action": "restore", "id": ids[:2]})
    assert len(names(browser.get("/Job").text)) == 3


def test_an_action_leaves_those_out_for_which_it_leads_nowhere(browser: TestClient, make: Any) -> None:
    make("apples")
    make("plums", "Failed")

    browser.post("/Job/mass", data={"action": "cancel", "scope": "filter", "filter": "", "confirmed": "1"})

    assert names(browser.get("/Job?status=Canceled").text) == ["apples"]
    assert names(browser.get("/Job?status=Failed").text) == ["plums"]


def test_the_page_of_a_job_says_all_and_hides_secrets(
    installation: Installation, browser: TestClient, make: Any
) -> None:
    job_id = make("apples", payload={"deep": {"colour": "<red>"}})
    write(installation.data / f"logs/jobs/{job_id}.log", "began\npassword=hunter22hunter22\n")

    page = browser.get(f"/Job/{job_id}").text

    assert "&lt;red&gt;" in page
    assert "panel-alert-info" in page  # why it does not run
    assert "began" in page
    assert "hunter22hunter22" not in page
    unowned = make("pears", ownerUserId="nobody")
    assert "its owner, the user &#39;nobody&#39;, is gone" in browser.get(f"/Job/{unowned}").text


def test_an_owner_whose_page_cannot_be_opened_is_plain_text(client: TestClient, accounts: Any, make: Any) -> None:
    accounts.add("vera", PASSWORD, role="viewer")
    of_anna, of_nobody = make("apples", ownerUserId=accounts.get("anna").id), make("pears")
    owners = {}
    for name in ("anna", "vera"):
        client.post("/login", data={"userName": name, "password": PASSWORD}, headers=BROWSER)
        pages = [client.get(f"/Job/{each}", headers=BROWSER).text for each in (of_anna, of_nobody)]
        owners[name] = [re.search(r'<a href="/User/[^>]*>', page) is not None for page in pages]

    assert owners == {"anna": [True, False], "vera": [False, False]}
    assert ">anna<" in re.sub(r"\s", "", pages[0])


def test_a_job_is_canceled_retried_and_removed(browser: TestClient, make: Any) -> None:
    job_id = make("apples")

    assert "The job is canceled." in browser.post(f"/Job/{job_id}/cancel").text
    assert "The job is in the queue again." in browser.post(f"/Job/{job_id}/retry").text
    assert "The job is removed." in browser.post(f"/Job/{job_id}/delete").text
    assert browser.get(f"/Job/{job_id}").status_code == 404


def test_a_new_job_comes_from_the_form_of_its_schema(browser: TestClient) -> None:
    form = {"type": "ExampleJob", "payload.count": "5", "payload.": "", "payload.more": "[1]", "priority": "7"}

    wrong = browser.post("/Job/new", data={**form, "payload.count": "x"})
    made = browser.post("/Job/new", data=form)

    assert (wrong.status_code, "count is to be a number." in wrong.text) == (400, True)
    assert made.url.path.startswith("/Job/")
    api = browser.get(f"/api{made.url.path}").json()
    assert (api["payload"], api["priority"]) == ({"count": 5, "dry": False, "more": [1]}, 7)


def test_what_does_not_fit_the_schema_stands_beside_each_property(browser: TestClient) -> None:
    missing = browser.post("/Job/new", data={"type": "Strict", "payload.": "", "payload.more": "x"}).text
    wrong = browser.post("/Job/new", data={"type": "Strict", "payload.": "", "payload.count": "10"}).text
    lacking = browser.post("/Job/new", data={"type": "Strict", "payload.": ""}).text

    assert re.search('id="fault-payload-more">more is no JSON', missing)
    assert re.search('id="fault-payload-count">10 is greater than the maximum of 9', wrong)
    assert re.search('id="fault-payload-count">&#39;count&#39; is a required property', lacking)
    assert 'name="payload.day" value="" type="date"' in wrong


def test_a_type_is_chosen_from_those_that_have_the_text_in_their_names(browser: TestClient) -> None:
    some, everything = (browser.get(f"/Job/new?type={text}").text for text in ("example", ""))

    assert ('href="/Job/new?type=ExampleJob"' in some, 'href="/Job/new?type=Rebuild"' in some) == (True, False)
    assert 'href="/Job/new?type=Rebuild"' in everything


def test_the_job_manager_is_paused_with_a_reason_and_goes_on(browser: TestClient, make: Any) -> None:
    make("apples")
    browser.post("/job-manager/pause", data={"reason": "release", "next": "/Job"})

    shown = browser.get("/job-manager").text
    assert ("release" in shown, "apples" in shown) == (True, True)

    browser.post("/job-manager/resume")
    assert "release" not in browser.get("/job-manager").text


def test_whoever_may_only_read_sees_no_button_and_is_refused(
    application: Application, client: TestClient, accounts: Any, make: Any
) -> None:
    accounts.add("viola", PASSWORD, role="viewer")
    job_id = make("apples")
    client.headers.update(BROWSER)
    client.post("/login", data={"userName": "viola", "password": PASSWORD})

    page = client.get(f"/Job/{job_id}").text

    assert "apples" in page
    assert f"/Job/{job_id}/cancel" not in page
    assert f"/Job/{job_id}/debug" not in page
    refused = [f"/Job/{job_id}/{each}" for each in ("cancel", "retry", "delete", "debug")]
    for address in (*refused, "/Job/new", "/job-manager/pause", "/job-manager/resume"):
        assert client.post(address).status_code == 403, address
    accounts.add("otto", PASSWORD, role="operator")
    rebuild = make("rebuild", type="Rebuild")
    client.post("/logout")
    client.post("/login", data={"userName": "otto", "password": PASSWORD})
    assert client.post(f"/Job/{rebuild}/debug").status_code == 403  # a type for administrators alone
    client.post("/logout")
    client.post("/login", data={"userName": "viola", "password": PASSWORD})
    mass = client.post("/Job/mass", data={"action": "delete", "id": job_id, "confirmed": "1"})
    assert mass.status_code == 403


def test_what_a_debug_run_prints_is_shown_line_by_line_and_without_secrets(
    installation: Installation, browser: TestClient, make: Any
) -> None:
    installation.add_job_type(
        "ExampleJob", "print('the password: hunter22')\nprint('a' * 2_000_000)", payloadSchema=SCHEMA
    )

    shown = browser.post(f"/Job/{make('x')}/debug").text

    assert "the password: [redacted]" in shown
    assert "hunter22" not in shown
    assert "a" * 2_000_000 in shown
    assert shown.endswith("[exit 0]\n")


def test_colours_of_a_terminal_are_not_shown(browser: TestClient, make: Any, installation: Installation) -> None:
    installation.add_job_type("ExampleJob", "print('\\x1b[1;31mred\\x1b[0m')", payloadSchema=SCHEMA)
    job_id = make("apples", "Failed", message="\x1b[33mIt is late.\x1b[0m")
    write(job_log_path(installation.root, job_id), "\x1b[32mgreen\x1b[0m and plain\n")

    page, debugged = browser.get(f"/Job/{job_id}").text, browser.post(f"/Job/{job_id}/debug").text

    assert "green and plain" in page
    assert ">It is late.<" in page
    assert "red\n" in debugged
    assert "\x1b" not in page + debugged


def test_what_is_written_as_json_says_so(browser: TestClient) -> None:
    form = browser.get("/Job/new?type=ExampleJob").text

    assert form.count("Written as JSON.") == 2  # more and deep


def test_a_warning_shows_no_secret(browser: TestClient, application: Application) -> None:
    application.container.get("jobManager").pause("password=hunter22", by="anna")

    for page in ("/job-manager", "/workers"):
        shown = browser.get(page).text
        assert "password=[redacted]" in shown
        assert "hunter22" not in shown
