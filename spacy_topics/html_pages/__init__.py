"""HTML pages of topics, reviews and restaurants; all text is escaped."""
