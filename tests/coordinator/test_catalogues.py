"""The catalogues: every message of the code has English, with the same values in it."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from coordinator import catalogues

# Left out of every page by the list of words: each has one plain word of the trade in its place.
FORBIDDEN = re.compile(
    r"\b(bản sửa|đến lượt$|cần người(?! (?:duyệt )?khác)|dấu vân tay(?! văn bản)|(?<!sao )chép|thôi (dùng|nhận|gửi|xem)"
    r"|giờ yên lặng|nếu thì|trễ giữa|độ trễ|luật đếm|vì sao ngờ|đời của|bài lan tỏa"
    r"|(?<!phiên )(?<!văn )bản %\((?:number|version|old|now)\)s|(?<!mô )ta|họ(?! (và )?tên)|bên bạn)\b",
    re.IGNORECASE,
)
# A number that may be one stands before no plural: "1 days". Limits and thresholds are never one.
COUNTED_NOUN = re.compile(
    r"(?<!of )(?<!first )(?<!last )(?<!next )(?<!every )"
    r"%\((?!most\b|limit\b|gap\b|width\b|height\b|least\b|points\b|size\b)\w+\)s (?:[a-z-]+ )?"
    r"(?:addresses|articles|attempts|bulletins|cases|channels|characters|companies|copies|days|deliveries|entries"
    r"|failures|fields|figures|files|findings|hours|keys|licences|lines|messages|minutes|networks|notices|pages"
    r"|partners|people|pictures|places|posts|questions|recipients|reports|republications|results|rows|scans|seconds"
    r"|sites|sources|steps|times|topics|views|weeks|words|years)\b"
)
NEVER_ONE = {
    "%(count)s đối tác từng đăng lại nay im lặng %(days)s ngày, trước đó mang %(weekly)s lượt mỗi tuần",
    "Tệp PDF phải có từ 1 đến %(count)s trang.",
    "chưa đủ %(count)s bài để tính tỷ lệ",
}
BARE_PERCENT = re.compile(r"%(?!\(\w+\)s)")  # a page with one that its message has not is a 500
VALUES = re.compile(r"%\(\w+\)s|(?<!\{)\{\w*\}(?!\})")


def english() -> Catalog:
    with catalogues.ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def messages(catalog: Catalog) -> dict[tuple[str | None, str], Message]:
    return {
        (message.context, message.id if isinstance(message.id, str) else message.id[0]): message
        for message in catalog
        if message.id
    }


@pytest.fixture(scope="module")
def collected() -> Catalog:
    """The messages of the code; to find them takes seconds."""
    return catalogues.collect()


def test_every_message_of_the_code_has_english(collected: Catalog) -> None:
    assert set(messages(collected)) - set(messages(english())) == set()
    assert catalogues.without_english(english()) == []


def test_no_message_is_inside_an_f_string() -> None:
    """On Python 3.11 an f-string is one token, so that Babel finds no message in it."""
    inside = [
        f"{file.name}:{call.lineno}"
        for file in catalogues.CATALOGUES.parent.rglob("*.py")
        for text in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in catalogues.KEYWORDS
        and any(isinstance(argument, ast.Constant) for argument in call.args)
    ]
    assert inside == []


def test_no_english_message_is_left_over(collected: Catalog) -> None:
    assert set(messages(english())) - set(messages(collected)) == set()


def test_the_english_has_the_values_of_its_message() -> None:
    for one in messages(english()).values():
        ids, strings = (
            ([one.id], [one.string]) if isinstance(one.id, str) else (list(one.id), [str(text) for text in one.string])
        )
        for message, text in zip(ids, strings, strict=True):
            assert sorted(VALUES.findall(message)) == sorted(VALUES.findall(str(text))), message
            assert sorted(BARE_PERCENT.findall(message)) == sorted(BARE_PERCENT.findall(str(text))), message


def test_a_message_with_a_plural_has_two_english_forms() -> None:
    """One without is a sentence for any number, for ``_``."""
    with catalogues.ENGLISH.open("rb") as file:
        english = read_po(file, locale="en")
    assert [entry.id for entry in english if isinstance(entry.string, tuple) and len(set(entry.string)) < 2] == []


def test_no_number_stands_before_a_plural_in_a_message_without_one() -> None:
    singular = {entry.id: str(entry.string) for entry in messages(english()).values() if isinstance(entry.id, str)}
    found = {message: text for message, text in singular.items() if COUNTED_NOUN.search(text)}
    assert set(found) - NEVER_ONE == set()


def test_pages_and_guides_use_the_words_of_the_trade(collected: Catalog) -> None:
    package = catalogues.CATALOGUES.parent
    texts = {message: message for _context, message in messages(collected)}
    for folder in (package / "web" / "help" / "vi", package.parent / "docs" / "vi"):
        texts |= {str(path): path.read_text("utf-8") for path in sorted(folder.rglob("*.md"))}
    found = {name: match[0] for name, text in texts.items() if (match := FORBIDDEN.search(text))}
    assert found == {}


def test_a_fuzzy_message_counts_as_one_without_english() -> None:
    catalog = Catalog(locale="en")
    catalog.add("một", "one")
    catalog.add("hai", "two", flags=["fuzzy"])
    assert catalogues.without_english(catalog) == ["hai"]


def test_a_second_update_of_the_catalogue_changes_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "messages.po"
    copy.write_bytes(catalogues.ENGLISH.read_bytes())
    catalogues.update(copy)
    first = copy.read_bytes()
    catalogues.update(copy)
    assert copy.read_bytes() == first


def test_every_panel_before_an_act_says_its_condition_in_the_same_words() -> None:
    titles = [
        title
        for page in sorted((Path(catalogues.__file__).parent / "web/templates").rglob("*.html"))
        for title in re.findall(r'(?:confirm\(|<h2 id="he-qua">\{\{ )_\("((?:Nếu|Khi) [^"]+)"', page.read_text("utf-8"))
    ]
    assert len(titles) > 15
    assert [title for title in titles if not title.startswith("Nếu bạn ")] == []
