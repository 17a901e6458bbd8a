"""Source lines as partners write them, and what only looks like one, each with the verdict it must get.

In the templates ``{url}`` is the bulletin's address, ``{bare}`` the same without its scheme, ``{home}`` our front page,
``{quoted}`` the address as a parameter, ``{other}`` another bulletin of ours.
"""

from dataclasses import dataclass, fields, replace
from urllib.parse import quote

from benchmarks.corpus.bulletins import HOST, NAME, NAMES, Bulletin
from benchmarks.corpus.styles import Article

END, ELSEWHERE, HOME = "linked_at_end", "linked_elsewhere", "home_page_only"
LETTERS, NAMED, OTHER, NOTHING = "url_text_only", "named_only", "named_other_source", "none"
_A = '<a href="{url}">'
LONG, CITY, OFFICE = NAMES[1], NAMES[2], NAMES[3]


@dataclass(frozen=True)
class Source:
    """One layout. ``expected``: the verdict; ``named``: our name that must be found, "" for any or none."""

    name: str
    expected: str
    tail: str = ""
    byline: str = ""
    after: str = ""
    head: str = ""
    comments: str = ""
    footer: str = ""
    first: str = ""  # put before the first paragraph's words
    last: str = ""  # put behind the last paragraph's words
    named: str = ""

    def on(self, article: Article, bulletin: Bulletin) -> Article:
        """The article with this source on it."""
        values = {
            "url": bulletin.url, "bare": bulletin.url.removeprefix("https://"), "home": f"https://{HOST}/",
            "quoted": quote(bulletin.url, safe=""), "other": f"https://{HOST}/bulletins/khac-9",
        }  # fmt: skip

        def filled(text: str) -> str:
            for key, value in values.items():
                text = text.replace("{" + key + "}", value)
            return text

        body = list(article.body)
        body[0] = filled(self.first) + body[0]
        body[-1] = body[-1] + filled(self.last)
        places = {field.name: filled(getattr(self, field.name)) for field in fields(self)}
        shared = ("tail", "byline", "after", "head", "comments", "footer")
        return replace(article, body=body, **{place: getattr(article, place) + places[place] for place in shared})


