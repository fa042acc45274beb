from hypothesis import given
from hypothesis import strategies as st

from corpora.markup import Mention, parse

plain = st.text(st.characters(exclude_characters="[]", exclude_categories=["Cs"]), max_size=20)
mention = st.tuples(
    plain.filter(bool),
    st.sampled_from(["DISH", "RESTAURANT"]),
    st.one_of(st.just(""), st.from_regex(r"[\w-]+", fullmatch=True)),
)


@given(st.lists(st.tuples(plain, mention)), plain)
def test_what_is_marked_is_found(pieces, tail):
    marked, text, expected = "", "", []
    for before, (words, label, kb_id) in pieces:
        marked += f"{before}[{words}]({label}{':' + kb_id if kb_id else ''})"
        expected.append(Mention(len(text + before), len(text + before + words), label, kb_id))
        text += before + words
    assert parse(marked + tail) == (text + tail, expected)
