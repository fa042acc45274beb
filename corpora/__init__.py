"""Readers for the field's corpora, and small corpora of our own that ship with the package."""
