"""Which restaurant is meant: knowledge base, candidates, disambiguation."""
