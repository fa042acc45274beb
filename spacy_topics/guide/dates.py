"""Dates as files have them, read by DuckDB: Yelp's, Zomato's, ISO with time zones, seconds and milliseconds since 1970.

A date is the day that is written, whatever its time zone. Formats may be mixed. Of dates in numbers and slashes (25/05/2019),
those that can be read in one way only tell whether the day or the month comes first; if there are none, or some of both, none
is read.
"""

_MONTHS = "['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']"
_WEEKDAY = "(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]* +)?"
_SUFFIX = "(?:st|nd|rd|th)?"
_REST = r"(?:[^\d].*)?"  # the time of day
_ISO = rf"(\d{{4}})([-/.])(\d{{1,2}})[-/.](\d{{1,2}}){_REST}"
_MONTH_FIRST = rf"{_WEEKDAY}([a-z]{{3}})[a-z]*[.]? +(\d{{1,2}}){_SUFFIX},? +(\d{{4}}){_REST}"
_DAY_FIRST = rf"{_WEEKDAY}(\d{{1,2}}){_SUFFIX}[ -]+(?:of +)?([a-z]{{3}})[a-z]*[.]?,?[ -]+(\d{{4}}){_REST}"
_SLASHES = rf"(\d{{1,2}})/(\d{{1,2}})/(\d{{4}}){_REST}"
_SECONDS, _MILLISECONDS = r"\d{9,10}(?:[.]\d+)?", r"\d{12,13}(?:[.]\d+)?"


def days(table: str, column: str) -> str:
    """SQL that selects each text of a column once, as `text`, and its day, as `day`: NULL if it is no date from 1970 to 2100.

    table (str): the table.
    column (str): the column of texts.
    """
    return f"""
    WITH given AS (
        SELECT DISTINCT {column} AS text, lower(trim({column})) AS said FROM {table} WHERE trim({column}) <> ''
    ), ways AS (
        SELECT coalesce(max({_number(_SLASHES, 1)}) > 12, false) AS is_day_first,
            coalesce(max({_number(_SLASHES, 2)}) > 12, false) AS is_month_first
        FROM given WHERE regexp_full_match(said, '{_SLASHES}')
    ), parts AS (
        SELECT text, CASE
            WHEN regexp_full_match(said, '{_SECONDS}') THEN make_timestamp((try_cast(said AS DOUBLE) * 1e6)::BIGINT)::DATE
            WHEN regexp_full_match(said, '{_MILLISECONDS}') THEN make_timestamp((try_cast(said AS DOUBLE) * 1e3)::BIGINT)::DATE
            WHEN regexp_full_match(said, '{_ISO}') THEN {_day(_ISO, 1, 3, 4)}
            WHEN regexp_full_match(said, '\\d{{8}}') THEN try_strptime(said, '%Y%m%d')::DATE
            WHEN regexp_full_match(said, '\\d{{4}}-\\d{{2}}') THEN try_cast(said || '-01' AS DATE)
            WHEN regexp_full_match(said, '{_MONTH_FIRST}') THEN {_day(_MONTH_FIRST, 3, 1, 2)}
            WHEN regexp_full_match(said, '{_DAY_FIRST}') THEN {_day(_DAY_FIRST, 3, 2, 1)}
            WHEN regexp_full_match(said, '{_SLASHES}') AND is_day_first <> is_month_first
                THEN CASE WHEN is_day_first THEN {_day(_SLASHES, 3, 2, 1)} ELSE {_day(_SLASHES, 3, 1, 2)} END
        END AS day
        FROM given, ways
    )
    SELECT text, CASE WHEN day BETWEEN DATE '1970-01-01' AND DATE '2100-12-31' THEN day END AS day FROM parts
    """


def _number(pattern: str, group: int) -> str:
    return f"try_cast(regexp_extract(said, '{pattern}', {group}) AS INTEGER)"


def _day(pattern: str, year: int, month: int, day: int) -> str:
    """The day whose year, month (a number, or three letters) and day are these groups of a pattern."""
    name = f"regexp_extract(said, '{pattern}', {month})"
    number = f"coalesce(try_cast({name} AS INTEGER), list_position({_MONTHS}, {name}))"
    parts = f"regexp_extract(said, '{pattern}', {year}), {number}, regexp_extract(said, '{pattern}', {day})"
    return f"try_cast(printf('%s-%d-%s', {parts}) AS DATE)"
