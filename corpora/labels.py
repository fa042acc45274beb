"""The labels of entities: names, meanings and colours."""

from typing import NamedTuple


class Label(NamedTuple):
    """A label of entities.

    name (str): its name.
    meaning (str): the kind of entity.
    colour (str): a light background colour for black text.
    """

    name: str
    meaning: str
    colour: str


# In the order of corpora/bistro/GUIDE.md, which says what to mark.
LABELS = {
    label.name: label
    for label in (
        Label("RESTAURANT", "a restaurant called by its name", "#ffc9c9"),
        Label("CUISINE", "a cuisine, or a kind of restaurant", "#c3f0ba"),
        Label("DISH", "a dish or drink that one can order", "#ffd8a8"),
        Label("INGREDIENT", "what goes into, onto or beside a dish", "#efefb5"),
        Label("LOCATION", "a named place", "#cdf1f7"),
        Label("PRICE", "an amount of money, or a word for how expensive it is", "#e3d5f0"),
        Label("RATING", "an explicit score", "#fde0ee"),
        Label("AMENITY", "what the restaurant offers besides food", "#d7e3f4"),
        Label("HOURS", "when it is open, or serves something", "#e0c8c2"),
    )
}
