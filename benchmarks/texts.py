"""Made-up bulletins and pages: words that occur in officialese, in an order that no two bulletins share."""

import random
from importlib.resources import files

SAMPLES = ("tiem-soi.md", "binh-on-gia.md", "phan-luong.md", "dien-tap.md", "loang-quang.md")


def vocabulary() -> list[str]:
    """Every word of the demo's texts, as often as it stands there."""
    folder = files("coordinator.demo") / "sample"
    return [word for name in SAMPLES for word in (folder / name).read_text(encoding="utf-8").split()]


def bulletin(seed: int, words: list[str], length: int = 400) -> tuple[str, str, str]:
    """Title, lead and body of bulletin number ``seed``: ``length`` words in paragraphs of sixty."""
    chance = random.Random(seed)  # made-up text, not a secret
    drawn = [chance.choice(words) for _ in range(length + 40)]
    body = drawn[40:]
    paragraphs = [" ".join(body[start : start + 60]) for start in range(0, len(body), 60)]
    return " ".join(drawn[:12]), " ".join(drawn[12:40]), "\n\n".join(paragraphs)


def page(
    title: str, lead: str, body: str, link: str | None, others: list[tuple[str, str]], script: int = 60_000
) -> str:
    """A partner's page of the size of real ones: the article, other headlines around it, menus, tags, and scripts.

    ``link``: the bulletin's address for the source line of a copy; None for a text that is not ours. ``script``: bytes.
    """
    related = "".join(
        f'<li><a href="/bai-{number}" title="{head}"><img src="/anh/{number}.jpg" alt="{head}"><h3>{head}</h3></a>'
        f"<p>{text}</p><span>{number % 24}:05</span></li>"
        for number, (head, text) in enumerate(others)
    )
    paragraphs = "".join(f"<p>{part}</p>" for part in body.split("\n\n"))
    menu = "".join(
        f'<li class="muc"><a href="/muc-{number}"><span>Mục {number}</span></a><ul>'
        + "".join(f'<li><a href="/muc-{number}/{inner}">Mục con {inner}</a></li>' for inner in range(6))
        + "</ul></li>"
        for number in range(40)
    )
    code = "var a=[" + ",".join(str(number * 7919 % 10_007) for number in range(script // 5)) + "];"
    source = f'<p>Theo <a href="{link}">Sở Thông tin thành phố</a></p>' if link else "<p>Phóng viên</p>"
    return (
        f"<!doctype html><html lang=vi><head><meta charset=utf-8><title>{title}</title><script>{code}</script></head>"
        f"<body><nav><ul>{menu}</ul></nav><article><h1>{title}</h1><p class=sapo>{lead}</p>{paragraphs}{source}"
        f"</article><aside><ul>{related}</ul></aside><footer><p>Liên hệ tòa soạn</p></footer></body></html>"
    )
