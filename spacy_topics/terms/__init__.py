"""Doc -> terms: the lemmas of its content words, and the phrases that these words form."""
