"""Pages that show their article only once a script has run: the text stands in the page's data in the ways that
frameworks and editors put it there, and some pages whose data must not be read."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from benchmarks.corpus.bulletins import Bulletin
from benchmarks.corpus.styles import Article, shell


@dataclass(frozen=True)
class DataPage:
    """A kind of page. ``credited``: our bulletin must be found; ``linked``: by a link at the end of its text."""

    name: str
    html: Callable[[Bulletin, list[Bulletin]], str]
    credited: bool = True
    linked: bool = False


def _html(one: Bulletin, link: bool = False) -> str:
    source = f'<p>Theo <a href="{one.url}">Cổng thành phố</a></p>' if link else ""
    return f"<p><strong>{one.lead}</strong></p>" + "".join(f"<p>{line}</p>" for line in one.lines) + source


def _plain(one: Bulletin) -> str:
    return "\n\n".join((one.lead, *one.lines))


def _script(value: Any, attributes: str) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False).replace("</", "<\\/")
    return f"<script {attributes}>{text}</script>"


def _linked(value: Any) -> str:
    return _script(value, 'type="application/ld+json"')


def _article_data(one: Bulletin, body: Any, **more: Any) -> dict[str, Any]:
    return {"@type": "NewsArticle", "headline": one.title, "articleBody": body, **more}


def _page(one: Bulletin, data: str, *, others: list[Bulletin] | None = None, head: str = "") -> str:
    return shell(Article(one.title, one.lead, (), head=head, others=others or ()), data)


def _next(page_props: Any) -> str:
    value = {"props": {"pageProps": page_props}, "page": "/[slug]", "query": {"slug": "bai"}, "buildId": "x1"}
    return _script(value, 'id="__NEXT_DATA__" type="application/json"')


def _post(one: Bulletin, link: bool = False) -> dict[str, Any]:
    return {
        "id": 7, "slug": f"bai-{one.id}", "title": one.title, "sapo": one.lead, "content": _html(one, link),
        "author": {"name": "Nguyễn Văn Mẫu", "bio": "Phóng viên ban thời sự"}, "tags": ["thời sự", "đời sống"],
    }  # fmt: skip


def _teaser_posts(others: list[Bulletin]) -> list[dict[str, Any]]:
    return [{"id": at, "title": other.title, "sapo": other.lead} for at, other in enumerate(others)]


def _blocks(one: Bulletin) -> list[dict[str, Any]]:
    return [{"type": "paragraph", "data": {"text": line}} for line in (one.lead, *one.lines)]


def _nuxt_pool(one: Bulletin) -> list[Any]:
    return [
        {"data": 1, "state": 6}, {"article": 2}, {"title": 3, "lead": 4, "content": 5}, one.title, one.lead,
        _html(one), {"user": 7}, "khách",
    ]  # fmt: skip


def _assigned(name: str, value: Any, behind: str = ";") -> str:
    return f"<script>window.{name}={json.dumps(value, ensure_ascii=False)}{behind}</script>"


def _called(returned: str, *values: str) -> str:
    """A state that a function makes of its arguments, as Nuxt 2 writes it."""
    arguments = ",".join(json.dumps(value, ensure_ascii=False) for value in values)
    head = "window.__NUXT__=(function(a,b,c,d,e){e.title=a;e.content=b;return "
    return f"<script>{head}{returned}}}({arguments},{'{}'}));</script>"


def _parsed(name: str, value: Any) -> str:
    return f"<script>window.{name} = JSON.parse({json.dumps(json.dumps(value))});</script>"


CASES = (
    DataPage("JSON-LD, plain", lambda one, _: _page(one, _linked(_article_data(one, _plain(one))))),
    DataPage("JSON-LD in the head", lambda one, _: _page(one, "", head=_linked(_article_data(one, _plain(one))))),
    DataPage("JSON-LD, one line", lambda one, _: _page(one, _linked(_article_data(one, " ".join(one.lines))))),
    DataPage(
        "JSON-LD in a graph",
        lambda one, _: _page(one, _linked({"@graph": [{"@type": "WebSite"}, _article_data(one, _plain(one))]})),
    ),
    DataPage(
        "JSON-LD in a list",
        lambda one, _: _page(one, _linked([{"@type": "BreadcrumbList"}, _article_data(one, _plain(one))])),
    ),
    DataPage("JSON-LD, a list of texts", lambda one, _: _page(one, _linked(_article_data(one, one.lines)))),
    DataPage("JSON-LD with tags", lambda one, _: _page(one, _linked(_article_data(one, _html(one))))),
    DataPage("JSON-LD, escaped", lambda one, _: _page(one, _linked(_article_data(one, escape(_html(one)))))),
    DataPage("JSON-LD, escaped twice", lambda one, _: _page(one, _linked(_article_data(one, escape(escape(_html(one))))))),
    DataPage(
        "JSON-LD among boxes of our others",
        lambda one, others: _page(one, _linked(_article_data(one, _plain(one))), others=others[:8]),
    ),
    DataPage("JSON-LD with a link", lambda one, _: _page(one, _linked(_article_data(one, _html(one, True)))), linked=True),
    DataPage("Next, HTML", lambda one, _: _page(one, _next({"post": _post(one)}))),
    DataPage("Next, HTML with a link", lambda one, _: _page(one, _next({"post": _post(one, True)})), linked=True),
    DataPage("Next, blocks", lambda one, _: _page(one, _next({"post": {"title": one.title, "blocks": _blocks(one)}}))),
    DataPage(
        "Next, with related posts",
        lambda one, others: _page(one, _next({"post": _post(one), "posts": _teaser_posts(others)})),
    ),
    DataPage(
        "Next, with other whole posts",
        lambda one, others: _page(one, _next({"list": [_post(other) for other in others[:3]], "post": _post(one)})),
    ),
    DataPage(
        "Next, title apart",
        lambda one, _: _page(one, _next({"head": {"title": one.title, "lead": one.lead}, "main": {"html": _html(one)}})),
    ),
    DataPage(
        "Next, of WordPress",
        lambda one, _: _page(
            one, _next({"post": {"title": {"rendered": one.title}, "content": {"rendered": _html(one)}}})
        ),
    ),
    DataPage("Nuxt 2", lambda one, _: _page(one, _assigned("__NUXT__", {"data": [{"article": _post(one)}]}))),
    DataPage(
        "Nuxt 2, a function's arguments",
        lambda one, _: _page(
            one, _called("{data:[{bai:{title:a,content:b,hot:!1,x:void 0}}]}", one.title, _html(one), "", "")
        ),
    ),
    DataPage(
        "Nuxt 2, an argument's fields",
        lambda one, _: _page(one, _called("{data:[e],on:!0}", one.title, _html(one), "", "")),
    ),
    DataPage(
        "Inertia",
        lambda one, _: _page(one, f'<div id="app" data-page="{escape(json.dumps({"props": {"bai": _post(one)}}))}"></div>'),
    ),
    DataPage("Nuxt 3", lambda one, _: _page(one, _script(_nuxt_pool(one), 'type="application/json" id="__NUXT_DATA__"'))),
    DataPage(
        "initial state",
        lambda one, _: _page(one, _assigned("__INITIAL_STATE__", {"detail": _post(one)}, ";(function(){var s;})();")),
    ),
    DataPage("initial state, parsed", lambda one, _: _page(one, _parsed("__INITIAL_STATE__", {"detail": _post(one)}))),
    DataPage("preloaded state", lambda one, _: _page(one, _assigned("__PRELOADED_STATE__", {"detail": _post(one)}))),
    DataPage(
        "AMP state",
        lambda one, _: _page(
            one, "<amp-state id=bai>" + _script({"item": _post(one)}, 'type="application/json"') + "</amp-state>"
        ),
    ),
    DataPage("Angular", lambda one, _: _page(one, _script({"a1": {"b": _post(one)}}, 'id="ng-state" type="application/json"'))),
    DataPage(
        "microdata",
        lambda one, _: _page(one, f'<meta itemprop="articleBody" content="{escape(_plain(one))}">'),
    ),
    DataPage(
        "microdata of a block",
        lambda one, _: _page(one, f'<div itemprop="articleBody" content="{escape(_html(one))}"></div>'),
    ),
    # JavaScript is not run.
    DataPage(
        "JavaScript",
        lambda one, _: _page(one, f"<script>window.__NUXT__=(function(a){{return {{t:a+''}}}}({json.dumps(_html(one))}))</script>"),
        credited=False,
    ),
    # Of another article.
    DataPage(
        "Nuxt 2, related posts whole",
        lambda one, others: _page(
            others[9],
            _called("{data:[{title:c,content:d}],related:[{title:a,content:b}]}", one.title, _html(one), others[9].title, "<p>Trang không còn.</p>"),
        ),
        credited=False,
    ),
    DataPage(
        "related posts whole",
        lambda one, others: _page(
            others[9], _next({"post": {"title": others[9].title, "content": "<p>Trang không còn.</p>"}, "related": [_post(one)]})
        ),
        credited=False,
    ),
    DataPage(
        "a list of whole posts",
        lambda one, others: _page(
            Bulletin("muc", "Thời sự hôm nay", "", ()), _next({"posts": [_post(one), *map(_post, others[:5])]})
        ),
        credited=False,
    ),
    DataPage(
        "JSON-LD mentions",
        lambda one, others: _page(
            others[9], _linked({"@type": "NewsArticle", "headline": others[9].title, "mentions": [_article_data(one, _plain(one))]})
        ),
        credited=False,
    ),
)  # fmt: skip
