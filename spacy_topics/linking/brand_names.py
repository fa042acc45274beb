"""Which chain a name is of."""

from functools import cache

from corpora.brands import brands
from spacy_topics.linking.name_index import letters


@cache
def _brand_ids() -> dict[str, str]:
    return {letters(name): brand.id for brand in reversed(brands().values()) for name in (*brand.names, brand.name)}


def brand_of(mention: str) -> str | None:
    """The Wikidata id of the chain that is called so, None where there is none."""
    return _brand_ids().get(letters(mention))
