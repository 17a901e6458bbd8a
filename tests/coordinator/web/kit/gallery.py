"""An application without the desk's features: seven pages made of the project's macros with sample figures."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Blueprint, Flask, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup

from campaigns.core.listing import ListPage
from campaigns.people.staff import Role
from coordinator.web.kit import security_headers
from coordinator.web.kit.navigation import WaitingCount
from coordinator.web.kit.templating import Reader, flash_done, flash_trouble, install_templating
from coordinator.web.kit.text.error_messages import error_page

NOW = datetime(2026, 11, 24, 3, 42, tzinfo=UTC)  # 10:42 in the city
PAGES = Path(__file__).parent / "pages"
NAMES = ("today", "edit", "approve", "evidence", "progress", "calendar", "sign-in", "refused")


def at(clock: str, days: int = 0) -> datetime:
    """Return a time of the sample day in the city's zone."""
    hour, minute = (int(part) for part in clock.split(":"))
    return datetime(2026, 11, 24, tzinfo=UTC) + timedelta(days=days, hours=hour - 7, minutes=minute)


def month() -> list[list[dict[str, object]]]:
    """Return six weeks around November 2026, with a few bulletins on each working day."""
    titles = ("Sốt xuất huyết giảm tuần thứ hai", "Nộp hồ sơ đất đai trực tuyến", "Khám tuyển nghĩa vụ quân sự")
    start = date(2026, 10, 26)
    days = []
    for offset in range(42):
        day = start + timedelta(days=offset)
        slots: list[dict[str, object]] = [
            {"at": f"{8 + 2 * i:02}:00", "title": titles[i], "href": "#", "shade": i + 1}
            for i in range((day.toordinal() % 3) + 1)
        ]
        if day.day == 13:
            slots.insert(0, {"title": "Thiếu bản tin sáng", "href": "#", "stand": "miss"})
        today = day == date(2026, 11, 24)
        if today:
            slots[-1]["stand"] = "ask"
        days.append(
            {
                "date": day,
                "off": day.month != 11,
                "today": today,
                "rest": day.weekday() == 6,
                "lunar": str(offset % 29 + 1),
                "feast": "Ngày Nhà giáo Việt Nam" if day.day == 20 else None,
                "slots": slots[:3],
                "more": (1, "#") if today else None,
            }
        )
    return [days[week : week + 7] for week in range(0, 42, 7)]


def bars(width: int, css: str, name: str) -> Markup:
    """Return a sample chart."""
    values = (166, 392, 401, 281, 331, 347, 394, 397, 97)
    step = (width - 50) / len(values)
    drawn = Markup("").join(
        Markup('<rect class="s1" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            44 + i * step + 4, 180 - value * 0.35, step - 8, value * 0.35
        )
        for i, value in enumerate(values)
    )
    return Markup(
        '<svg class="chart {}" viewBox="0 0 {} 200" role="img" aria-labelledby="{}"><title id="{}">Lượt xác nhận theo '
        'tuần</title><line class="base" x1="44" x2="{}" y1="180" y2="180"/>{}</svg>'
    ).format(css, width, name, name, width, drawn)


def gallery(theme: str | None = None) -> Flask:
    """Return the application; ``/<name>`` is a page, and the desk's endpoints answer so that the navigation has its
    links."""
    app = Flask("coordinator.web", static_folder=None)
    app.secret_key = "gallery"
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False)
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(PAGES), FileSystemLoader(Path(security_headers.__file__).parents[1] / "templates")]
    )
    CSRFProtect(app)
    reader = Reader("Trần Quốc Bảo", "quoc.bao@example.gov.vn", Role.ADMIN, theme=theme)
    install_templating(
        app,
        now=lambda: NOW,
        reader=lambda: reader,
        counts=lambda: {"deliveries": WaitingCount(3, mine=True), "republications": WaitingCount(18)},
    )
    security_headers.configure(app, https=False)
    for blueprint_name, view in (
        ("desk", "today"),
        ("desk", "search"),
        ("bulletins", "index"),
        ("calendar", "index"),
        ("deliveries", "index"),
        ("republications", "index"),
        ("progress", "index"),
        ("partners", "index"),
        ("channels", "index"),
        ("reports", "index"),
        ("admin", "index"),
        ("account", "index"),
        ("security", "logout"),
        ("site_files", "manifest"),
        ("manual", "index"),
    ):
        blueprint = app.blueprints.get(blueprint_name)
        path = f"/desk/{blueprint_name}/{view}"
        if blueprint is None:
            blueprint = Blueprint(blueprint_name, "coordinator.web")
            blueprint.add_url_rule(path, view, lambda: render_template("today.html", at=at), methods=["GET", "POST"])
            if blueprint_name == "desk":
                blueprint.add_url_rule("/desk/search", "search", lambda: "")
            app.register_blueprint(blueprint)
    app.add_url_rule("/desk/republications/_review", "republications.review.queue", lambda: "")

    @app.get("/<name>")
    def page(name: str) -> ResponseReturnValue:
        if name not in NAMES:
            abort(404)
        if "done" in request.args:
            flash_done("Đã chuyển sang 26/11, vẫn 08:00.", undo="/undo")
        if "trouble" in request.args:
            flash_trouble("Chưa gửi được.")
        return render_template(f"{name}.html", at=at, month=month, bars=bars, part=ListPage(range(50), 1250, 1))

    @app.errorhandler(404)
    def missing(_error: Exception) -> ResponseReturnValue:
        return render_template("errors/page.html", words=error_page(404), status=404), 404

    return app
