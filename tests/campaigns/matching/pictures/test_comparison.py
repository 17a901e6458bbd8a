"""Two pictures that lie near each other: the text and its figures decide."""

import numpy as np
import pytest

from campaigns.matching.pictures.comparison import (
    LOOK_DISTANCE,
    PLAIN_DISTANCE,
    MediaWay,
    PictureAgreement,
    PictureContent,
    compare_pictures,
)

TEXT = "Tình hình trong ngày 24/11/2026. 12.431 hộ được cấp nước, 508 mũi tiêm, 1.276 hồ sơ đã giải quyết"
AGREES, UNSURE, OTHER = PictureAgreement.AGREES, PictureAgreement.UNSURE, PictureAgreement.OTHER


def content(text: str | None, digest: str = "") -> PictureContent:
    return PictureContent(frozenset({digest} if digest else ()), np.empty((0, 4), np.uint64), text)


@pytest.mark.parametrize(
    ("read", "agreement"),
    [
        (TEXT, AGREES),
        (f"{TEXT}. Ảnh: Tin Vui", AGREES),
        (TEXT.replace("508", "5O8"), UNSURE),  # a figure that was read wrongly, or is another
        (TEXT.replace("24/11", "25/11").replace("12.431", "9.876").replace("508", "611"), OTHER),
        ("", UNSURE),
        (None, UNSURE),
        ("Lịch cắt điện tại các phường trong tuần này theo thông báo của ngành điện", None),
    ],
    ids=["as it is", "with a caption", "one figure", "another day", "nothing read", "no program", "another text"],
)
def test_the_text_of_both_decides(read: str | None, agreement: PictureAgreement | None) -> None:
    found = compare_pictures(content(TEXT), content(read), 30)
    assert (found.agreement if found else None) == agreement


@pytest.mark.parametrize(
    ("distance", "agreement"),
    [(0, AGREES), (PLAIN_DISTANCE, AGREES), (PLAIN_DISTANCE + 1, UNSURE), (LOOK_DISTANCE, UNSURE)],
)
def test_pictures_without_text_are_compared_by_their_distance(distance: int, agreement: PictureAgreement) -> None:
    found = compare_pictures(content(""), content(""), distance)
    assert found is not None
    assert (found.way, found.agreement, found.share) == (MediaWay.SIMILAR, agreement, None)


def test_a_picture_without_text_is_not_one_with_much_text() -> None:
    found = compare_pictures(content(""), content(TEXT), 10)
    assert found is not None
    assert found.agreement is UNSURE


def test_the_same_bytes_need_no_look_and_far_pictures_are_others() -> None:
    same = compare_pictures(content(TEXT, "a1"), content(None, "a1"), 200)
    assert same is not None
    assert (same.way, same.agreement, same.distance) == (MediaWay.SAME, AGREES, 0)
    assert compare_pictures(content(TEXT, "a1"), content(TEXT, "b2"), LOOK_DISTANCE + 1) is None


def test_a_figure_that_changed_is_no_agreement_however_alike_the_rest_is() -> None:
    """Two daily infographics of one template never stand for each other."""
    found = compare_pictures(content(TEXT), content(TEXT.replace("1.276", "1.277")), 0)
    assert found is not None
    assert found.agreement is not AGREES
