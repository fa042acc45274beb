"""Every message about topics, with its code; raised as ``InputError(Errors.T001.format(...))``."""

from typing import Any

from corpora.errors import InputError as InputError


class Errors:
    """Message templates: each says what is wrong, what was received, and what would do."""

    # The model's arrays
    T001 = "[T001] phi must be a matrix of finite, non-negative numbers with no empty row. Received: {got}"
    T002 = "[T002] {what} must be {size} finite numbers, {least} or more. Received: {got}"
    T003 = "[T003] the vocabulary must be {size} different terms, one a column of phi. Received: {got}"
    T004 = "[T004] {what} must be {topics} strings, one a topic. Received: {got}"
    T005 = "[T005] there is no topic {topic}: this model has topics 0 to {last}"
    T006 = "[T006] the name {name!r} cannot be given: {why}"
    T007 = "[T007] {what} must be {allowed}. Received: {got}"

    # The model's file
    T010 = "[T010] {source} is no {kind} of palate's: `{command}` writes one"
    T011 = "[T011] {source} is damaged (checksum or length differs): fetch it again, or write it anew (`{command}`)"
    T012 = "[T012] {source} has format {found}; this palate reads up to {known}: install a newer palate"

    T013 = "[T013] the model's terms cannot be read ({error}): fit it again"

    # Documents
    T020 = "[T020] a document is a list of terms (strings). Received: {got} as document {number}"
    T021 = "[T021] a document is a list of terms, not one string: give it to `nlp` or split it. Received: {got}"
    T022 = "[T022] {what} must be one of {allowed}. Received: {got}"

    # Fitting
    T030 = "[T030] num_topics must be a whole number from 2 to {most} ({why}). Received: {got}"
    T031 = (
        "[T031] fewer than two terms are left of {documents} documents and {words} words: a term is kept when it is in at least"
        " min_df={min_df} documents and at most a share of max_df={max_df}. Lower min_df, raise max_df, or give more text"
    )
    T032 = "[T032] {what} must be {allowed}. Received: {got}"
    T033 = "[T033] none of the seed words is in the vocabulary: {words}"
    T034 = "[T034] {seeds} seeded topics do not fit in num_topics={topics}"
    T035 = "[T035] texts must be strings or Docs. Received: {got} as text {number}"
    T036 = "[T036] fewer documents with terms ({documents}) than topics ({topics}): give more text or fewer topics"
    T037 = "[T037] give texts to fit on. Received: one string; put it in a list"

    # The component
    T040 = "[T040] '{name}' has no topic model yet: call fit(texts) or load(path), or set [initialize.components.{name}]"
    T041 = "[T041] '{name}' has lost its pipeline (it was copied or sent to another process): fit it where it was made"
    T042 = "[T042] spans must be 'sents', 'ents' or names of span groups. Received: {got}"
    T043 = "[T043] Doc.set_extension({name!r}) was called with a getter or a method: lda_topics needs the name for its values"
    T044 = "[T044] a seeded topic's name stands in configs: letters, digits, blanks, - & ' and . only. Received: {got}"
    T045 = "[T045] topic_model must be a TopicModel. Received: {got}"
    T046 = "[T046] terms must be TermSettings and trainer something to call. Received: {terms}, {trainer}"
    T047 = "[T047] seed words draw Gibbs's topics alone: use Gibbs, or start='gibbs', where the generator begins as its topics"

    # Vectors
    T060 = "[T060] no word occurs {min_count} times: give more text"
    T061 = "[T061] the pipeline has no word vectors: `palate vectors fit REVIEWS -o FOLDER` learns some; give FOLDER"
    T062 = "[T062] there is no vector for {word} (spelt alike: {near})"

    # Restaurants
    T073 = "[T073] the knowledge base was built for another topic model than the pipeline's: build it again"
    T074 = "[T074] '{name}' has no knowledge base yet: call load(path), or set [initialize.components.{name}]"
    T075 = "[T075] '{name}' needs lda_topics before it in the pipeline, with a topic model"
    T076 = "[T076] no business with a name: nothing can be linked to"

    # Annotations
    T080 = "[T080] {folder} holds annotations of another {what}: name another folder, or begin anew (--anew)"
    T081 = "[T081] {folder} is no folder of annotations: `palate annotate REVIEWS -o FOLDER --pipeline NAME` makes one"
    T082 = "[T082] the pipeline {name} cannot be loaded: {error}"
    T083 = "[T083] a process was ended from outside (exit code {code}): run the command again, it goes on from there"
    T084 = "[T084] {folder} is there and holds something else: name an empty or a new folder"
    T085 = "[T085] annotations need a file of reviews: standard input cannot be read again to go on from where a run stopped"
    T086 = "[T086] {folder}: a part of the {table} is damaged: run `palate annotate` again, it mends that ({reason})"
    T087 = "[T087] {folder} holds no annotated review yet: run `palate annotate` again, it goes on from where it stopped"
    T088 = "[T088] there is no cuisine {cuisine}: did you mean {near}?"
    T089 = "[T089] there is no review of {city}: there are reviews of {near}"
    T090 = "[T090] the pipeline of these annotations has no lda_topics: annotate with one that has"
    T091 = (
        "[T091] the pipeline has several lda_topics ({names}), and doc._.topics holds what the last one says: keep one of them"
    )
    T092 = "[T092] another run is writing to {folder}: wait until it ends, or end it"

    # Simulation
    T100 = "[T100] {what} must be {allowed}. Received: {got}"
    T101 = "[T101] {topics} topics over {vocabulary} words cannot be told apart: as many words as topics at least"

    W001 = "[W001] topics of sentences are asked for, but none are marked: add a sentencizer or a parser before lda_topics"


def whole(value: Any, least: int, most: int = 2**31 - 1) -> bool:
    """Whether a value is a whole number in a range; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def number(value: Any, least: float, most: float) -> bool:
    """Whether a value is a number in a range; NaN is in none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
