"""The table of permissions asks the desk's addresses with empty forms. Filled as a page shows it, each form is refused
to the same roles.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from campaigns.people.staff import Role
from coordinator.db import Database
from tests.coordinator.web.filled_forms import filled_forms
from tests.coordinator.web.permissions import PAGE, AskedApplication, prepared_application
from tests.coordinator.web.signed_in import client_of_role, csrf_token

ROLES = (Role.WRITER, Role.APPROVER, Role.ANALYST, Role.ADMIN)
# Where more than the role decides: who asks beside whoever made the object.
BY_OBJECT = {"/desk/notices/<public>/edit": {Role.WRITER}}  # a published notice is changed by who may publish one
LEAST_FORMS = 65
_ROW = re.compile(r"\| `POST (?P<rule>/desk[^`]*)` \| (?P<answers>.*) \|")


def _in_table() -> dict[str, dict[Role, bool]]:
    """Whether each role is refused, by rule, as the page says."""
    found = {}
    for line in PAGE.read_text("utf-8").splitlines():
        if row := _ROW.fullmatch(line):
            answers = row["answers"].split(" | ")[-len(ROLES) :]
            found[row["rule"]] = {role: answer == "no" for role, answer in zip(ROLES, answers, strict=True)}
    return found


def _add_bulletins(asked: AskedApplication) -> None:
    """A draft, one that waits for approval, and one that is approved."""
    for number in range(3):
        text = {"title": f"Tin {number}", "body_text": "Lời.", "topic": "dich-benh"}
        made = _call(asked, Role.WRITER, "/bulletins", text)
        if number:
            _call(asked, Role.WRITER, f"/bulletins/{made['code']}/submit", {})
        if number > 1:
            named = {"revision_hash": made["revision_hash"]}
            _call(asked, Role.APPROVER, f"/bulletins/{made['code']}/approve", named)


def _call(asked: AskedApplication, role: Role, path: str, body: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {asked.keys[role.value]}"}
    answer = asked.outside.app.test_client().post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code < 300, answer.text
    return answer.get_json()


def test_a_filled_form_is_refused_to_the_roles_that_the_table_names(sqlite: Database, tmp_path: Path) -> None:
    asked = prepared_application(sqlite, tmp_path)
    _add_bulletins(asked)
    outside = asked.outside
    forms = filled_forms(outside.app, [client_of_role(outside, role) for role in reversed(ROLES)])
    assert len(forms) >= LEAST_FORMS, sorted(forms)
    kept, file = sqlite3.connect(":memory:"), str(sqlite.engine.url.database)
    with closing(sqlite3.connect(file)) as live:
        live.backup(kept)
    table, wrong = _in_table(), []
    for rule, form in sorted(forms.items()):
        for role in ROLES:
            client = client_of_role(outside, role)
            with client.post(form.path, data={**form.values, "csrf_token": csrf_token(outside, client)}) as answer:
                assert answer.status_code < 500, (rule, role, answer.text[:1000])
                refused = answer.status_code in {401, 403}
            if refused is not table[rule][role] and role not in BY_OBJECT.get(rule, ()):
                wrong.append((rule, role.value, answer.status_code))
            with closing(sqlite3.connect(file)) as live:  # what one role has done, the next one finds undone
                kept.backup(live)
    kept.close()
    assert wrong == []
