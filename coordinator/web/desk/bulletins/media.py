"""Media on the form: upload in pieces, files of the library, captions, removal. Each action changes the form; nothing
of the text is saved.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from campaigns.bulletins.library import media_uploads, picture_library
from campaigns.bulletins.library.media_library import MediaFilter, media_list
from campaigns.bulletins.library.picture_library import PictureFilter, picture_list
from campaigns.bulletins.media import WITH_TRANSCRIPT, MediaItem, MediaKind
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid
from campaigns.people.staff import Permission
from coordinator.jobs.bulletins.media import finish_upload, offered_media, store_media
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins.forms import BulletinForm
from coordinator.web.kit.forms import fields
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence

MOST_AT_ONCE: Final = 15 * 1024 * 1024  # bytes of a file that comes with the form, where no script sends it in pieces
MOST_CHOICES: Final = 8  # files of each kind of library to choose from


def _upload(form: BulletinForm, ident: str) -> None:
    del ident
    file = request.files.get("media_file")
    if file is None or not file.filename:
        raise Invalid([FieldError("file", "no_file", "choose a file first")])
    with TemporaryDirectory(prefix="lantoa-upload-") as folder:
        path = Path(folder, "file")
        path.write_bytes(file.stream.read(MOST_AT_ONCE + 1))
        if path.stat().st_size > MOST_AT_ONCE:
            raise Invalid([FieldError("file", "too_large_for_form", "a larger file is sent in pieces by the script")])
        _add(form, store_media(app_context().job_context, current_actor(), path, file.filename))


def _finish(form: BulletinForm, ident: str) -> None:
    _add(form, finish_upload(app_context().job_context, current_actor(), ident))


def _take(form: BulletinForm, ident: str) -> None:
    _add(form, offered_media(app_context().job_context, ident))


def _drop(form: BulletinForm, ident: str) -> None:
    form.media.data = tuple(item for item in form.media.data if item.ident != ident)


def _drop_captions(form: BulletinForm, ident: str) -> None:
    form.media.data = tuple(replace(item, captions=None) if item.ident == ident else item for item in form.media.data)


def _find(form: BulletinForm, ident: str) -> None:
    del form, ident  # the form stays as it is; the page shows what is found


def _add(form: BulletinForm, new: MediaItem) -> None:
    items = form.media.data
    if new.kind is MediaKind.CAPTIONS:
        spoken = next((item for item in items if item.kind in WITH_TRANSCRIPT and item.captions is None), None)
        if spoken is None:
            message = "add the video or audio first, then its captions"
            raise Invalid([FieldError("file", "captions_alone", message)])
        bare = replace(new, alt="", text="")
        form.media.data = tuple(
            replace(item, captions=bare, text=item.text or new.text) if item is spoken else item for item in items
        )
    elif all(item.ident != new.ident for item in items):
        form.media.data = (*items, new)


# By the value of a button: what it does, a dot, the file that it is about.
FORM_ACTIONS: Final[Mapping[str, Callable[[BulletinForm, str], None]]] = {
    "media": _upload,
    "uploaded_media": _finish,
    "take_media": _take,
    "drop_media": _drop,
    "drop_captions": _drop_captions,
    "find_media": _find,
}


def is_form_action(do: str) -> bool:
    """Whether a button changes the media of the form."""
    return do.partition(".")[0] in FORM_ACTIONS


def apply_form_action(form: BulletinForm, do: str) -> None:
    """Do what a button of the form says; what is refused stands at the file field."""
    action, _dot, ident = do.partition(".")
    try:
        FORM_ACTIONS[action](form, ident[:32])
    except CampaignError as error:
        form.add_messages({"media_file": refusal(error)})


def refusal(error: CampaignError) -> str:
    """Return why a file was refused and what to do, with the command that makes a file that is taken."""
    if not isinstance(error, Invalid):
        return error_sentence(error)
    words = _refusals()
    sentences = []
    for wrong in error.errors:
        sentence = str(words[wrong.code]) if wrong.code in words else fields.field_error_messages([wrong])[wrong.field]
        if wrong.code in words and wrong.expected:
            sentence += " " + str(_("Lệnh tạo tệp đúng: %(command)s", command=wrong.expected))
        sentences.append(sentence)
    return " ".join(sentences)


def _refusals() -> Mapping[str, object]:
    most = formats.file_size(media_uploads.MOST_BYTES, language())
    return {
        "empty": _("Tệp không có gì."),
        "recording_too_large": _("Tệp nặng hơn %(most)s.", most=most),
        "too_large": _("Tài liệu hoặc ảnh nặng hơn 15 MB, hoặc phụ đề nặng hơn 0,5 MB."),
        "too_large_for_form": _("Tệp nặng hơn 15 MB: trình duyệt phải chạy được JavaScript để tải từng phần."),
        "unknown_type": _("Chỉ nhận ảnh JPEG, PNG hoặc WebP, xét theo nội dung chứ không theo tên tệp."),
        "unknown_media_type": _(
            "Chỉ nhận JPEG, PNG, WebP, MP4, MP3, M4A, PDF, .vtt, .srt; xét theo nội dung chứ không theo tên tệp."
        ),
        "foreign_recording": _("Nhiều máy không mở được loại video, âm thanh này; cần MP4 (H.264, AAC) hoặc MP3."),
        "codec": _("Nhiều máy không mở được cách nén của tệp này; cần H.264 và AAC, hoặc MP3."),
        "too_long": _("Video dài quá 90 giây, hoặc âm thanh dài quá một giờ."),
        "too_many_pixels": _("Hình lớn quá: video nhiều nhất 1.920 điểm mỗi chiều, ảnh nhiều nhất 40 triệu điểm."),
        "too_small": _("Ảnh nhỏ quá."),
        "cut_off": _("Tệp bị cắt ngang, hoặc dẫn tới tệp khác. Lấy lại tệp gốc rồi tải lên lần nữa."),
        "unreadable": _("Tệp hỏng hoặc bị cắt ngang. Lưu lại rồi tải lên lần nữa."),
        "too_heavy": _("Đọc tệp này tốn quá nhiều bộ nhớ hoặc thời gian; máy không nhận."),
        "no_ffmpeg": _("Máy chủ chưa có ffmpeg nên chưa kiểm tra được video, âm thanh. Báo người quản trị."),
        "captions_alone": _("Thêm video hoặc âm thanh trước, rồi tải phụ đề của nó."),
        "no_captions": _("Tệp không có câu phụ đề nào; cần WebVTT (.vtt) hoặc SubRip (.srt)."),
        "bad_time": _("Có câu phụ đề kết thúc trước khi bắt đầu."),
        "piece": _("Phần gửi lên không khớp với tệp. Chọn lại tệp."),
        "scripts": _("Tài liệu có đoạn chương trình bên trong. Xuất lại thành PDF thường."),
        "embedded": _("Tài liệu chứa tệp khác bên trong. Xuất lại thành PDF thường."),
        "launch": _("Tài liệu tự chạy chương trình hoặc gửi dữ liệu. Xuất lại thành PDF thường."),
        "encrypted": _("Tài liệu đặt mật khẩu. Lưu lại không có mật khẩu."),
        "too_many_pages": _("Tài liệu nhiều nhất 50 trang."),
    }


@staff_required(Permission.WRITE)
def fragment() -> ResponseReturnValue:
    """Return the media part of a form after a button's action."""
    form = BulletinForm.of_request()
    do = request.form.get("do", "")
    if is_form_action(do):
        apply_form_action(form, do)
    return render_template("desk/bulletins/media.html", form=form, media_choices=choices_searched())


