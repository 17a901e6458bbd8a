"""Letters handed in at a real server: what is said, how it is encrypted, and what is refused."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from coordinator import composition
from coordinator.config import Settings, SettingsError
from coordinator.mail.smtp import MailError, MailMessage, MailServer
from tests.coordinator.live_server import free_port
from tests.coordinator.mail.recording_server import recording_mail_server

AT = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
LETTER = MailMessage("ha@so.example", "Lan Tỏa: mời vào làm việc", "Chào Hà,\n\nMở đường dẫn.\n", "letter-1-1", AT)


def server(
    port: int, secure: str = "smtp", user: str = "", password: str = "", host: str = "127.0.0.1", ca: object = ""
) -> MailServer:
    actor_id = f"{user}@" if user else ""
    return MailServer.from_address(f"{secure}://{actor_id}{host}:{port}", password, "Lan Tỏa <tin@so.example>", str(ca))


def test_a_letter_arrives_as_it_was_written() -> None:
    with recording_mail_server() as box:
        server(box.port).send(LETTER)
        (found,) = box.letters
    assert (found["To"], found["From"], found["Subject"]) == (
        "ha@so.example", "Lan Tỏa <tin@so.example>", "Lan Tỏa: mời vào làm việc"
    )  # fmt: skip
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Message-ID"] == "<letter-1-1@so.example>"
    assert found.get_content().replace("\r\n", "\n") == LETTER.text


def self_signed(path: Path) -> Path:
    """A key and a certificate that signs itself, as an office's own server has one."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """The file of a server on this machine."""
    return self_signed(tmp_path / "mail.pem")


def test_it_is_encrypted_where_that_is_asked_for_and_to_nobody_who_is_not_known(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recording_mail_server(certificate) as box:
        with pytest.raises(MailError, match="certificate that is not trusted"):
            server(box.port, "starttls").send(LETTER)
        assert box.letters == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        server(box.port, "starttls").send(LETTER)
        assert len(box.letters) == 1
    with recording_mail_server() as plain, pytest.raises(MailError, match="does not offer what is needed"):
        server(plain.port, "starttls").send(LETTER)


@pytest.mark.parametrize("secure", ["starttls", "smtps"])
def test_a_server_that_signs_itself_is_believed_by_the_setting_alone(certificate: Path, secure: str) -> None:
    with recording_mail_server(certificate, wrapped=secure == "smtps") as box:
        with pytest.raises(MailError, match="certificate that is not trusted") as stranger:
            server(box.port, secure).send(LETTER)
        assert not stranger.value.permanent  # it is tried again once somebody has mended it
        # Believed, and by no other name than the one it bears.
        with pytest.raises(MailError, match="certificate that is not trusted"):
            server(box.port, secure, host="localhost", ca=certificate).send(LETTER)
        assert box.letters == []
        ours = server(box.port, secure, ca=certificate)
        assert ours.check() == f"127.0.0.1:{box.port} answers"
        ours.send(LETTER)
        assert [message["To"] for message in box.letters] == [LETTER.to]
    with recording_mail_server() as plain, pytest.raises(MailError):
        server(plain.port, secure, ca=certificate).send(LETTER)
    assert plain.letters == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is wrapped in TLS
@pytest.mark.parametrize("secure", ["starttls", "smtps"])
def test_a_password_goes_over_a_line_that_is_encrypted(certificate: Path, secure: str) -> None:
    with recording_mail_server(certificate, password="bi mat", wrapped=secure == "smtps") as box:  # of a test
        server(box.port, secure, user="tin", password="bi mat", ca=certificate).send(LETTER)
        assert (box.users, len(box.letters)) == (["tin"], 1)


def test_a_file_that_vouches_for_nobody_is_reported_before_anything_is_sent(tmp_path: Path) -> None:
    empty = tmp_path / "trong.pem"
    empty.write_text("")
    for ca in (empty, tmp_path / "khong-co.pem"):
        with pytest.raises(ValueError, match="mail_ca"):
            server(1, "smtps", ca=ca)
    with pytest.raises(ValueError, match="of no use"):
        server(1, "smtp", ca=empty)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # on loopback, and that is what is tried
def test_a_password_is_needed_and_a_wrong_one_reported() -> None:
    with recording_mail_server(password="bi mat") as box:  # of a test
        with pytest.raises(MailError, match="does not know this user and password"):
            server(box.port, user="tin", password="sai").send(LETTER)
        server(box.port, user="tin", password="bi mat").send(LETTER)
        assert (box.users[-1], len(box.letters)) == ("tin", 1)
        with pytest.raises(MailError, match="refused"):
            server(box.port).send(LETTER)


def test_what_is_refused_for_good_is_distinguished_from_what_is_refused_for_now() -> None:
    with recording_mail_server() as box:
        box.refuses = ["550 no such mailbox", "451 try later"]
        with pytest.raises(MailError, match="550 no such mailbox") as gone:
            server(box.port).send(LETTER)
        with pytest.raises(MailError, match="451 try later") as later:
            server(box.port).send(LETTER)
        assert (gone.value.permanent, later.value.permanent) == (True, False)
        assert server(box.port).check() == f"127.0.0.1:{box.port} answers"
    with pytest.raises(MailError, match="cannot be reached") as down:
        server(free_port()).send(LETTER)
    assert not down.value.permanent


@pytest.mark.parametrize(
    ("address", "password", "sender", "words"),
    [
        ("mail.so.example", "", "tin@so.example", "must be starttls://"),
        ("starttls://mail.so.example:x", "", "tin@so.example", "cannot be read"),
        ("smtps://tin:bimat@mail.so.example", "", "tin@so.example", "not into the address"),
        ("smtps://tin@mail.so.example", "", "tin@so.example", "go together"),
        ("smtp://tin@mail.so.example", "bimat", "tin@so.example", "not sent in clear"),
        ("smtps://tin@mail.so.example", "bí mật", "tin@so.example", "without marks"),
        ("smtps://mail.so.example", "", "", "mail_from"),
    ],
)
def test_an_address_that_cannot_be_used_says_why(address: str, password: str, sender: str, words: str) -> None:
    settings = Settings(mail_server=address, mail_password=password, mail_from=sender)
    with pytest.raises(SettingsError, match=words):
        composition.mail_server(settings)
