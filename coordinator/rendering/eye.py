"""What a reader sees of a page whose scripts stand still: words by their ink, frame by frame, window by window."""

import base64
import io
import random
import time
from dataclasses import dataclass
from importlib.resources import files
from secrets import token_hex
from typing import Any

import numpy as np
from PIL import Image

from coordinator.rendering import ink
from coordinator.rendering.devtools import BrowserGone, DevTools, DevToolsError, Values

MAX_FRAMES = 10
MAX_STEPS = 40  # windows that are measured of one page, at a time
_LEAST_FRAME = 120  # pixels; a smaller frame holds no article
_MOST_ELEMENTS = 20_000  # with more, closed shadow roots are not looked for; what is in them is then not read
_CLASSES = 6  # words one upon another that are told apart
_PLAIN, _CLIPPED = 1, 2  # the two ways in which letters are painted
_ROUNDS = 3  # pairs of pictures more where something moves beside a word
_STIRRING = 30  # pixels beside words that change while only words are taken away
_NEAR = 20  # pixels of the page around a word in which something that moves makes it doubtful


@dataclass
class _Document:
    """One document of the page. ``owner``: its frame's element in the world of the document above; None of the page."""

    frame: str
    world: int
    api: str
    above: "_Document | None" = None
    owner: str | None = None


@dataclass
class _Place:
    """Where a document's window is in the picture: pixel = (position - left) × scale + dx, clipped to the area."""

    dx: float
    dy: float
    scale: float
    area: tuple[float, float, float, float]


@dataclass
class _Word:
    document: int
    number: int
    kind: int
    text: int  # the text node that it is in
    boxes: list[list[float]]


