"""Every message about topics, with its code; raised as ``InputError(Errors.T001.format(...))``."""

from typing import Any

from corpora.errors import InputError as InputError
from corpora.errors import RunError as RunError


class Errors:
    """Message templates: each says what is wrong, what was received, and what to do."""

    # The model's arrays
    T001 = "[T001] phi must be a matrix of finite, non-negative numbers without empty rows. Received: {got}"
    T002 = "[T002] {what} must be {size} finite numbers of at least {least}. Received: {got}"
    T003 = "[T003] the vocabulary must be {size} different terms, one per column of phi. Received: {got}"
    T004 = "[T004] {what} must be {topics} strings, one per topic. Received: {got}"
    T005 = "[T005] there is no topic {topic}: this model has topics 0 to {last}"
    T006 = "[T006] a topic cannot have the name {name!r}: {why}"
    T007 = "[T007] {what} must be {allowed}. Received: {got}"

    # The model's file
    T010 = "[T010] {source} is not a {kind}: `{command}` writes one"
    T011 = "[T011] {source} is damaged (its checksum or length is wrong): copy it again, or write it again with `{command}`"
    T012 = "[T012] {source} has format {found}; this version of palate reads up to format {known}: install a newer version"

    T013 = "[T013] the model's terms cannot be read ({error}): fit the model again"

    # Documents
    T020 = "[T020] a document must be a list of terms (strings). Received: {got} as document {number}"
    T021 = "[T021] a document must be a list of terms, not one string: split it, or process it with `nlp`. Received: {got}"
    T022 = "[T022] {what} must be one of {allowed}. Received: {got}"
    T023 = "[T023] none of the {documents} documents has two terms that the model knows: there is nothing to evaluate"

    # Fitting
    T030 = "[T030] the number of topics (num_topics, option -k) must be an integer from 2 to {most} ({why}). Received: {got}"
    T031 = (
        "[T031] fewer than two terms are left of {documents} documents with {words} words: a term must be in at least"
        " {min_df} documents and at most a share of {max_df} of them. Lower min_df (--min-df), raise max_df (--max-df), or add"
        " texts"
    )
    T032 = "[T032] {what} must be {allowed}. Received: {got}"
    T033 = "[T033] none of the seed words is in the vocabulary: {words}"
    T034 = "[T034] {seeds} seeded topics do not fit into num_topics={topics}"
    T035 = "[T035] texts must be strings or Docs. Received: {got} as text {number}"
    T036 = "[T036] there are fewer documents with terms ({documents}) than topics ({topics}): add texts or use fewer topics"
    T037 = "[T037] fit needs a list of texts, not one string: put the string into a list"
    T038 = "[T038] names must have one name per document, or be empty. Received: {names} names of {documents} documents"

    # The component
    T040 = "[T040] '{name}' has no topic model yet: call fit(texts) or load(path), or set [initialize.components.{name}]"
    T041 = "[T041] '{name}' has no pipeline (it was copied or sent to another process): use it where it was created"
    T042 = "[T042] spans must be 'sents', 'ents' or names of span groups. Received: {got}"
    T043 = "[T043] the extension {name!r} has a getter or a method: lda_topics needs this name for its own values"
    T044 = "[T044] the name of a seeded topic may contain only letters, digits, spaces, - & ' and . Received: {got}"
    T045 = "[T045] topic_model must be a TopicModel. Received: {got}"
    T046 = "[T046] terms must be TermSettings and trainer must be callable. Received: {terms}, {trainer}"
    T047 = "[T047] this trainer takes no seed words: use gibbs, or adversarial with start='gibbs'"
    T048 = "[T048] the trainer {trainer} has no setting {option!r}; it has {known}"
    T049 = "[T049] spaCy cannot create a blank pipeline for the language {lang!r}: {error}"

    # Vectors
    T060 = "[T060] no word occurs {min_count} times: add texts"
    T061 = "[T061] the pipeline has no word vectors: use the FOLDER that `palate vectors fit REVIEWS -o FOLDER` writes"
    T062 = "[T062] there is no vector for {word} (similar spellings: {near})"

    # Restaurants
    T073 = "[T073] the knowledge base was not built for the pipeline's topic model: build it again with that model"
    T074 = "[T074] '{name}' has no knowledge base yet: call load(path), or set [initialize.components.{name}]"
    T075 = "[T075] '{name}' needs lda_topics before it in the pipeline, with a topic model"
    T076 = "[T076] no business has a name: there is nothing to link to"

    # Annotations
    T080 = "[T080] {folder} holds annotations of another {what}: choose another folder, or remove them with --restart"
    T081 = "[T081] {folder} holds no annotations that can be read: `palate annotate REVIEWS -o FOLDER --restart` writes them"
    T082 = "[T082] the pipeline {name} cannot be loaded: {error}"
    T083 = "[T083] a process was ended from outside (exit code {code}): run the command again; it continues where it stopped"
    T084 = "[T084] {folder} exists and is not a folder of annotations: choose an empty or a new folder"
    T085 = "[T085] annotations need a file of reviews: standard input cannot be read again to continue a stopped run"
    T086 = "[T086] {folder}: a part of the {table} is damaged: run `palate annotate` again, which repairs it ({reason})"
    T087 = "[T087] {folder} holds no annotated reviews yet: run `palate annotate` again; it continues where it stopped"
    T095 = "[T095] {path} has no reviews"
    T088 = "[T088] there is no cuisine {cuisine}: did you mean {near}?"
    T089 = "[T089] there is no review of {city}: there are reviews of {near}"
    T090 = "[T090] the pipeline of these annotations has no lda_topics: annotate with one that has"
    T091 = "[T091] the pipeline has several lda_topics ({names}), but doc._.topics can hold the topics of one: keep only one"
    T092 = "[T092] another run is writing to {folder}: wait until it ends, or stop it"
    T093 = (
        "[T093] the column {column!r} cannot be kept: annotations have their own columns {taken}, and names must differ by more"
        " than capitals"
    )
    T094 = "[T094] {name} was sourced from another pipeline and knows its restaurants: add it by add_pipe('restaurant_matcher')"
    T110 = "[T110] there is no column {by!r} to compare by: there are {known}; `palate annotate --keep COLUMN` keeps others"
    T111 = "[T111] no review has {what} that can be read{such}: there is nothing to compare"
    T112 = "[T112] {found}: too few to tell what the stars depend on (at least {reviews} reviews of {restaurants} restaurants)"
    T113 = "[T113] the annotations have no topic beside the background: fit a model with more of them"
    T114 = "[T114] nothing varies between these reviews that their stars could depend on: topics and mentions are all alike"
    T120 = "[T120] {folder} was written by an older palate, without the texts that are searched: annotate again with --restart"
    T121 = "[T121] a price must be a number, or an amount such as £15 or 'Rs 400'. Received: {got}"
    T122 = "[T122] there is nothing to search for: give words, or a filter such as --dish"
    T123 = "[T123] {query!r} has only words that say nothing, such as 'the': give a dish, or another word of what you look for"

    # Simulation
    T100 = "[T100] {what} must be {allowed}. Received: {got}"
    T101 = "[T101] {topics} topics over {vocabulary} words cannot be distinguished: use at least as many words as topics"

    # Topics after the fit
    T130 = "[T130] a merge needs two different topics or more of 0 to {last}, and must leave another one. Received: {got}"
    T131 = (
        "[T131] {topics} topics can be reduced to {least} at least (beside the background, if there is one) and {most} at most."
        " Received: {got}"
    )
    T142 = "[T142] {topics} topics cannot be reduced: at least {least} must be left, the background among them if there is one"
    T132 = "[T132] the two models have no term in common: there is nothing to compare"
    T133 = "[T133] no word of {query!r} is in the model's vocabulary: stop words and words of few reviews are not"
    T134 = "[T134] {folder} holds annotations of other topics than this model's: use the model that they were made with"
    T135 = "[T135] none of the {documents} reviews has both a label in {column!r} and a term that the model knows"
    T136 = "[T136] {folder} is not empty: the annotations with merged topics need a new folder"
    T137 = (
        "[T137] --append: the first {rows} rows of {reviews} are not the reviews that were annotated. New rows come after the"
        " old ones; for changed or removed rows choose another folder, or start again with --restart"
    )
    T138 = (
        "[T138] {source} was trained elsewhere: it does not say how texts become terms, nor how many terms its topics were"
        " counted from. `palate topics fit` makes models that can be updated"
    )
    T139 = "[T139] the topics are of texts in {own!r}, but the pipeline reads {other!r}: use a pipeline for {own!r}"
    T140 = "[T140] {file}: none of the {documents} reviews has a term that the topics know, or that several of them say"
    T141 = "[T141] {file}: all {documents} reviews are in another language than the topics ({lang!r})"

    W002 = "[W002] {name}: {count} of {size} terms of the imported vocabulary are never read in texts: {terms}"
    W001 = "[W001] topics of sentences need sentence boundaries: add a sentencizer or a parser before lda_topics"


def is_integer(value: Any, least: int, most: int = 2**31 - 1) -> bool:
    """Whether a value is an integer in a range; True and False do not count as integers.

    value (Any): the value.
    least (int): the smallest integer of the range.
    most (int): the largest integer of the range.
    """
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_number(value: Any, least: float, most: float) -> bool:
    """Whether a value is a number in a range; NaN is in no range.

    value (Any): the value.
    least (float): the smallest number of the range.
    most (float): the largest number of the range.
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
