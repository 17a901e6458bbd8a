"""Bodies of strangers: at most 64 kB is read of any, on every address, whatever they say they are."""

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from coordinator.db import Database
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.routes import routes
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role, csrf_token

ANONYMOUS_BODY = 64 * 1024  # bytes, as docs/explanation/security.md promises
MEGABYTES = 3_000_000  # bytes of each body
BOUNDARY = "----b"
PART = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'.encode()
BODIES = {
    "application/x-www-form-urlencoded": b"a=1&" * (MEGABYTES // 4),
    "application/json": b'["' + b"x" * MEGABYTES + b'"]',
    f"multipart/form-data; boundary={BOUNDARY}": PART * (MEGABYTES // len(PART)) + f"--{BOUNDARY}--\r\n".encode(),
    "text/plain": b"x" * MEGABYTES,
}


class CountedBody(io.BytesIO):
    """A body that counts what was read of it."""

    taken = 0
    most = 0  # of all bodies

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self._count(len(piece))
        return piece

    def readinto(self, buffer: Any) -> int:
        taken = super().readinto(buffer)
        self._count(taken)
        return taken

    def _count(self, size: int) -> None:
        self.taken += size
        CountedBody.most = max(CountedBody.most, self.taken)


@pytest.fixture
def outside(sqlite: Database, tmp_path: Path) -> RunningApplication:
    made = open_application(sqlite, tmp_path)
    add_staff_of_each_role(made)
    return made


def of_strangers(outside: RunningApplication) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every path and method, and where a key or a visit may be shown, once more with a wrong one."""
    for route in routes(outside.app, {"code": "x"}):
        for method in sorted(route.unsafe | {"GET"} & set(route.rule.methods or ())):
            yield route.path, method, {}
            if route.on_api or route.path.startswith("/portal"):
                yield (
                    route.path,
                    method,
                    {"Authorization": "Bearer lantoa_sk_wrong", "Cookie": "session=x; lantoa_portal=x"},
                )


def check_little_is_read(
    outside: RunningApplication, path: str, method: str, headers: dict[str, str], kind: str, chunked: bool
) -> None:
    body = CountedBody(BODIES[kind])
    sized = (
        {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        if chunked
        else {"CONTENT_LENGTH": str(len(BODIES[kind]))}
    )
    answer = outside.app.test_client().open(
        path, method=method, headers=headers, content_type=kind, input_stream=body, environ_overrides=sized
    )
    where = (method, path, kind, chunked, answer.status)
    assert body.taken <= ANONYMOUS_BODY, where
    assert answer.status_code < 500 or path == "/readyz", where  # without clock and workers it says 503
    assert method == "GET" or answer.status_code >= 300, where


WAYS = list(itertools.product(BODIES, [False, True]))


FORM, JSON = list(BODIES)[:2]


def test_of_a_strangers_body_no_more_than_64_kb_is_read_on_any_route(outside: RunningApplication) -> None:
    asked = list(of_strangers(outside))
    assert len(asked) > 300
    for path, method, headers in asked:  # the way in which most is read; where forms of strangers are read, each way
        ways = WAYS if path in {"/login", "/hub", "/webmention"} else [(JSON if "/api/" in path else FORM, True)]
        for kind, chunked in ways:
            check_little_is_read(outside, path, method, headers, kind, chunked)
    assert CountedBody.most > 0  # something was read, and counted


@pytest.mark.parametrize(("kind", "chunked"), WAYS)
def test_each_way_to_send_a_body_on_each_route(outside: RunningApplication, kind: str, chunked: bool) -> None:
    for asking in of_strangers(outside):
        check_little_is_read(outside, *asking, kind, chunked)


def test_who_is_signed_in_or_has_a_key_may_send_more(outside: RunningApplication) -> None:
    client = client_of_role(outside, Role.WRITER)
    form = {"csrf_token": csrf_token(outside, client), "html": f"<p>{'chữ ' * 60_000}</p>"}
    assert client.post("/desk/bulletins/clean", data=form).status_code == 200
    with outside.database.write() as session:
        key = add_key(session, "test", name="w", role=Role.WRITER, now=outside.office.now()).text
    draft = {"title": "Tin", "lead": "Dẫn", "body_text": "chữ " * 60_000, "topic": "khac"}
    for text, statuses in ((key, {201, 422}), (key[:-2] + "xx", {401, 413})):
        answer = outside.client.post("/api/v1/bulletins", json=draft, headers={"Authorization": f"Bearer {text}"})
        assert answer.status_code in statuses, answer.text


def test_a_form_without_a_file_has_at_most_a_megabyte_whoever_sends_it(outside: RunningApplication) -> None:
    # Decoding its %-signs takes sixty times as much memory.
    client = client_of_role(outside, Role.WRITER)
    token = csrf_token(outside, client)
    for text, status in (('"' * 340_000, 200), ('"' * 360_000, 413)):
        answer = client.post("/desk/bulletins/clean", data={"csrf_token": token, "html": text})
        assert answer.status_code == status, len(text)
    body = CountedBody(b"html=" + b"%22" * 3_000_000)
    answer = client.open("/desk/bulletins/clean", method="POST", content_type=FORM, input_stream=body,
                         environ_overrides={"CONTENT_LENGTH": str(len(body.getvalue()))})  # fmt: skip
    assert (answer.status_code, body.taken) == (413, 0)
    parts = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {"csrf_token": token, "html": '"' * 900_000}.items()
    )
    whole = (parts + f"--{BOUNDARY}--\r\n").encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    assert client.post("/desk/bulletins/clean", data=whole, content_type=kind).status_code == 200
