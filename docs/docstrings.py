"""A Griffe extension: docstrings in spaCy's style, one line per parameter, become the sections that mkdocstrings renders.

name (Type): meaning.       ->  Args (functions, classes with a constructor) or Attributes (records)
RETURNS (Type): meaning.    ->  Returns
YIELDS (Type): meaning.     ->  Yields
RAISES Error: reason.       ->  Raises
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import griffe

_FIELD = re.compile(r"(?P<name>\*{0,2}\w+) \((?P<type>.+?)\): (?P<text>.*)", re.S)
_BARE = re.compile(r"(?P<name>\*{0,2}\w+): (?P<text>.*)", re.S)
_RESULT = re.compile(r"(?P<kind>RETURNS|YIELDS)(?: \((?P<type>.+?)\))?: (?P<text>.*)", re.S)
_RAISES = re.compile(r"RAISES (?P<text>.*)", re.S)
_ERROR = re.compile(r"(?:^|(?<=[.;]\s))(\w*(?:Error|Interrupt|Exit)): ")
_MARKUP = re.compile(r"(`+[^`]*`+)|([*]|<(?=\w))")


class SpacyDocstrings(griffe.Extension):
    """Rewrites each docstring before it is rendered."""

    def on_object(self, *, obj: griffe.Object, loader: griffe.GriffeLoader, **kwargs: Any) -> None:
        if obj.docstring:
            obj.docstring.value = rewritten(obj.docstring.value, _names(obj), _heading(obj))


def rewritten(docstring: str, names: Iterable[str] = (), heading: str = "Args") -> str:
    """A docstring in Google's style.

    docstring (str): in spaCy's style.
    names (Iterable): parameters and attributes, which may stand without a type.
    heading (str): of the section of the parameters: "Args" or "Attributes".
    """
    sections: dict[str, list[str]] = {"": [], heading: [], "Returns": [], "Yields": [], "Raises": []}
    for item in _items(docstring, set(names)):
        if (match := _RAISES.fullmatch(item)) and _ERROR.match(match["text"]):
            _, *parts = _ERROR.split(match["text"])
            pairs = zip(parts[::2], parts[1::2], strict=True)
            sections["Raises"] += [f"{error}: {_plain(reason.strip())}" for error, reason in pairs]
        elif match := _RESULT.fullmatch(item):
            kind = f"{match['type']}: " if match["type"] else ""
            sections[match["kind"].capitalize()].append(kind + _plain(match["text"]))
        elif match := _FIELD.fullmatch(item):
            sections[heading].append(f"{match['name']} ({match['type']}): {_plain(match['text'])}")
        elif _is_bare(item, set(names)) and (match := _BARE.fullmatch(item)):
            sections[heading].append(f"{match['name']}: {_plain(match['text'])}")
        else:
            sections[""].append(item if item.startswith((">>>", "    ")) else _plain(item))
    text = "\n".join(sections.pop("")).strip()
    for title, lines in sections.items():
        if lines:
            text += f"\n\n{title}:\n" + "\n".join("    " + line.replace("\n", "\n        ") for line in lines)
    return text


def _items(docstring: str, names: set[str]) -> Iterator[str]:
    """Its lines; a line that names something goes on until the next that does, and what else it names is split off."""
    named = "|".join(map(re.escape, names)) or "(?!)"
    within = re.compile(rf"(?<=[.;:)]) (?=(?:RETURNS|YIELDS|RAISES)\b|(?:{named}) \([^()]*\): )")
    item, goes_on = "", False
    for line in docstring.splitlines():
        starts = any(pattern.match(line) for pattern in (_FIELD, _RESULT, _RAISES)) or _is_bare(line, names)
        if line and goes_on and not starts:
            item += "\n" + line.strip()
            continue
        yield from within.split(item)
        item, goes_on = line, starts
    yield from within.split(item)


def _is_bare(line: str, names: set[str]) -> bool:
    match = _BARE.match(line)
    return bool(match and match["name"].lstrip("*") in names)


def _plain(text: str) -> str:
    """What stands in a docstring is text: a star is a star."""
    return _MARKUP.sub(lambda match: match[1] or "\\" + match[2], text)


def _names(obj: griffe.Object) -> set[str]:
    names = {parameter.name for parameter in obj.parameters} if obj.is_function else set()
    if obj.is_class:
        names = {name for name, member in obj.members.items() if member.is_attribute}
        names |= {parameter.name for parameter in obj.parameters}
    return names


def _heading(obj: griffe.Object) -> str:
    return "Attributes" if obj.is_class and "__init__" not in obj.members else "Args"
