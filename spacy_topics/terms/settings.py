"""Settings of terms."""

from collections.abc import Sequence
from dataclasses import dataclass

from spacy_topics.errors import Errors, InputError, is_integer, is_number


@dataclass(frozen=True)
class TermSettings:
    """What counts as a term.

    lemmas (bool): use lemmas instead of lower-cased words: the pipeline's, or else those of spacy-lookups-data's tables.
    stop_words (bool): keep stop words.
    pos (Sequence): parts of speech to keep, if a tagger ran.
    min_chars (int): minimum number of characters of a word.
    phrases (int): rounds of joining pairs: 0 joins none, 1 makes phrases of two words, 2 of up to four words.
    phrase_count (int): minimum number of occurrences of a pair that is joined.
    phrase_npmi (float): minimum normalised PMI of a pair that is joined, -1 to 1.
    min_df (int): minimum number of documents with a term.
    max_df (float): maximum share of the documents with a term (applied to 20 documents or more).
    max_terms (int): maximum number of terms, of which the most frequent are kept; 0 keeps all.
    """

    lemmas: bool = True
    stop_words: bool = False
    pos: Sequence[str] = ("NOUN", "PROPN", "ADJ", "VERB")
    min_chars: int = 2
    phrases: int = 2
    phrase_count: int = 5
    phrase_npmi: float = 0.5
    min_df: int = 3
    max_df: float = 0.5
    max_terms: int = 0

    def __post_init__(self) -> None:
        """Check the settings.

        RAISES InputError: T032, a value out of range.
        """
        for what, allowed, good in (
            ("lemmas", "true or false", isinstance(self.lemmas, bool)),
            ("stop_words", "true or false", isinstance(self.stop_words, bool)),
            ("pos", "a list of parts of speech", not isinstance(self.pos, str) and isinstance(self.pos, Sequence)),
            ("min_chars", "an integer of 1 or more", is_integer(self.min_chars, 1)),
            ("phrases", "0, 1 or 2", is_integer(self.phrases, 0, 2)),
            ("phrase_count", "an integer of 1 or more", is_integer(self.phrase_count, 1)),
            ("phrase_npmi", "a number from -1 to 1", is_number(self.phrase_npmi, -1, 1)),
            ("min_df", "an integer of 1 or more", is_integer(self.min_df, 1)),
            ("max_df", "a number above 0, at most 1", is_number(self.max_df, 1e-12, 1)),
            ("max_terms", "an integer of 0 or more", is_integer(self.max_terms, 0)),
        ):
            if not good:
                raise InputError(Errors.T032.format(what=what, allowed=allowed, got=repr(getattr(self, what))))
        object.__setattr__(self, "pos", tuple(self.pos))
