"""What our pages share: the frame, colours of topics, a legend of topics. No page needs a network."""

from collections.abc import Iterable, Sequence
from html import escape

from spacy_topics.explain import Explanation

# Light enough for black text; neighbours differ in hue and lightness (after Tableau's 20 colours).
COLOURS = [
    "#aec7e8", "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5", "#c49c94", "#f7b6d2", "#dbdb8d", "#9edae5", "#c7c7c7",
    "#8fb9e3", "#ffd8a8", "#c3f0ba", "#ffc9c9", "#e3d5f0", "#e0c8c2", "#fde0ee", "#efefb5", "#cdf1f7", "#e6e6e6",
]  # fmt: skip
_FRAME = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.9 system-ui, sans-serif; max-width: {width}; margin: 2em auto; padding: 0 1em; color: #1a1a1a }}
h2 {{ font-size: 1em; margin: 2em 0 .3em; color: #555 }}
mark {{ padding: .15em .3em; border-radius: .35em; color: inherit; white-space: nowrap }}
.legend {{ list-style: none; padding: 0; line-height: 1.6; font-size: .9em }}
.legend li {{ display: flex; align-items: center; gap: .6em }}
.legend .scale {{ flex: none; width: 8em; display: flex }}
.legend .bar {{ height: 1em; border-radius: .2em }}
.legend .weight {{ flex: none; width: 3em; text-align: right; font-variant-numeric: tabular-nums }}
p {{ white-space: pre-wrap }}
</style></head><body>
{body}
</body></html>
"""


def page(title: str, body: Iterable[str], width: str = "46em") -> str:
    """An HTML page.

    title (str): the title, which is escaped.
    body (Iterable): lines of HTML.
    width (str): width of the text, as a CSS length.
    """
    return _FRAME.format(title=escape(title), body="\n".join(body), width=width)


def colours_of(topics: Sequence[int]) -> dict[int, str]:
    """A colour for each topic.

    topics (Sequence): numbers of topics, in the order of the colours.
    """
    return {topic: COLOURS[i % len(COLOURS)] for i, topic in enumerate(topics)}


def legend(explanation: Explanation, colours: dict[int, str], labels: Sequence[str]) -> list[str]:
    """The topics of a text with their weights, as lines of HTML.

    explanation (Explanation): of the text.
    colours (dict): topic -> colour of the topics to list.
    labels (Sequence): labels of all topics.
    """
    items = [_item(labels[k], float(explanation.theta[k]), colour) for k, colour in colours.items()]
    if not explanation.terms:
        items = ["<li>no term of this text is in the model's vocabulary</li>"]
    return ['<ul class="legend">', *items, "</ul>"]


def _item(label: str, weight: float, colour: str) -> str:
    bar = f'<span class="scale"><span class="bar" style="width:{100 * weight:.0f}%;background:{colour}"></span></span>'
    return f'<li><span class="weight">{weight:.2f}</span>{bar}<span>{escape(label)}</span></li>'
