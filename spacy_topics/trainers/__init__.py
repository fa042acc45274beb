"""Trainers of topic models and converters from other libraries."""
