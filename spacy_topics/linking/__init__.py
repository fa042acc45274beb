"""Links mentions to restaurants: knowledge base, candidates, disambiguation."""
