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
_ERROR = re.compile(r"(?:^|(?<=[.;] ))(\w*(?:Error|Interrupt|Exit)): ")
_WITHIN = re.compile(r"(?<=[.;:)]) (?=(?:RETURNS|YIELDS|RAISES)\b)")


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
    for item in _items(docstring):
        if (match := _RAISES.fullmatch(item)) and _ERROR.match(match["text"]):
            _, *parts = _ERROR.split(match["text"])
            pairs = zip(parts[::2], parts[1::2], strict=True)
            sections["Raises"] += [f"{error}: {reason.strip()}" for error, reason in pairs]
        elif match := _RESULT.fullmatch(item):
            kind = f"{match['type']}: " if match["type"] else ""
            sections[match["kind"].capitalize()].append(kind + match["text"])
        elif match := _FIELD.fullmatch(item):
            sections[heading].append(f"{match['name']} ({match['type']}): {match['text']}")
        elif (match := _BARE.fullmatch(item)) and match["name"].lstrip("*") in names:
            sections[heading].append(f"{match['name']}: {match['text']}")
        else:
            sections[""].append(item)
    text = "\n".join(sections.pop(""))
    for title, lines in sections.items():
        if lines:
            text += f"\n\n{title}:\n" + "\n".join("    " + line.replace("\n", "\n        ") for line in lines)
    return text


def _items(docstring: str) -> Iterator[str]:
    """Its lines; a line is followed by those that continue it, and what stands within a line for a section is split off."""
    item = ""
    for line in docstring.splitlines():
        if line.startswith("    ") and (_FIELD.match(item) or _BARE.match(item) or _RESULT.match(item) or _RAISES.match(item)):
            item += "\n" + line.strip()
            continue
        if item or not line:
            yield from _WITHIN.split(item)
        item = line
        if not line:
            yield ""
    yield from _WITHIN.split(item)


def _names(obj: griffe.Object) -> set[str]:
    names = {parameter.name for parameter in obj.parameters} if obj.is_function else set()
    if obj.is_class:
        names = {name for name, member in obj.members.items() if member.is_attribute}
        names |= {parameter.name for parameter in obj.parameters}
    return names


def _heading(obj: griffe.Object) -> str:
    return "Attributes" if obj.is_class and "__init__" not in obj.members else "Args"
