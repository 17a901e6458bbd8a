"""One SVG for three renderers: Chromium, WeasyPrint and resvg draw the same, text included."""

import io
import logging
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from coordinator.exports.charts.png import write_png
from coordinator.exports.charts.render import (
    HALF,
    WIDE,
    ForecastPoint,
    heatmap,
    horizontal_bars,
    line_chart,
    share_bar,
    stacked_bars,
)
from coordinator.exports.pdf import render_pdf
from tests.coordinator.exports.documents.test_briefing_pdf import asked, pdf_text
from tests.coordinator.exports.samples import LAST, course, days, milestones, shares, steps, weeks

whole = course(supposed=[ForecastPoint(LAST, 13900, 0, 0)], marks=milestones())
DRAWINGS = {
    "course": (line_chart(whole, WIDE, with_key=True), ("13.900 nếu vậy", "12.790 dự báo", "Hình thoi: mốc")),
    "weeks": (stacked_bars(weeks(), HALF, with_key=True), ("1.103", "Dịch bệnh", "tuần bắt đầu Thứ Hai")),
    "steps": (horizontal_bars(steps()), ("Đã xác nhận", "7.412")),
    "days": (heatmap(days(), with_key=True), ("Th10", "CN", "đến 40")),
    "shares": (share_bar(shares(6604, 287, 403, 118), with_key=True), ("Cách 0 6.604 (89,1%)",)),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_words_of_a_drawing_are_words_in_the_pdf(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    svg, words = DRAWINGS[name]
    page = f"<html lang=vi><head><title>x</title></head><body><figure>{svg}</figure></body></html>"
    with caplog.at_level(logging.WARNING):
        pdf = render_pdf(page)
    assert [record.getMessage() for record in caplog.records] == []
    text = " ".join(pdf_text(pdf, tmp_path).split())
    for word in words:
        assert word in text, word
    # Every letter comes from a font that goes with the file.
    fonts = [line.split() for line in asked("pdffonts", pdf, tmp_path).splitlines()[2:]]
    assert fonts
    assert all("yes" in line for line in fonts)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_grey_ink_on_white_as_png(name: str) -> None:
    svg, _words = DRAWINGS[name]
    picture = Image.open(io.BytesIO(write_png(str(svg), 160, 150))).convert("RGB")
    dots = np.asarray(picture, dtype=int)
    assert 0.005 < (dots.mean(axis=2) < 200).mean() < 0.9
    # Nothing but today's line has a colour: the rest is for black-and-white print.
    assert (dots.max(axis=2) - dots.min(axis=2) > 24).mean() < 0.01
