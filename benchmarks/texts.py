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


def page(title: str, lead: str, body: str, link: str, others: list[tuple[str, str]], filler: int = 40_000) -> str:
    """A partner's page: the copy, twenty other headlines around it, menus, and scripts as large as real ones."""
    related = "".join(
        f'<li><a href="/{number}">{head}</a><p>{text}</p></li>' for number, (head, text) in enumerate(others)
    )
    paragraphs = "".join(f"<p>{part}</p>" for part in body.split("\n\n"))
    menu = "".join(f'<li><a href="/muc-{number}">Mục {number}</a></li>' for number in range(60))
    script = "var a=[" + ",".join(str(number * 7919 % 10_007) for number in range(filler // 6)) + "];"
    return (
        f"<!doctype html><html lang=vi><head><meta charset=utf-8><title>{title}</title><script>{script}</script></head>"
        f"<body><nav><ul>{menu}</ul></nav><article><h1>{title}</h1><p class=sapo>{lead}</p>{paragraphs}"
        f'<p>Theo <a href="{link}">Sở Thông tin thành phố</a></p></article><aside><ul>{related}</ul></aside>'
        f"<footer><p>Liên hệ tòa soạn</p></footer></body></html>"
    )
