"""Bodies of strangers: at most 64 kB is read of any, on every address, whatever they say they are."""

import io
from pathlib import Path

import pytest

from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from coordinator.db import Database
from coordinator.web.kit.body_limits import ANONYMOUS_BODY
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.routes import routes
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role, csrf_token

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

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


@pytest.fixture
def outside(sqlite: Database, tmp_path: Path) -> RunningApplication:
    made = open_application(sqlite, tmp_path)
    add_staff_of_each_role(made)
    return made


@pytest.mark.long
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("kind", BODIES)
def test_of_a_strangers_body_no_more_than_64_kb_is_read_on_any_route(
    outside: RunningApplication, kind: str, chunked: bool
) -> None:
    asked = 0
    for route in routes(outside.app, {"code": "x"}):
        for method in sorted(route.unsafe | {"GET"} & set(route.rule.methods or ())):
            for headers in ({}, {"Authorization": "Bearer lantoa_sk_wrong", "Cookie": "session=x; lantoa_portal=x"}):
                if headers and not (route.on_api or route.path.startswith("/portal")):
                    continue
                body = CountedBody(BODIES[kind])
                sized = {"wsgi.input_terminated": True} if chunked else {"CONTENT_LENGTH": str(len(BODIES[kind]))}
                answer = outside.app.test_client().open(
                    route.path, method=method, headers=headers, content_type=kind, input_stream=body,
                    environ_overrides=sized,
                )  # fmt: skip
                where = (method, route.path, kind, answer.status)
                assert body.taken <= ANONYMOUS_BODY, where
                assert answer.status_code < 500, where
                assert method == "GET" or answer.status_code >= 300, where
                asked += 1
    assert asked > 300


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
