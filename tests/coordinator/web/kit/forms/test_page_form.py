"""The base of the desk's forms: sentences in Vietnamese, and domain errors at the fields they name."""

from gettext import translation
from pathlib import Path

import pytest
import wtforms
from werkzeug.datastructures import MultiDict
from wtforms import FormField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from campaigns.core.errors import Conflict, FieldError, Invalid
from coordinator.web.kit.forms.field_types import DateField, LinesField, RowsField, TextField
from coordinator.web.kit.forms.page_form import PageForm, Sentences
from coordinator.web.kit.text.error_messages import FIELD_ERROR_MESSAGES
from tests.coordinator.web.desk.conftest import Desk

NEEDED, DAY = FIELD_ERROR_MESSAGES["required"], FIELD_ERROR_MESSAGES["day"]


class Row(PageForm):
    quota = TextField()


class Sample(PageForm):
    error_names = {"cover": "picture"}

    title = TextField()
    starts_on = DateField(required=True)
    feeds = LinesField()
    picture = TextField()
    targets = RowsField(Row, 9)
    variants = TextField()
    parameters = FormField(Row, separator=".")
    code = TextField()


def form(**values: str) -> Sample:
    return Sample(MultiDict({"starts_on": "2026-11-24", "targets.0.quota": "", "targets.1.quota": ""} | values))


def test_each_error_of_the_domain_stands_at_its_field_in_the_order_of_the_page() -> None:
    sample = form()
    assert sample.validate()
    sample.add_errors(
        Invalid([
            FieldError("code", "code", ""), FieldError("parameters.quota", "parameter", ""),
            FieldError("variants.zalo.title", "too_long", ""), FieldError("targets.1.quota", "quota", ""),
            FieldError("cover", "unknown_picture", ""), FieldError("feeds.2", "url", ""),
            FieldError("title", "required", ""),
        ])
    )  # fmt: skip
    assert list(sample.messages) == [
        "title", "feeds", "picture", "targets.1.quota", "variants.zalo.title", "parameters.quota", "code",
    ]  # fmt: skip
    assert sample.messages["title"] == "Nhập tiêu đề bản tin"
    assert sample.messages["feeds"] == "Dòng 3: Nhập địa chỉ bắt đầu bằng http:// hoặc https://"
    assert sample.messages["targets.1.quota"].startswith("Dòng 2: Chỉ tiêu phải lớn hơn 0")
    assert sample.targets[1].quota.errors == [sample.messages["targets.1.quota"]]
    assert sample.status == 422


def test_an_error_of_the_whole_record_stands_at_the_field_it_belongs_to_or_under_form() -> None:
    sample = form()
    sample.add_errors(Conflict("", code="topic_taken", topic="y-te"))
    assert sample.messages == {"code": "Đã có chuyên đề mang mã y-te."}
    sample.add_errors(Conflict("", code="site_moved"))
    assert list(sample.messages) == ["code", "form"]


def test_what_the_field_could_not_read_comes_before_what_the_domain_says_of_it() -> None:
    sample = form(starts_on="hôm nay")
    sample.validate()
    sample.add_errors(Invalid([FieldError("starts_on", "past", ""), FieldError("code", "required", "")]))
    assert sample.messages == {"starts_on": DAY, "code": NEEDED}


def test_a_form_is_read_from_the_request_or_from_stored_values(desk: Desk) -> None:
    class Stored:
        title = "Điểm tin"

    with desk.app.test_request_context():
        assert Sample.of_request().title.data == ""
        assert Sample.of_request({"title": "a"}).title.data == "a"
        assert Sample.of_request(Stored()).title.data == "Điểm tin"
    with desk.app.test_request_context(method="POST", data={"title": " b "}):
        assert Sample.of_request({"title": "a"}).title.data == "b"


def test_no_form_has_a_token_of_its_own_because_every_request_is_checked_before() -> None:
    assert "csrf_token" not in Sample()


def test_built_in_validators_speak_vietnamese() -> None:
    class Built(PageForm):
        name = StringField(validators=[InputRequired()])
        short = StringField(validators=[Length(max=3)])
        kind = SelectField(choices=["a"])

    built = Built(MultiDict({"short": "abcd", "kind": "b"}))
    assert not built.validate()
    assert built.messages == {
        "name": NEEDED,
        "short": FIELD_ERROR_MESSAGES["too_long"],
        "kind": "Chọn một mục trong danh sách",
    }


def test_every_message_of_the_library_has_a_sentence_of_ours() -> None:
    catalogue = translation("wtforms", Path(wtforms.__file__).parent / "locale", ["de"])
    messages = {key[0] if isinstance(key, tuple) else key for key in catalogue._catalog}  # type: ignore[attr-defined]
    sentences = set(FIELD_ERROR_MESSAGES.values())
    assert len(messages) > 20
    assert all(Sentences().gettext(message) in sentences for message in messages if message)


@pytest.mark.parametrize("label", ["Starts On", "Mã"])
def test_a_label_is_no_message(label: str) -> None:
    assert Sentences().gettext(label) == label
