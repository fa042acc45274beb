"""LDA topics, named entities and linked restaurants on spaCy's Doc."""