class Eye:
    """The page of one session. ``scale``: pixels of a picture for one of the page."""

    def __init__(self, tools: DevTools, frame: str, scale: int) -> None:
        """``frame``: the id of the page's frame."""
        self._tools = tools
        self._frame = frame
        self._scale = scale
        self._mark = "m" + token_hex(8)
        self._script = files("coordinator.rendering").joinpath("eye.js").read_text("utf-8")
        self._documents: dict[str, _Document] = {}

    # Worlds

    def _open(self, frame: str) -> _Document:
        """The world of a frame's document; made where there is none, or the document is a new one."""
        known = self._documents.get(frame)
        if known is not None:
            try:
                self._tools.call("Runtime.callFunctionOn", functionDeclaration="function() {}", objectId=known.api)
                return known
            except BrowserGone:
                raise
            except DevToolsError:
                del self._documents[frame]
        world = int(self._tools.call("Page.createIsolatedWorld", frameId=frame, worldName="")["executionContextId"])
        made = self._tools.call(
            "Runtime.evaluate", expression=f"{self._script}\n({json_text(self._mark)})", contextId=world
        )
        if "exceptionDetails" in made:
            raise DevToolsError(str(made["exceptionDetails"])[:300])
        document = _Document(frame, world, str(made["result"]["objectId"]))
        self._documents[frame] = document
        return document

    def _ask(self, document: _Document, method: str, *values: Any, objects: list[str] | None = None) -> Any:
        """Call a method of the document's script. ``objects``: ids of objects, as one list before the values."""
        arguments: list[Values] = [{"value": value} for value in values]
        declaration = f"function(...given) {{ return this.{method}(...given) }}"
        if objects is not None:
            arguments = [*({"objectId": ident} for ident in objects), *arguments]
            count = len(objects)
            call = f"this.{method}(given.slice(0, {count}), ...given.slice({count}))"
            declaration = f"function(...given) {{ return {call} }}"
        answer = self._tools.call(
            "Runtime.callFunctionOn", functionDeclaration=declaration, objectId=document.api, arguments=arguments,
            returnByValue=True,
        )  # fmt: skip
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise DevToolsError(f"{method}: {details.get('exception', {}).get('description', details)}"[:500])
        return answer["result"].get("value")

    @property
    def _page(self) -> _Document:
        return self._open(self._frame)

    def _frames(self) -> list[_Document]:
        """The page's document and those of its larger frames, from outside to inside."""
        found = [self._page]

        def add(tree: Values, above: _Document) -> None:
            for child in tree.get("childFrames", []):
                if len(found) > MAX_FRAMES:
                    return
                try:
                    document = self._open(child["frame"]["id"])
                    owner = self._tools.call("DOM.getFrameOwner", frameId=document.frame)["backendNodeId"]
                    element = self._tools.call("DOM.resolveNode", backendNodeId=owner, executionContextId=above.world)
                    document.above, document.owner = above, str(element["object"]["objectId"])
                    box = self._frame_box(document)
                except BrowserGone:
                    raise
                except DevToolsError:
                    continue  # a frame that was not loaded, or went away
                if box["width"] >= _LEAST_FRAME and box["height"] >= _LEAST_FRAME:
                    found.append(document)
                    add(child, document)

        add(self._tools.call("Page.getFrameTree")["frameTree"], found[0])
        return found

    def _frame_box(self, document: _Document) -> Values:
        box: Values = self._tools.call(
            "Runtime.callFunctionOn", functionDeclaration="function(frame) { return this.frameBox(frame) }",
            objectId=document.above.api if document.above else "", returnByValue=True,
            arguments=[{"objectId": document.owner}],
        )["result"]["value"]  # fmt: skip
        return box

    # Before it is measured

    def scroll_on(self) -> bool:
        """Scroll the page down by most of a window; False at its end."""
        return bool(self._page_call("scrollOn", False))

    def to_top(self) -> None:
        """Scroll the page to its top."""
        self._page_call("top", None)

    def _page_call(self, method: str, without: Any, *values: Any) -> Any:
        """A call while the page's scripts run: its document may be replaced meanwhile."""
        try:
            return self._ask(self._page, method, *values)
        except BrowserGone:
            raise
        except DevToolsError:
            return without

    def pause(self) -> None:
        """Let the page's scripts stop at a breakpoint; ``Debugger.paused`` says when they do."""
        self._tools.post("Runtime.evaluate", expression="debugger", contextId=self._page.world)

    # While the page stands still

    def begin(self) -> None:
        """Find the words of all documents and stop what moves in them."""
        self._all = self._frames()
        for document in self._all:
            self._ask(document, "still", objects=self._closed_roots(document))

    def end(self) -> None:
        """Take back what ``begin`` did, before the page's scripts go on."""
        for document in self._all:
            self._ask(document, "moving")

    def _closed_roots(self, document: _Document) -> list[str]:
        """Objects of the closed shadow roots of the page's own document and of frames of its origin."""
        if document.above is not None or self._ask(document, "size")[0] > _MOST_ELEMENTS:
            return []
        found: list[str] = []
        stack = [self._tools.call("DOM.getDocument", depth=-1, pierce=True)["root"]]
        while stack:
            node = stack.pop()
            for root in node.get("shadowRoots", []):
                if root.get("shadowRootType") == "closed":
                    made = self._tools.call(
                        "DOM.resolveNode", backendNodeId=root["backendNodeId"], executionContextId=document.world
                    )
                    found.append(str(made["object"]["objectId"]))
                if root.get("shadowRootType") != "user-agent":
                    stack.append(root)
            stack.extend(node.get("children", []))
        return found

    def measure(self, ends: float) -> None:
        """Measure window by window, scrolled to each word that may be seen and was not yet. ``ends``:
        ``time.monotonic()`` value."""
        steps = 0
        for document in self._all:
            while steps < MAX_STEPS and time.monotonic() < ends:
                steps += 1
                if not self._ask(document, "next"):
                    break
                if document.above is not None:
                    self._bring_frame(document)
                self.measure_window()

    def _bring_frame(self, document: _Document) -> None:
        if document.owner is not None:
            self._tools.call(
                "Runtime.callFunctionOn", objectId=document.owner,
                functionDeclaration='function() { this.scrollIntoView({block: "center", behavior: "instant"}) }',
            )  # fmt: skip

    def measure_window(self) -> None:
        """Measure the words and links that are in the window now."""
        places = {
            index: place for index in range(len(self._all)) if (place := self._place(self._all[index])) is not None
        }
        words: dict[tuple[int, int], _Word] = {}
        beside: list[list[float]] = []  # boxes of words that are not measured
        links: dict[int, list[list[float]]] = {}
        painted: list[list[float]] = []
        failed: dict[int, list[int]] = {}
        for index, place in places.items():
            found = self._ask(self._all[index], "inView", *([self._area_of(place)] if self._all[index].above else []))
            for number, kind, seen, text, *box in found["boxes"]:
                scaled = self._in_picture(box, place)
                if seen or not kind:
                    beside.append(scaled)
                    if not seen:
                        failed.setdefault(index, []).append(number)
                else:
                    word = words.setdefault((index, number), _Word(index, number, kind, text, []))
                    word.boxes.append(scaled)
            painted += [self._in_picture(box, place) for box in found["painted"]]
            links[index] = [self._in_picture(box, place) for box in found["links"]]
        seen_words = self._seen(list(words.values()), beside, painted) if words else set()
        for index in places:
            of_this = [number for (document, number) in words if document == index]
            seen_here = [number for number in of_this if (index, number) in seen_words]
            self._ask(
                self._all[index], "note", seen_here, sorted(set(of_this) - set(seen_here)) + failed.get(index, []), []
            )
        if any(links.values()):
            self._note_pictures(links)

    def _seen(self, words: list[_Word], beside: list[list[float]], painted: list[list[float]]) -> set[tuple[int, int]]:
        """The words whose letters are seen, of those in the window. Raises as ``DevTools.call``."""
        boxes = np.array([box for word in words for box in word.boxes])
        owner = np.array([index for index, word in enumerate(words) for _ in word.boxes])
        texts = np.array([words[index].document * 1_000_000 + words[index].text for index in owner])
        classes = ink.classes_of(boxes, _CLASSES)
        kinds = np.array([words[index].kind for index in owner])
        # What is painted by an element is taken away with all that it paints: its words may lie upon no others.
        classes[(kinds == _CLIPPED) & ink.under_others(boxes, texts)] = -1
        groups = sorted(set(zip(classes.tolist(), kinds.tolist(), strict=True)) - {(-1, _PLAIN), (-1, _CLIPPED)})
        result = np.zeros(len(boxes), dtype=np.bool_)
        for number, kind in groups:
            chosen = np.nonzero((classes == number) & (kinds == kind))[0]
            # A word may have a box of each class; its letters are all taken away at once.
            taken = [words[index] for index in sorted(set(owner[chosen].tolist()))]
            result[chosen] = self._seen_by_pair(taken, kind, boxes[chosen], np.array(boxes.tolist() + beside), painted)
        unseen = {int(owner[at]) for at in np.nonzero(~result)[0]}
        return {(word.document, word.number) for index, word in enumerate(words) if index not in unseen}

    def _seen_by_pair(
        self, taken: list[_Word], kind: int, boxes: ink.Boxes, all_boxes: ink.Boxes, painted: list[list[float]]
    ) -> ink.Mask:
        """Which boxes show letters: their ink is in every pair of pictures with and without them.

        ``all_boxes``: of all words in the window; ``painted``: boxes that something else than the page's scripts may
        still paint."""
        shown = self._shot()
        without, after = self._pair(taken, kind)
        unsteady = ink.differing(shown, after)
        seen = ink.seen_boxes(shown, without, boxes, unsteady)
        # Only letters were taken away: what else differs moves by itself, and may look like letters.
        stirring = unsteady | (ink.differing(shown, without) & ~_filled(unsteady.shape, all_boxes, 2))
        if stirring.sum() < _STIRRING:
            stirring[:] = False
        stirring |= _filled(stirring.shape, np.array(painted).reshape(-1, 4), 0)
        near = _NEAR * self._scale
        doubtful = np.array([bool(_part(stirring, box, near).any()) for box in boxes]) & seen
        for _round in range(_ROUNDS if doubtful.any() else 0):
            time.sleep(random.uniform(0.01, 0.15))  # noqa: S311  # chance, no secret
            before = self._shot()
            without, after = self._pair(taken, kind)
            moving = ink.differing(before, after) | ink.differing(shown, before)
            seen &= ~doubtful | ink.seen_boxes(before, without, boxes, moving)
        return seen

    def _pair(self, taken: list[_Word], kind: int) -> tuple[ink.Picture, ink.Picture]:
        """A picture without these words' letters, and one with them again."""
        for index in sorted({word.document for word in taken}):
            numbers = [word.number for word in taken if word.document == index]
            self._ask(self._all[index], "hide", numbers, kind == _CLIPPED)
        without = self._shot()
        for index in sorted({word.document for word in taken}):
            self._ask(self._all[index], "hide", None, False)
        return without, self._shot()

    def _note_pictures(self, links: dict[int, list[list[float]]]) -> None:
        """Note the links and buttons without words whose picture is seen."""
        shown = self._shot()
        for index in links:
            self._ask(self._all[index], "hideLinks", True)
        without = self._shot()
        for index in links:
            self._ask(self._all[index], "hideLinks", False)
        changed = ink.differing(shown, without) & ~ink.differing(shown, self._shot())
        for index, boxes in links.items():
            seen = []
            for number, box in enumerate(boxes):
                part = _part(changed, np.array(box), 0)
                if part.any(axis=1).sum() >= 6 * self._scale and part.any(axis=0).sum() >= 6 * self._scale:
                    seen.append(number)
            self._ask(self._all[index], "note", [], [], seen)

    def _shot(self) -> ink.Picture:
        data = self._tools.call("Page.captureScreenshot", format="png", optimizeForSpeed=True)["data"]
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            return np.asarray(image.convert("RGB"))

    # Places

    def _place(self, document: _Document) -> _Place | None:
        """Where the document is in the picture; None when no part of it is."""
        if document.above is None:
            view = self._ask(document, "view")
            scale = view["scale"] * self._scale
            area = (view["left"], view["top"], view["width"], view["height"])
            return _Place(-view["left"] * scale, -view["top"] * scale, scale, area)
        outer = self._place(document.above)
        if outer is None:
            return None
        box = self._frame_box(document)
        left, top = max(box["left"], outer.area[0]), max(box["top"], outer.area[1])
        right = min(box["left"] + box["width"], outer.area[0] + outer.area[2])
        bottom = min(box["top"] + box["height"], outer.area[1] + outer.area[3])
        if right - left < 20 or bottom - top < 20:
            return None
        inner = box["scale"]
        area = (
            (left - box["left"]) / inner,
            (top - box["top"]) / inner,
            (right - left) / inner,
            (bottom - top) / inner,
        )
        return _Place(
            outer.dx + box["left"] * outer.scale, outer.dy + box["top"] * outer.scale, outer.scale * inner, area
        )

    def _area_of(self, place: _Place) -> Values:
        left, top, width, height = place.area
        return {"left": left, "top": top, "width": width, "height": height}

    def _in_picture(self, box: list[float], place: _Place) -> list[float]:
        left, top, width, height = box
        scale = place.scale
        return [left * scale + place.dx, top * scale + place.dy, width * scale, height * scale]

    # Answers

    def is_covered(self) -> bool:
        """Whether a box lies over the page's window."""
        return bool(self._ask(self._page, "covered"))

    def next_control(self) -> Values | None:
        """What a reader would press to see more: ``words``, ``left`` and ``top`` in the window; None when nothing is
        left to press."""
        answer: Values | None = self._ask(self._page, "control")
        return answer

    def has_unseen(self) -> bool:
        """Whether a text of the page has a place in it, was not seen, and was not scrolled to by ``to_unseen``."""
        return bool(self._ask(self._page, "toUnseen", False))

    def to_unseen(self) -> None:
        """Scroll the page to the next such text, while its scripts run."""
        self._page_call("toUnseen", None, True)

    def cut_at_gap(self) -> None:
        """Forget the words of the page below a long empty stretch."""
        self._ask(self._page, "cutAtGap")

    def refresh(self) -> str | None:
        """The address to which the page sends a reader who stays."""
        answer: str | None = self._ask(self._page, "refresh")
        return answer

    def height(self) -> int:
        """Of the page, in its pixels."""
        return int(self._ask(self._page, "size")[1])

    def letters(self) -> tuple[int, int]:
        """The letters and digits of words that were seen, and of those that were not."""
        sums = [self._ask(document, "letters") for document in self._all]
        return sum(seen for seen, _ in sums), sum(unseen for _, unseen in sums)

    def html(self, limit: int) -> str:
        """The HTML of the page with the words that were seen alone, frames with their content in their place."""
        for document in reversed(self._all[1:]):
            inside = self._ask(document, "html", limit, True)
            if document.above is not None and document.owner is not None:
                self._tools.call(
                    "Runtime.callFunctionOn", objectId=document.above.api,
                    functionDeclaration="function(frame, html) { this.putFrame(frame, html) }",
                    arguments=[{"objectId": document.owner}, {"value": inside}],
                )  # fmt: skip
        whole: str = self._ask(self._page, "html", limit, False)
        return whole[:limit]


def json_text(text: str) -> str:
    """A string as a literal of JavaScript."""
    return '"' + "".join(f"\\u{ord(letter):04x}" for letter in text) + '"'


def _part(mask: ink.Mask, box: Any, around: int) -> ink.Mask:
    left, top, width, height = box
    x0, y0 = max(int(left) - around, 0), max(int(top) - around, 0)
    part: ink.Mask = mask[y0 : int(np.ceil(top + height)) + around, x0 : int(np.ceil(left + width)) + around]
    return part


def _filled(shape: tuple[int, ...], boxes: ink.Boxes, around: int) -> ink.Mask:
    """A mask of all boxes, each with its surroundings."""
    mask = np.zeros(shape, dtype=np.bool_)
    for box in boxes:
        _part(mask, box, around)[:] = True
    return mask
