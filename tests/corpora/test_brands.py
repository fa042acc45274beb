import re

from corpora.brands import brands
from corpora.cuisines import cuisines


def test_brands_have_wikidata_ids_names_and_known_cuisines():
    assert len(brands()) > 2000
    for key, brand in brands().items():
        assert re.fullmatch(r"Q\d+", key)
        assert key == brand.id
        assert brand.name.strip()
        assert brand.name not in brand.names
        assert set(brand.cuisines) <= set(cuisines())


def test_everybody_knows_these():
    by_name = {brand.name: brand for brand in brands().values()}
    assert by_name["KFC"].id == "Q524757"
    assert by_name["Starbucks"].cuisines == ("cafe",)
    assert {"Subway", "McDonald's", "Domino's", "Nando's"} <= set(by_name)
