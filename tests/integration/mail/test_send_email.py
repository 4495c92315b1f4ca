"""The job type SendEmail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.application import Application
from core.testing import Installation
from tests.integration.core_jobs.rows import run_job
from tests.integration.mail.server import MailServer

LETTER = {"to": "ada@example.com; bob@example.com", "subject": "Prices", "body": "3 prices"}


@pytest.fixture
def configured(installation: Installation, mail_server: MailServer) -> Installation:
    smtp = {"host": "127.0.0.1", "port": mail_server.port, "fromAddress": "shop@example.com"}
    installation.write_config(maxConcurrentWorkers=4, smtp=smtp)
    return installation


@pytest.fixture
def application(configured: Installation) -> Iterator[Application]:
    with configured.application() as application:
        yield application


def send(application: Application, **email_data: Any) -> Any:
    return run_job(application, "SendEmail", payload={"emailData": LETTER | email_data})


@pytest.mark.proof
def test_the_job_manager_sends_it(configured: Installation, mail_server: MailServer) -> None:
    configured.start_job_manager()

    job_id = configured.console(
        "job", "add", "SendEmail", f"--payload={json.dumps({'emailData': LETTER})}"
    ).stdout.strip()
    finished = configured.console("job", "wait", job_id)

    assert finished.returncode == 0, configured.job(job_id)["message"]
    assert mail_server.recipients == [["ada@example.com", "bob@example.com"]]
    assert mail_server.letter()["Subject"] == "Prices"


def test_a_sender_makes_the_job(application: Application, mail_server: MailServer) -> None:
    made = application.container.get("mailSender").send_by_job(LETTER, params={"replyToAddress": "r@example.com"})

    job = application.container.get("entityManager").get_entity("Job", made.id)
    assert [job.get(name) for name in ("name", "type", "status")] == ["Send email", "SendEmail", "Pending"]
    assert job.get_payload()["emailData"] == LETTER
    assert run_job(application, "SendEmail", payload=job.get_payload()).get("status") == "Success"
    assert mail_server.letter()["Reply-To"] == "r@example.com"


def test_an_error_fails_the_job(application: Application, mail_server: MailServer) -> None:
    mail_server.answer = "451 try again later"

    job = send(application)

    assert job.get("status") == "Failed"
    assert job.get("message") == f"The mail server 127.0.0.1:{mail_server.port} refuses: 451 try again later."


def test_wrong_data_fail_the_job(application: Application) -> None:
    job = send(application, to="ada", subject="", bdy="x")

    assert job.get("status") == "Failed"
    assert job.get("message").splitlines() == [
        "emailData has no 'bdy'. Did you mean 'body'?",
        "emailData.to: 'ada' is no email address.",
        "emailData.subject: is missing.",
    ]


def test_a_second_attempt_is_for_those_who_were_refused(application: Application, mail_server: MailServer) -> None:
    mail_server.refused = {"bob@example.com"}
    job = send(application)
    assert job.get("status") == "Failed"
    assert job.get_payload()["deliveredTo"] == ["ada@example.com"]

    mail_server.refused.clear()
    again = run_job(application, "SendEmail", payload=job.get_payload())

    assert again.get("status") == "Success"
    assert mail_server.recipients == [["ada@example.com"], ["bob@example.com"]]


def test_subject_and_body_may_be_templates(application: Application, mail_server: MailServer) -> None:
    values = {"user": {"name": "Ada"}, "prices": [1, 2]}
    send(
        application,
        subject="For {{ user.name }}",
        body="Error: {{ prices|length }} prices",
        shouldBeRendered=True,
        notificationParams=values,
    )

    assert mail_server.letter()["Subject"] == "For Ada"
    assert mail_server.letter().get_content().strip() == "Error: 2 prices"


def test_a_broken_template_is_sent_to_nobody(application: Application, mail_server: MailServer) -> None:
    job = send(application, body="{{ 1 / 0 }}", shouldBeRendered=True, notificationParams={})

    assert job.get("message") == "emailData.body cannot be rendered: Division by zero."
    assert mail_server.envelopes == []


def test_without_a_mail_server_the_job_says_what_is_missing(installation: Installation) -> None:
    with installation.application() as application:
        job = send(application)

    assert job.get("message").startswith("No mail server is configured. data/config.py needs ")


def test_check_judges_the_mail_servers(installation: Installation) -> None:
    installation.write_config(smtp={"hots": "mx", "password": "a-secret", "port": 0, "connections": {"b": {}}})

    finished = installation.console("check")

    assert finished.returncode == 1
    for text in (
        "data/config.py: smtp.hots is no known setting. Did you mean 'host'?",
        "data/config.py: smtp.host is missing.",
        "data/config.py: smtp.port is 0, which is not a port from 1 to 65535.",
        "data/config.py: smtp has one of user and password; a login takes both.",
        "data/config.py: smtp.connections.b.host is missing.",
    ):
        assert text in finished.stderr + finished.stdout
    assert "a-secret" not in finished.stderr + finished.stdout
