"""PDF files handed in as proof, made anew from their pages: no scripts, no files inside, nothing that acts.

What would act or hide something is refused in words rather than removed in silence, so that the person knows what they
were about to keep; notes, links, forms and metadata are left behind. Run it through ``inspecting``.
"""

import io
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pikepdf

from coordinator.imports.clean import Clean, Refused

Found = TypeVar("Found")

MOST_PAGES = 50
MOST_PAGES_AS_IT_IS = 300  # an agreement with all its annexes
DEEPEST = 60  # levels of nested values in one object; honest files have fewer than ten

# Keys and action types of ISO 32000 that run something, reach out, or carry another file.
KEYS = {
    "/JS": "scripts",
    "/JavaScript": "scripts",
    "/EF": "embedded",
    "/EmbeddedFiles": "embedded",
    "/RichMediaContent": "embedded",
    "/XFA": "scripts",
}
TYPES = {"/EmbeddedFile": "embedded", "/Filespec": "", "/JavaScript": "scripts"}
ACTIONS = {
    "/JavaScript": "scripts",
    "/Launch": "launch",
    "/ImportData": "launch",
    "/SubmitForm": "launch",
    "/GoToE": "embedded",
    "/Rendition": "launch",
    "/RichMediaExecute": "launch",
}
WORDS = {
    "scripts": "the file holds scripts",
    "embedded": "the file holds other files",
    "launch": "the file starts programs or sends data",
}
# What a page keeps besides what is drawn on it.
LEFT_BEHIND = ("/Annots", "/AA", "/Metadata", "/PieceInfo", "/StructParents", "/B", "/PZ", "/Thumb", "/LastModified")


def is_paper(body: bytes) -> bool:
    """Whether it begins as a PDF file does; nothing may stand before that."""
    return body.startswith(b"%PDF-")


def clean_paper(body: bytes) -> Clean:
    """A new file of the same pages. Raises ``Refused``."""
    return _opened(body, _made_anew)


def checked_paper(body: bytes) -> Clean:
    """The file as it came, for papers whose very bytes count, as those of one signed with a certificate do.

    What acts or hides something is refused all the same; it is to be handed out as a file only. Raises ``Refused``.
    """
    return Clean("pdf", str(_opened(body, _pages_without_acts)), body)


def _opened(body: bytes, look: Callable[[pikepdf.Pdf], Found]) -> Found:
    try:
        with pikepdf.open(io.BytesIO(body), attempt_recovery=False) as opened:
            if opened.is_encrypted:
                raise Refused("encrypted", "the file is locked with a password")
            return look(opened)
    except pikepdf.PasswordError as error:
        raise Refused("encrypted", "the file is locked with a password") from error
    except (pikepdf.PdfError, ValueError, TypeError, LookupError, RuntimeError, OverflowError) as error:
        # qpdf's own errors, and Python's where a value is not of the kind that the standard says.
        raise Refused("unreadable", "the file is damaged, cut off or no PDF") from error


def _pages_without_acts(opened: pikepdf.Pdf) -> int:
    count = _counted(opened, MOST_PAGES_AS_IT_IS)
    _refuse_what_acts(opened)
    return count


def _counted(opened: pikepdf.Pdf, most: int) -> int:
    count = len(opened.pages)
    if not 0 < count <= most:
        raise Refused("too_many_pages", f"{count} pages; from 1 to {most} are taken")
    return count


def _made_anew(opened: pikepdf.Pdf) -> Clean:
    count = _counted(opened, MOST_PAGES)
    _refuse_what_acts(opened)
    with pikepdf.new() as bare:
        bare.pages.extend(opened.pages)
        for page in bare.pages:
            for name in LEFT_BEHIND:
                if name in page.obj:
                    del page.obj[name]
        bare.remove_unreferenced_resources()
        _refuse_what_acts(bare)
        out = io.BytesIO()
        bare.save(out, deterministic_id=True)
    return Clean("pdf", str(count), out.getvalue())


def _refuse_what_acts(pdf: pikepdf.Pdf) -> None:
    for found in pdf.objects:
        for one in _dictionaries(found, 0):
            for key in one.keys():  # noqa: SIM118  # pikepdf's dictionaries are iterated over by keys() alone
                if code := KEYS.get(key, ""):
                    raise Refused(code, WORDS[code])
            for name, table in (("/S", ACTIONS), ("/Type", TYPES)):
                if code := table.get(str(one.get(name, "")), ""):
                    raise Refused(code, WORDS[code])


def _dictionaries(value: Any, depth: int) -> Iterator[Any]:
    """The dictionaries that lie directly in an object; those it only refers to are objects of their own."""
    if depth > DEEPEST:
        raise Refused("unreadable", "the file nests its values too deeply")
    if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        yield value
        inner: Any = [value.get(key) for key in value.keys()]  # noqa: SIM118  # see above
    elif isinstance(value, pikepdf.Array):
        inner = list(value)
    else:
        return
    for one in inner:
        if isinstance(one, pikepdf.Object) and not one.is_indirect:
            yield from _dictionaries(one, depth + 1)
