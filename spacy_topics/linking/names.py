"""The names that people use for a restaurant, and the form in which names and cities are compared."""

import re

from spacy_topics.lexicon import Words, entries, words

_SHORT = 0.5  # weight of a shortened name; the full name has 1
_BRANCH = re.compile(r"\d{3,}")  # the number of a branch, as in "Pizza Hut 118"
_MARKS = (" - ", " @ ", "(", ", ", "#", " at ")  # an address or an explanation follows
_LINKS = ("and", "of", "at")  # nobody's name starts or ends with them
# Words of a name that say what kind of restaurant it is, not which one: people leave them out.
GENERIC = frozenset(
    words(
        "and asian bar beer bistro brasserie breakfast cafe caffe cantina club co coffee company cuisine deli diner"
        " dinner eatery espresso express factory food foods fresh fries grill grille house inn joint kitchen lounge"
        " lunch market no of original osteria pizzeria place pub restaurant restaurante ristorante roll rolls room"
        " shack shop spot steak steaks sushi taqueria tavern taverna the trattoria wine"
    )
)
_PLACES = (
    "america arizona asia atlanta australia bangkok barcelona beijing berlin boston brooklyn california canada"
    " chicago china colorado dallas delhi denver dublin england europe florence florida france georgia germany"
    " greece havana hawaii hong_kong houston hyderabad india ireland italy jamaica japan kyoto las_vegas london"
    " los_angeles madrid malibu manhattan melbourne memphis mexico miami milan montreal mumbai munich naples"
    " new_england new_jersey new_mexico new_orleans new_york new_zealand oregon oxford paris philadelphia philly"
    " phoenix portland rome san_diego san_francisco seattle seoul shanghai sicily singapore spain sydney texas"
    " thailand tokyo toronto tuscany vancouver venice vienna vietnam"
)
PLACES = frozenset(words(place.replace("_", " ")) for place in _PLACES.split())  # alone these are places, no restaurants


def name_key(name: str) -> str:
    """The form in which names are compared.

    name (str): the name of a restaurant, or a mention of one.
    """
    return " ".join(words(name))


def city_key(city: str) -> str:
    """The form in which cities are compared.

    city (str): the name of a city.
    """
    return " ".join(words(city))


def aliases(name: str, city: str = "") -> dict[str, float]:
    """The names that people use for a restaurant, with weights.

    They are its name, and shorter forms without the city, without the number of a branch, without the words after a dash,
    an "at" or a bracket, and without generic words at its ends ("Lucia" for "Trattoria Lucia - Phoenix"), unless nothing is
    left but a kind of food ("Pizza" for "Pizza Bar").

    name (str): its name.
    city (str): its city; "" if it is not known.
    RETURNS (dict): name in the form of `name_key` -> weight, the greatest first.

    >>> aliases("The Rusty Anvil Grill", "Leeds")
    {'the rusty anvil grill': 1.0, 'rusty anvil': 0.5, 'rusty anvil grill': 0.5, 'the rusty anvil': 0.5}
    """
    full = words(name)
    weights = {" ".join(full): 1.0} if full else {}
    city_words = words(city)
    for form in sorted({words(name.lower().split(mark)[0]) for mark in _MARKS} | {full}):
        if city_words and form[-len(city_words) :] == city_words and len(form) > len(city_words):
            form = form[: -len(city_words)]
        if len(form) > 1 and _BRANCH.fullmatch(form[-1]):
            form = form[:-1]
        for short in _without_generic(form):
            if is_telling(short):
                weights.setdefault(" ".join(short), _SHORT)
    return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0])))


def is_telling(part: Words) -> bool:
    """Whether a part of a name says which restaurant it is, and not only what kind of restaurant.

    part (tuple): its words.
    """
    if part[0] in _LINKS or part[-1] in (*_LINKS, "the") or part in PLACES:
        return False
    return any(word not in GENERIC and (word,) not in entries() for word in part)


def _without_generic(form: Words) -> list[Words]:
    """The form itself, and the form without generic words at its start, at its end, and at both ends."""
    first = next((i for i, word in enumerate(form) if word not in GENERIC), len(form))
    last = len(form) - next((i for i, word in enumerate(reversed(form)) if word not in GENERIC), len(form))
    forms = [form[start:end] for start in {0, first} for end in {last, len(form)} if end > start]
    return [short for short in forms if sum(map(len, short)) > 1]
