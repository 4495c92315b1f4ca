"""One's own password and tokens, by the pages."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.testclient import TestClient

from core.access import Accounts, Tokens
from core.access.tokens import API
from core.application import Application
from core.orm import EntityManager
from tests.integration.web.conftest import BROWSER, PASSWORD
from tests.integration.web.test_pages import log_in

NEW = "another long password"


def post(client: TestClient, path: str, **form: str) -> int:
    return client.post(path, data=form, headers=BROWSER, follow_redirects=False).status_code


def test_a_token_is_shown_once_opens_and_can_be_revoked(client: TestClient, accounts: Accounts, tokens: Tokens) -> None:
    log_in(client)

    made = client.post("/account/tokens", data={"name": "robot", "days": "3", "isReadOnly": "1"}, headers=BROWSER)

    secret = re.findall(r"pyatro_[\w-]{43}", made.text)[0]
    identity = tokens.identify(secret, API)
    assert identity is not None
    assert identity.is_read_only
    assert made.headers["cache-control"] == "no-store"
    page = client.get("/account", headers=BROWSER).text
    assert "robot" in page
    assert secret not in page
    assert post(client, f"/account/tokens/{identity.token_id}/revoke") == 303
    assert tokens.identify(secret, API) is None


def test_nobody_revokes_the_token_of_another(client: TestClient, accounts: Accounts, tokens: Tokens) -> None:
    other = accounts.add("vera", PASSWORD, role="viewer")
    secret, token = tokens.issue(other, API)
    log_in(client)

    assert post(client, f"/account/tokens/{token.id}/revoke") == 404
    assert tokens.identify(secret, API) is not None


def test_the_password_is_changed_by_whoever_knows_the_present_one(client: TestClient, accounts: Accounts) -> None:
    log_in(client)

    assert post(client, "/account/password", current="wrong password", password=NEW) == 400
    assert post(client, "/account/password", current=PASSWORD, password="short") == 400
    assert accounts.authenticate("anna", PASSWORD) is not None
    assert post(client, "/account/password", current=PASSWORD, password=NEW) == 303
    assert accounts.authenticate("anna", NEW) is not None


def test_a_change_of_the_password_ends_other_sessions_and_is_audited(
    client: TestClient, application: Application, accounts: Accounts, tokens: Tokens
) -> None:
    anna = accounts.get("anna")
    elsewhere, _ = tokens.issue(anna, "session")
    log_in(client)

    post(client, "/account/password", current=PASSWORD, password=NEW)

    assert tokens.identify(elsewhere, "session") is None
    assert client.get("/account", headers=BROWSER).status_code == 200
    noted = (
        application.container.get(EntityManager).get_repository("AuditRecord").where({"action": "password"}).find_one()
    )
    assert (noted.get("recordId"), noted.get("after")) == (anna.id, None)


def test_wrong_passwords_are_limited(client: TestClient) -> None:
    log_in(client)

    answers = [post(client, "/account/password", current="wrong password", password=NEW) for _ in range(6)]

    assert answers == [400] * 5 + [429]


def test_the_address_of_a_refused_form_leads_back_to_its_page(client: TestClient, accounts: Accounts) -> None:
    log_in(client)
    anna = accounts.get("anna").id

    for path in ("/account", f"/users/{anna}"):
        for form in ("password", "tokens"):
            opened = client.get(f"{path}/{form}", headers=BROWSER, follow_redirects=False)
            assert (opened.status_code, opened.headers["location"]) == (303, path)


def test_tokens_have_the_same_columns_wherever_they_are_shown(
    client: TestClient, accounts: Accounts, tokens: Tokens
) -> None:
    log_in(client)
    anna = accounts.get("anna")
    tokens.issue(anna, API, name="robot")

    heads = [
        re.findall(r"<th[^>]*>(.*?)</th>", client.get(path, headers=BROWSER).text)[:5]
        for path in ("/account", f"/users/{anna.id}")
    ]

    assert heads[0] == heads[1]


def test_a_viewer_has_tokens_too(client: TestClient, accounts: Accounts) -> None:
    accounts.add("vera", PASSWORD, role="viewer")
    log_in(client, userName="vera")

    assert client.get("/account", headers=BROWSER).status_code == 200
    assert post(client, "/account/tokens", name="mine", days="0") == 400
    assert post(client, "/account/tokens", name="mine", days="10") == 200


def test_a_token_makes_no_others_and_changes_no_password(
    client: TestClient, accounts: Accounts, tokens: Tokens, bearer: Callable[..., dict[str, str]]
) -> None:
    anna, headers = accounts.get("anna"), {**BROWSER, **bearer()}
    before = len(tokens.of(anna, API))

    for path in ("/account/tokens", "/account/password", f"/users/{anna.id}/tokens", f"/users/{anna.id}/password"):
        form = {"current": PASSWORD, "password": NEW}
        assert client.post(path, data=form, headers=headers, follow_redirects=False).status_code == 403

    assert len(tokens.of(anna, API)) == before
    assert accounts.authenticate("anna", PASSWORD) is not None


#: days
REFUSED_DAYS = ["0", "3651", "²", "-1", "soon"]


def test_days_that_are_none_are_told(client: TestClient, accounts: Accounts) -> None:
    for days in REFUSED_DAYS:
        log_in(client)

        assert post(client, "/account/tokens", days=days) == 400, days
        assert post(client, f"/users/{accounts.get('anna').id}/tokens", days=days) == 400, days
