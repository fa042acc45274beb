"""The guide's queries of the tables."""

CITIES = """
SELECT city, city_key, count(*) AS reviews FROM docs WHERE city_key <> '' GROUP BY ALL ORDER BY reviews DESC, city
"""
MENTIONED = """
SELECT arg_min(text, (-times, text)) AS text, sum(times)::BIGINT AS everywhere,
    coalesce(sum(times) FILTER (is_own), 0)::BIGINT AS inside
FROM (
    SELECT key, text, restaurant_id IN (SELECT unnest($2::VARCHAR[])) AS is_own, count(DISTINCT document) AS times
    FROM mentioned WHERE label = $1 GROUP BY ALL
) GROUP BY key ORDER BY key
"""
# Rows are those of `restaurants`.
_ROWS = "(SELECT restaurant_id, row_number() OVER (ORDER BY restaurant_id) - 1 AS row FROM restaurants) r USING (restaurant_id)"
WORDS = f"""
SELECT DISTINCT r.row, word FROM (SELECT DISTINCT restaurant_id, key FROM mentioned)
JOIN (SELECT unnest($1::VARCHAR[]) AS key, unnest($2::INTEGER[]) AS word) USING (key) JOIN {_ROWS} ORDER BY ALL
"""
ITEMS = f"""
SELECT r.row, item, count(DISTINCT document) AS n
FROM mentioned JOIN (SELECT unnest($1::VARCHAR[]) AS key, unnest($2::INTEGER[]) AS item) USING (key) JOIN {_ROWS}
GROUP BY ALL ORDER BY ALL
"""
TOPICS = """
SELECT of, k, sum(weight) AS weight, count(*) AS n FROM (
    SELECT {group}, unnest(t.topic_dist) AS weight, generate_subscripts(t.topic_dist, 1) - 1 AS k
    FROM docs d JOIN documents t ON t.id = d.id WHERE d.known_terms > 0 AND {where}
) GROUP BY ALL ORDER BY ALL
"""
# Known terms by topic, and dishes and ingredients, shared out to the topics of the review that mentions them.
TERMS = f"""
SELECT r.row, k, sum(weight * known_terms) AS terms, sum(weight * food) AS food FROM (
    SELECT d.restaurant_id, d.known_terms, coalesce(m.n, 0) AS food, unnest(t.topic_dist) AS weight,
        generate_subscripts(t.topic_dist, 1) - 1 AS k
    FROM docs d JOIN documents t ON t.id = d.id LEFT JOIN (
        SELECT document, count(*) AS n FROM mentioned WHERE label <> 'CUISINE' GROUP BY ALL
    ) m ON m.document = d.id
    WHERE d.known_terms > 0 AND d.restaurant_id IS NOT NULL
) JOIN {_ROWS} GROUP BY ALL ORDER BY ALL
"""
SENTENCES = """
SELECT m.text, m.sentence, d.stars FROM mentions m JOIN docs d ON d.id = m.document
WHERE d.restaurant_id = $1 AND m.label IN ('CUISINE', 'DISH', 'INGREDIENT') ORDER BY m.document, m.start
"""
FOOD = """
SELECT restaurant_id, count(DISTINCT document) AS n FROM mentioned WHERE label <> 'CUISINE' GROUP BY ALL
"""
