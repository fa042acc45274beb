"""What people call a restaurant, and how names and cities are compared."""

from spacy_topics.lexicon import Words, words

_SHORT = 0.5  # a shortened name counts half of a full one
_MARKS = (" - ", " @ ", "(", ", ", "#", " at ")  # what follows is an address or an explanation
# Words of a name that tell what kind of restaurant it is, not which one: people leave them out.
GENERIC = frozenset(
    words(
        "and bar bistro brasserie cafe caffe cantina co company cuisine deli diner eatery factory food grill grille house inn"
        " joint kitchen lounge no of original osteria pizzeria place pub restaurant restaurante ristorante room shack shop spot"
        " taqueria tavern taverna the trattoria"
    )
)


def name_key(name: str) -> str:
    """A name as it is compared."""
    return " ".join(words(name))


def city_key(city: str) -> str:
    """A city as it is compared."""
    return " ".join(words(city))


def aliases(name: str, city: str = "") -> dict[str, float]:
    """What people call a restaurant, and how much each counts: its name, and shorter forms that leave out the city, what
    follows a dash, an "at" or a bracket, and generic words at its ends ("Lucia" for "Trattoria Lucia - Phoenix").

    >>> aliases("The Rusty Anvil Grill", "Leeds")
    {'the rusty anvil grill': 1.0, 'rusty anvil': 0.5, 'rusty anvil grill': 0.5, 'the rusty anvil': 0.5}
    """
    full = words(name)
    weights = {" ".join(full): 1.0} if full else {}
    city_words = words(city)
    for form in sorted({words(name.lower().split(mark)[0]) for mark in _MARKS} | {full}):
        if city_words and form[-len(city_words) :] == city_words and len(form) > len(city_words):
            form = form[: -len(city_words)]
        for short in _without_generic(form):
            weights.setdefault(" ".join(short), _SHORT)
    return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0])))


def _without_generic(form: Words) -> list[Words]:
    """The form, and what is left without generic words at its start, at its end, and at both."""
    first = next((i for i, word in enumerate(form) if word not in GENERIC), len(form))
    last = len(form) - next((i for i, word in enumerate(reversed(form)) if word not in GENERIC), len(form))
    forms = [form[start:end] for start in {0, first} for end in {last, len(form)} if end > start]
    return [short for short in forms if sum(map(len, short)) > 1]
