"""Values written in a script's own notation: ``{title:a,hot:!1}``, and what a function makes of its arguments.

Nuxt 2 writes a page's state as ``(function(a,b){a.x="…";return {data:[{title:b}]}}({},"…"))``. Of such a call the
arguments, what is set in them, and the returned object are read as values; no script is run. Reading uses no recursion.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

MAX_VALUES = 100_000  # of one script; the rest is not read
_CALLED = re.compile(r"\(\s{0,9}function\s{0,9}\(([\w$,\s]{0,20000})\)\s{0,9}\{")
_RETURN = re.compile(r"return\s{0,9}(?=[{\[])")
_CALL = re.compile(r"\s*;?\s*\}\s*\)?\s*\(")  # the brackets around the function may end before its call or behind it
_MADE = re.compile(r"new\s{1,9}\w{1,60}\([^()]{0,200}\)|Object\.create\(null\)")  # a Date: no text
_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[\w$]+")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'', re.DOTALL)
_SET = re.compile(r"([\w$]+)\.([\w$]+)\s{0,9}=(?!=)")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None, "void": None, "NaN": None, "Infinity": None}


def called_value(script: str, at: int) -> Any:
    """Return the object that a function, called where it is written, returns; None where that cannot be read.
    ``at``: the opening bracket."""
    head = _CALLED.match(script, at)
    if head is None:
        return None
    names = [name.strip() for name in head[1].split(",") if name.strip()]
    returned = _RETURN.search(script, head.end())
    if returned is None:
        return None
    # The arguments stand behind the object and the function's end, and are needed for reading the object.
    _, end = read_value(script, returned.end(), {})
    behind = _CALL.match(script, end) if end is not None else None
    if behind is None:
        return None
    arguments, _ = read_value(script, behind.end() - 1, {})
    if not isinstance(arguments, list):
        return None
    known = dict(zip(names, arguments, strict=False))
    for number, found in enumerate(_SET.finditer(script, head.end(), returned.start())):
        holder = known.get(found[1])
        if number >= MAX_VALUES:
            break
        if isinstance(holder, dict):
            holder[found[2]], _ = read_value(script, found.end(), known)
    return read_value(script, returned.end(), known)[0]


def read_value(text: str, at: int, known: Mapping[str, Any]) -> tuple[Any, int | None]:
    """Return the value that begins at ``at`` and where it ends, None for what is no value. ``known``: what names stand
    for. Round brackets hold a list, as arguments do."""
    root: list[Any] = []
    holders: list[Any] = [root]
    keys: list[str | None] = [None]  # of each open object, the name whose value comes next
    closing: list[str] = [""]
    for _ in range(MAX_VALUES):
        at = _after_space(text, at)
        letter = text[at : at + 1]
        if letter == closing[-1] and len(holders) > 1:
            holders.pop()
            keys.pop()
            closing.pop()
            at += 1
        elif letter == "," and len(holders) > 1:
            at += 1
            continue
        elif isinstance(holders[-1], dict) and keys[-1] is None:
            name, at_name = _read_name(text, at)
            if at_name is None:
                return None, None
            at = _after_space(text, at_name)
            if text[at : at + 1] != ":":
                return None, None
            keys[-1], at = name, at + 1
            continue
        else:
            value: Any
            end: int | None
            if letter in {"{", "[", "("}:
                value, end = ({} if letter == "{" else []), at + 1
            else:
                value, end = _read_scalar(text, at, known)
            if end is None:
                return None, None
            at = end
            holder = holders[-1]
            if isinstance(holder, dict):
                holder[keys[-1]] = value
                keys[-1] = None
            else:
                holder.append(value)
            if letter in {"{", "[", "("}:
                holders.append(value)
                keys.append(None)
                closing.append({"{": "}", "[": "]", "(": ")"}[letter])
        if len(holders) == 1:
            return root[0], at
    return None, None


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found is not None else at


def _read_name(text: str, at: int) -> tuple[str, int | None]:
    if found := _QUOTED.match(text, at):
        return _unescaped(found), found.end()
    found = _NAME.match(text, at)
    return (found[0], found.end()) if found is not None else ("", None)


def _read_scalar(text: str, at: int, known: Mapping[str, Any]) -> tuple[Any, int | None]:
    """Return a string, a number, a word or what a name stands for; the signs before it change nothing."""
    while text[at : at + 1] in {"!", "-", "+"}:
        at += 1
    if found := _QUOTED.match(text, at):
        return _unescaped(found), found.end()
    if found := _NUMBER.match(text, at):
        return json.loads(found[0]) if found[0].isdecimal() and not found[0].startswith("0") else 0, found.end()
    if found := _MADE.match(text, at):
        return None, found.end()
    found = _NAME.match(text, at)
    if found is None:
        return None, None
    if found[0] == "void":
        return None, _read_scalar(text, _after_space(text, found.end()), known)[1]
    return known.get(found[0], _WORDS.get(found[0])), found.end()


def _unescaped(found: re.Match[str]) -> str:
    text = found[1] if found[1] is not None else found[2]
    return _ESCAPE.sub(_escaped_letter, text) if "\\" in text else text


def _escaped_letter(found: re.Match[str]) -> str:
    code = found[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPED.get(code, code)
