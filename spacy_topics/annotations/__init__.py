"""Annotations: what a pipeline finds in reviews, kept in a folder of Parquet files."""
