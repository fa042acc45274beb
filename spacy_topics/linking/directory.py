"""Which restaurant of a list an id, or a name and a city, belong to."""

from collections.abc import Iterable

from spacy_topics.linking.names import city_key, name_key


class Directory:
    """Finds restaurants by what another file calls them.

    restaurants (Iterable): (id, name, city) of each; "" for a city that is not known.
    """

    def __init__(self, restaurants: Iterable[tuple[str, str, str]]) -> None:
        self._ids = set()
        self._by_name: dict[str, list[tuple[str, str]]] = {}
        for restaurant, name, city in restaurants:
            self._ids.add(restaurant)
            self._by_name.setdefault(name_key(name), []).append((city_key(city), restaurant))

    def find(self, given: str | None, name: str | None = None, city: str | None = None) -> str | None:
        """The restaurant with an id, else the one with a name.

        given (str | None): the id.
        name (str | None): the name, see `by_name`.
        city (str | None): the city.
        RETURNS (str | None): its id, None if there is no such restaurant.
        """
        return given if given in self._ids else self.by_name(name, city)

    def by_name(self, name: str | None, city: str | None = None) -> str | None:
        """The restaurant with a name, in a city if one is known.

        Case, accents, plurals, "&" and apostrophes do not matter. A restaurant whose city the list does not have is taken only
        if no other one of the name is in the city.

        name (str | None): the name.
        city (str | None): the city.
        RETURNS (str | None): its id; None if there is no such restaurant, or several.
        """
        called = self._by_name.get(name_key(name), []) if name and name_key(name) else []
        if city and city_key(city):
            here = [restaurant for place, restaurant in called if place == city_key(city)]
            called = [("", restaurant) for restaurant in here] or [pair for pair in called if not pair[0]]
        return called[0][1] if len(called) == 1 else None
