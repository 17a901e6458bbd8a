"""SANDBOX, not Zalo: the few pages people see of it. They look like nobody's product and say so."""

_TOP = """<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>SANDBOX – not Zalo</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1rem;color:#1c1c1c}
.label{background:#8a1c1c;color:#fff;padding:.5rem 1rem;font-weight:600}
li{margin:.75rem 0} time,.counts{color:#555} button{font:inherit;padding:.5rem 1rem}</style>
<p class="label">SANDBOX – not Zalo · môi trường thử, không kết nối tới Zalo</p>
"""

PERMISSION_PAGE = (
    _TOP
    + """<h1>Cấp quyền cho ứng dụng {{ query.app_id }}</h1>
<p>Ứng dụng sẽ được đăng, sửa và gỡ bài viết của <b>{{ account.name }}</b> ({{ account.oa_id }}).</p>
<form method="post">
<input type="hidden" name="redirect_uri" value="{{ query.redirect_uri }}">
<input type="hidden" name="code_challenge" value="{{ query.code_challenge }}">
<input type="hidden" name="state" value="{{ query.state }}">
<button>Đồng ý</button></form>"""
)

LIST_PAGE = (
    _TOP
    + """<h1>{{ account.name }}</h1><p>{{ articles|length }} bài viết</p><ol>
{% for article in articles %}<li><a href="/d/{{ article.id }}">{{ article.content.title }}</a>
<div>{{ article.content.description }}</div>
<span class="counts">{{ article.views }} lượt xem · {{ article.shares }} lượt chia sẻ</span></li>
{% else %}<li>Chưa có bài viết nào.</li>{% endfor %}</ol>"""
)

# Paragraphs reach Zalo escaped, so they are shown as they stand; the sandbox only ever shows what this product sent.
ARTICLE_PAGE = (
    _TOP
    + """<p><a href="/">{{ account.name }}</a></p><h1>{{ article.content.title }}</h1>
<p>{{ article.content.author }}</p><p><b>{{ article.content.description }}</b></p>
{% for item in article.content.body %}<p>{{ item.content|striptags }}</p>{% endfor %}"""
)
