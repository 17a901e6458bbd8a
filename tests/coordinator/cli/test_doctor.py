"""``lantoa doctor`` on external services: the mail server, the city's accounts, the address of passkeys."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.coordinator.cli.conftest import Machine
from tests.coordinator.live_server import free_port
from tests.coordinator.mail.recording_server import recording_mail_server
from tests.coordinator.mail.test_smtp import self_signed
from tests.coordinator.web.auth.oidc_issuer import CLIENT, SECRET, sandbox_issuer

SENDER = "Lan Tỏa <tin@so.example>"


def line(lantoa: Machine, name: str, **settings: str) -> str:
    """The doctor's line on this, with its verdict."""
    done = lantoa("doctor", **settings)
    (found,) = [part for part in done.out.splitlines() if part[5:].startswith(f"{name}: ")]
    return found.replace(f"{name}: ", "", 1)


def mail(port: int, secure: str = "smtp", user: str = "") -> dict[str, str]:
    return {"mail_server": f"{secure}://{user}127.0.0.1:{port}", "mail_from": SENDER}


def test_without_a_mail_server_it_says_what_happens_instead(lantoa: Machine) -> None:
    assert line(lantoa, "mail") == "ok   none; one-time links are shown to be copied"


def test_a_mail_server_that_answers_is_well_and_one_that_does_not_is_not(lantoa: Machine) -> None:
    with recording_mail_server() as box:
        assert line(lantoa, "mail", **mail(box.port)) == f"ok   127.0.0.1:{box.port} answers"
        assert box.letters == []
    nobody = free_port()
    assert line(lantoa, "mail", **mail(nobody)).startswith(f"BAD  127.0.0.1:{nobody} cannot be reached")
    assert line(lantoa, "mail", mail_server="mail.so.example").startswith("BAD  mail_server: must be starttls://")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is wrapped in TLS
@pytest.mark.parametrize("secure", ["starttls", "smtps"])
def test_a_mail_server_that_nobody_vouches_for_is_reported_and_the_setting_mends_it(
    lantoa: Machine, tmp_path: Path, secure: str
) -> None:
    certificate = self_signed(tmp_path / "mail.pem")
    with recording_mail_server(certificate, password="bi mat", wrapped=secure == "smtps") as box:  # of a test
        given = mail(box.port, secure, "tin@") | {"mail_password": "bi mat"}
        assert "certificate that is not trusted" in line(lantoa, "mail", **given)
        given |= {"mail_ca": str(certificate)}
        assert line(lantoa, "mail", **given) == f"ok   127.0.0.1:{box.port} answers"
        wrong = line(lantoa, "mail", **given | {"mail_password": "sai"})
        assert wrong.startswith("BAD  ")
        assert "does not know this user and password" in wrong


def test_the_citys_accounts_are_well_while_the_issuer_answers_and_is_who_it_says(lantoa: Machine) -> None:
    assert line(lantoa, "city account") == "ok   none; people sign in with passwords and passkeys"
    with sandbox_issuer() as issuer:
        given = {
            "oidc_issuer": issuer.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET,
            "allow_hosts": urlsplit(issuer.url).netloc,
        }  # fmt: skip
        assert line(lantoa, "city account", **given) == f"ok   {issuer.url} answers"
        assert "/keys" in issuer.asked
        issuer.calls_itself = "http://ke-khac.example"
        assert line(lantoa, "city account", **given).startswith("BAD  ")
    assert line(lantoa, "city account", **given).startswith("BAD  ")


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("https://tin.thudo.example", "can be used at exactly https://tin.thudo.example;"),
        ("http://localhost:8800", "can be used at exactly http://localhost:8800;"),
        ("https://127.0.0.1", "cannot be used: https://127.0.0.1 is a number"),
        ("http://tin.noi-bo", "cannot be used: http://tin.noi-bo is not https"),
    ],
)
def test_it_says_at_which_address_alone_passkeys_are_good(lantoa: Machine, base: str, words: str) -> None:
    assert line(lantoa, "passkeys", base_url=base).startswith(f"ok   {words}")


def test_the_browser_is_off_until_it_is_switched_on_and_then_its_process_has_to_run(lantoa: Machine) -> None:
    lantoa.well("db", "upgrade")
    assert line(lantoa, "browser").startswith("ok   off; ")
    on = line(lantoa, "browser", render="true")
    assert on.startswith("BAD  on, none is running: start lantoa render; 0 pages wait")


def test_a_browser_is_not_started_where_it_is_off(lantoa: Machine) -> None:
    assert "LANTOA_RENDER=true" in lantoa.refused("render", "--once")
