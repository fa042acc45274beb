"""Answers from annotations: which restaurants, cuisines, ingredients and topics, and why."""
