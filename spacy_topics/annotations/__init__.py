"""What a pipeline found in reviews, kept in a folder of Parquet files."""