@staff_required(Permission.WRITE)
def begin() -> ResponseReturnValue:
    """Begin an upload of ``name`` with ``length`` bytes: ``{"ident", "received", "piece"}``; 422 or 409 with
    ``message``."""
    context = app_context().job_context
    length = request.form.get("length", "")
    try:
        with context.database.write() as session:
            upload = media_uploads.begin_upload(
                session, current_actor(), request.form.get("name", ""),
                int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0, now=context.now(),
            )  # fmt: skip
            return jsonify(ident=upload.ident, received=0, piece=media_uploads.MOST_PIECE)
    except Conflict as error:
        return jsonify(message=error_sentence(error)), 409
    except Invalid as error:
        return jsonify(message=refusal(error)), 422


@staff_required(Permission.WRITE)
def status(ident: str) -> ResponseReturnValue:
    """Return how much of an upload was received: ``{"ident", "received", "piece"}``."""
    with app_context().job_context.database.read() as session:
        upload = media_uploads.find_upload(session, current_actor(), ident)
        return jsonify(ident=upload.ident, received=upload.received, piece=media_uploads.MOST_PIECE)


@staff_required(Permission.WRITE)
def piece(ident: str) -> ResponseReturnValue:
    """Take the bytes of an upload from ``start`` on: ``{"received"}``; 409 where bytes before them are missing."""
    start = request.args.get("start", "")
    body = request.get_data()
    with app_context().job_context.database.write() as session:
        upload = media_uploads.find_upload(session, current_actor(), ident)
        try:
            number = int(start) if start.isascii() and start.isdigit() and len(start) < 16 else -1
            media_uploads.add_piece(session, upload, number, body)
        except Conflict:
            return jsonify(received=upload.received), 409
        except Invalid as error:
            return jsonify(message=refusal(error)), 422
        return jsonify(received=upload.received)


def choices_searched() -> Sequence[MediaItem] | None:
    """Return what the form's button to search the libraries finds; None where another button or none was pressed."""
    if request.form.get("do") != "find_media":
        return None
    typed = request.form.get("media_q", "")[: picture_library.LONGEST_WORDS]
    context = app_context().job_context
    with context.database.read() as session:
        files = [row.ident for (row,) in media_list(MediaFilter(q=typed)).rows(session, MOST_CHOICES)]
        pictures = [
            row.ident for (row,) in picture_list(PictureFilter(q=typed), described=True).rows(session, MOST_CHOICES)
        ]
    return [offered_media(context, ident) for ident in (*files, *pictures)]
