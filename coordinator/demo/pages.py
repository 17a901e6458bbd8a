"""The demo partners' pages: three ways of building an article page, with everything around it that real sites have."""

from email.utils import format_datetime

from jinja2 import DictLoader, Environment, select_autoescape

LAYOUT = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>{{ post.headline if post else site.name }} - {{ site.name }}</title>
<meta name="viewport" content="width=device-width">
{% if post %}<link rel="canonical" href="{{ site.url }}{{ post.path }}">
<meta property="og:title" content="{{ post.headline }}">
{% if site.style == "article" %}<script type="application/ld+json">{{ ld|safe }}</script>
{% elif site.style == "divs" %}<meta property="article:published_time" content="{{ post.at.isoformat() }}">{% endif %}{% endif %}
</head><body>
<header><a href="/">{{ site.name }}</a><nav><ul><li><a href="/">Trang chủ</a></li><li><a href="/thoi-su">Thời sự</a></li>
<li><a href="/doi-song">Đời sống</a></li><li><a href="/phap-luat">Pháp luật</a></li></ul></nav></header>
{% block main %}{% endblock %}
<aside class="lien-quan"><h3>Đọc thêm</h3><ul>{% for other in others %}
<li><a href="{{ other.path }}">{{ other.headline }}</a><p>{{ other.lead }}</p></li>{% endfor %}</ul></aside>
<footer><p>{{ site.name }} – trang thông tin điện tử tổng hợp của {{ site.owner }}. Giấy phép số {{ site.licence }}.</p>
<p>Liên hệ quảng cáo: 024 5555 0100</p></footer></body></html>"""

ARTICLE = """{% extends "layout" %}{% block main %}<main><article><h1>{{ post.headline }}</h1>
<time datetime="{{ post.at.isoformat() }}">{{ when }}</time>
<p class="sapo"><strong>{{ post.lead }}</strong></p>
{% for part in post.parts %}<p>{{ part }}</p>
{% endfor %}{{ source }}</article></main>{% endblock %}"""

DIVS = """{% extends "layout" %}{% block main %}<div class="col-main"><div class="title-detail"><h1>{{ post.headline }}</h1></div>
<div class="date">{{ when }}</div><div class="detail-sapo">{{ post.lead }}</div>
<div class="detail-content">{% for part in post.parts %}<div class="para">{{ part }}</div>
{% endfor %}{{ source }}</div></div>{% endblock %}"""

BREAKS = """{% extends "layout" %}{% block main %}<div id="noidung"><h1>{{ post.headline }}</h1><span>{{ when }}</span><br>
<b>{{ post.lead }}</b><br><br>{% for part in post.parts %}{{ part }}<br><br>
{% endfor %}{{ source }}</div>{% endblock %}"""

FRONT = """{% extends "layout" %}{% block main %}<main><h1>{{ site.name }}</h1><ul class="tin">{% for other in others %}
<li><h2><a href="{{ other.path }}">{{ other.headline }}</a></h2><p>{{ other.lead }}</p></li>
{% else %}<li>Chưa có tin.</li>{% endfor %}</ul></main>{% endblock %}"""

RSS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{{ site.name }}</title><link>{{ site.url }}/</link>
<description>Tin mới</description>{% for post in others %}<item><title>{{ post.headline }}</title>
<link>{{ site.url }}{{ post.path }}</link><guid>{{ site.url }}{{ post.path }}</guid><pubDate>{{ post.at|rfc822 }}</pubDate>
<description>{{ post.lead }}</description></item>{% endfor %}</channel></rss>"""

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
{% for post in others %}<url><loc>{{ site.url }}{{ post.path }}</loc><news:news><news:publication><news:name>{{ site.name }}</news:name>
<news:language>vi</news:language></news:publication><news:publication_date>{{ post.at.isoformat() }}</news:publication_date>
<news:title>{{ post.headline }}</news:title></news:news></url>{% endfor %}</urlset>"""


def environment() -> Environment:
    """The templates by name: ``article``, ``divs``, ``breaks``, ``front``, ``rss``, ``sitemap``."""

    made = Environment(
        loader=DictLoader(
            {
                "layout": LAYOUT, "article": ARTICLE, "divs": DIVS, "breaks": BREAKS,
                "front": FRONT, "rss": RSS, "sitemap": SITEMAP,
            }
        ),
        autoescape=select_autoescape(default=True, default_for_string=True),
    )  # fmt: skip
    made.filters["rfc822"] = format_datetime
    return made