SOURCES = (
    # A link to the bulletin behind the text.
    Source("theo, linked", END, f"<p>Theo {_A}{NAME}</a></p>", named=NAME),
    Source("theo, right-aligned", END, f'<p style="text-align:right"><strong>Theo {_A}{NAME}</a></strong></p>', named=NAME),
    Source("nguồn, linked", END, f"<p><em>Nguồn: {_A}{LONG}</a></em></p>", named=LONG),
    Source("source box", END, f'<div class="source">Nguồn: {_A}{NAME}</a></div>', named=NAME),
    Source("tag list", END, f'<ul class="tags"><li>Từ khóa: y tế</li><li>Nguồn: {_A}{NAME}</a></li></ul>', named=NAME),
    Source("author box with source words", END, f'<div class="author-info"><span>Minh Mẫu</span> - theo {_A}{NAME}</a></div>', named=NAME),
    Source("link around a word", END, f"<p>Xem bản gốc {_A}tại đây</a>.</p>"),
    Source("bài gốc", END, f"<p>Link bài gốc: {_A}{{url}}</a></p>"),
    Source("inside the last paragraph", END, last=f" (Theo {_A}{NAME}</a>)", named=NAME),
    Source("www and http", END, f'<p>Theo <a href="http://www.{{bare}}">{NAME}</a></p>', named=NAME),
    Source("tracking parameters", END, f'<p>Theo <a href="{{url}}?utm_source=tinvui&zarsrc=30#top">{NAME}</a></p>', named=NAME),
    Source("slash at the end", END, f'<p>Nguồn: <a href="{{url}}/">{NAME}</a></p>', named=NAME),
    Source("nofollow in a new window", END, f'<p>Nguồn: <a rel="nofollow noopener" target="_blank" href="{{url}}">{NAME}</a></p>'),
    Source("through a redirector", END, f'<p>Nguồn: <a href="/out?url={{quoted}}">{NAME}</a></p>', named=NAME),
    Source("another site's redirector", END, '<p>Nguồn: <a href="https://chuyen.example/l.php?u={quoted}&h=1">đây</a></p>'),
    Source("below the container", END, after=f'<div class="nguon-tin">Theo {_A}{NAME}</a></div>', named=NAME),
    Source(
        "behind the tags", END,
        f'<div class="tags"><a href="/tag/1">thời sự</a> <a href="/tag/2">đời sống</a></div><p>Nguồn: {_A}{NAME}</a></p>',
    ),
    Source("behind a share bar", END, f'<div class="share"><a href="#">Thích</a><a href="#">Chia sẻ</a></div><p>Theo {_A}{NAME}</a></p>'),
    Source("behind a related box", END, f'<div class="related"><h4>Xem thêm</h4><a href="/x">Tin khác</a></div><p>Theo {_A}{NAME}</a></p>'),
    Source("cite element", END, f"<blockquote><cite>{_A}{NAME}</a></cite></blockquote>", named=NAME),
    Source("protocol-relative", END, f'<p>Nguồn: <a href="//{{bare}}">{NAME}</a></p>'),
    Source("linked at the end and named above", END, f"<p>{_A}Xem thêm</a></p>", byline=f'<p class="author">{NAME}</p>', named=NAME),
    Source("another named, ours linked", END, f"<p>Theo Báo Chiều Tối ({_A}bản gốc</a>)</p>"),
    # A link to it in another place.
    Source("in the lead", ELSEWHERE, first=f"(Theo {_A}{NAME}</a>) "),
    Source("byline, linked", ELSEWHERE, byline=f'<p class="author">Theo {_A}{NAME}</a></p>'),
    Source("rel=canonical", ELSEWHERE, head='<link rel="canonical" href="{url}">'),
    Source("JSON-LD isBasedOn", ELSEWHERE, head='<script type="application/ld+json">{"@type":"NewsArticle","isBasedOn":"{url}"}</script>'),
    Source("meta original-source", ELSEWHERE, head='<meta name="original-source" content="{url}">'),
    # Our site and not the bulletin.
    Source("home page", HOME, f'<p>Nguồn: <a href="{{home}}">{NAME}</a></p>', named=NAME),
    Source("home page with www", HOME, f'<p>Theo <a href="https://www.{HOST}">{NAME}</a></p>', named=NAME),
    Source("another bulletin of ours", HOME, f'<p>Theo <a href="{{other}}">{NAME}</a></p>', named=NAME),
    Source("home page below the container", HOME, after=f'<p class="source"><a href="{{home}}">{LONG}</a></p>', named=LONG),
    # Its address, not to follow.
    Source("copy box", LETTERS, '<div class="copy-box">Link bài gốc <input value="{url}"> <button>Lấy link!</button></div>'),
    Source("copy box, readonly textarea", LETTERS, "<div>Lấy link bài gốc<textarea readonly>{url}</textarea></div>"),
    Source("data attribute", LETTERS, f'<div>Theo {NAME} <button data-clipboard-text="{{url}}">Lấy link!</button></div>', named=NAME),
    Source("another data attribute", LETTERS, f'<p>Theo {NAME} <span class="btn-copy" data-url="{{url}}">Copy link</span></p>'),
    Source("plain address", LETTERS, "<p>Nguồn: {url}</p>"),
    Source("plain address without scheme", LETTERS, "<p>Nguồn: {bare}</p>"),
    Source("address in code", LETTERS, f"<p>Theo {NAME}: <code>{{url}}</code></p>", named=NAME),
    Source("address in brackets", LETTERS, last=" (Nguồn: {url})."),
    # Our name and no address.
    Source("theo", NAMED, f"<p>Theo {NAME}</p>", named=NAME),
    Source("theo, in brackets", NAMED, f'<p class="author">(Theo {NAME})</p>', named=NAME),
    Source("nguồn", NAMED, f"<p>Nguồn: {LONG}</p>", named=LONG),
    Source("nguồn tin, capitals", NAMED, f"<p><b>NGUỒN TIN: {LONG.upper()}</b></p>", named=LONG),
    Source("the other spelling", NAMED, f"<p>Nguồn: {CITY}</p>", named=CITY),
    Source("author and outlet", NAMED, f"<p>Minh Mẫu/{NAME}</p>", named=NAME),
    Source("author and outlet in brackets", NAMED, f"<p>Minh Mẫu ({OFFICE})</p>", named=OFFICE),
    Source("a dash between", NAMED, f"<p>Minh Mẫu - {NAME}</p>", named=NAME),
    Source("put together from two", NAMED, f"<p>Minh Mẫu (tổng hợp theo Báo Chiều Tối, {NAME})</p>", named=NAME),
    Source("two sources", NAMED, f"<p>Nguồn: Báo Chiều Tối, {NAME}</p>", named=NAME),
    Source("name alone", NAMED, f'<p align="right"><strong>{NAME}</strong></p>', named=NAME),
    Source("name in the byline", NAMED, byline=f'<div class="meta"><span class="author">{NAME}</span> | Thời sự</div>', named=NAME),
    Source("theo in the byline", NAMED, byline=f"<p>Theo {NAME}</p>", named=NAME),
    Source("source label apart", NAMED, f"<p><span>Nguồn</span> <span>{NAME}</span></p>", named=NAME),
    Source("label on its own line", NAMED, f"<div><p>Nguồn:</p><p>{NAME}</p></div>", named=NAME),
    Source("at the end of the text", NAMED, last=f" Theo {NAME}.", named=NAME),
    Source("at the end of the text, in brackets", NAMED, last=f" (Theo {NAME})", named=NAME),
    Source("before the first words", NAMED, first=f"(Theo {NAME}) - ", named=NAME),
    Source("a long explanation", NAMED, f"<p>Bài viết được đăng lại từ {LONG} theo thỏa thuận giữa hai bên.</p>", named=LONG),
    Source("our host", NAMED, f"<p>Nguồn: {HOST}</p>"),
    Source("with the date", NAMED, f"<p>Nguồn: {NAME} | 24/11/2026 07:30</p>", named=NAME),
    Source("trích dẫn", NAMED, f"<p>Trích dẫn từ: {NAME}</p>", named=NAME),
    Source("dẫn theo", NAMED, f"<p>Dẫn theo {NAME}</p>", named=NAME),
    Source("without marks", NAMED, "<p>Nguon: Cong TTDT Thu Do</p>", named=NAME),
    Source("JSON-LD sourceOrganization", NAMED, head=f'<script type="application/ld+json">{{"@type":"NewsArticle","sourceOrganization":{{"@type":"Organization","name":"{NAME}"}}}}</script>'),
    Source("other's link beside our name", NAMED, f'<p>Nguồn: <a href="https://baochieu.example/1">{NAME}</a></p>', named=NAME),
    Source("photo credit and source", NAMED, f"<p>Ảnh: Minh Mẫu</p><p>Nguồn: {NAME}</p>", named=NAME),
    # Another's name.
    Source("another, theo", OTHER, "<p>Theo Báo Chiều Tối</p>"),
    Source("another, nguồn", OTHER, "<p>Nguồn: Chiều Tối Online</p>"),
    Source("another, linked", OTHER, '<p>Theo <a href="https://baochieu.example/1">Báo Chiều Tối</a></p>'),
    Source("another, by outlet", OTHER, "<p>Minh Mẫu/CTO</p>"),
    Source("a longer name than ours", OTHER, f"<p>Theo {NAME} Mới</p>"),
    Source("another's host", OTHER, "<p>(Nguồn: chieutoi.example.vn)</p>"),
    # Nobody's.
    Source("nothing", NOTHING),
    Source("photo credit", NOTHING, f"<figure><img src=a.jpg><figcaption>Ảnh: {NAME}</figcaption></figure>"),
    Source("photo source", NOTHING, f'<p class="caption">Nguồn ảnh: {NAME}</p>'),
    Source("photo credit in brackets", NOTHING, f"<figure><img src=a.jpg><figcaption>Khu phố hôm qua (Ảnh: {NAME})</figcaption></figure>"),
    Source("a speaker", NOTHING, "<p>Theo ông Trần Văn Mẫu, mọi việc sẽ xong trước Tết.</p>"),
    Source("a report", NOTHING, "<p>Theo báo cáo của quận, không có thiệt hại về người.</p>"),
    Source("we act in the text", NOTHING, f"<p>Người dân có thể gọi tới {NAME} để được hướng dẫn thêm trong giờ hành chính.</p>"),
    Source("our name in the footer", NOTHING, footer=f"<p>Theo {NAME}</p>"),
    Source("link in the comments", NOTHING, comments=f"<p>Đọc ở {_A}đây</a> nhé</p>"),
    Source("hidden link", NOTHING, f'<div style="display:none">Theo {_A}{NAME}</a></div>'),
    Source("author box", NOTHING, f'<div class="author-info"><span>Minh Mẫu</span> - {_A}{NAME}</a></div>'),
    Source("related box only", NOTHING, '<div class="tin-lien-quan"><a href="{url}">Bản tin của thành phố</a></div>'),
    Source("link in the footer", NOTHING, footer=f"<p>{_A}Bản tin</a></p>"),
    Source("follow us", NOTHING, "<p>Theo dõi Tin Vui trên mạng xã hội</p>"),
    Source("author alone", NOTHING, '<p class="author"><strong>Minh Mẫu</strong></p>'),
    Source("our name in another's headline", NOTHING, f'<div class="tin-lien-quan"><a href="/x">{NAME} ra mắt giao diện mới</a></div>'),
)  # fmt: skip
