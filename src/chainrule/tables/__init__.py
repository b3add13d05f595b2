"""Tables: CSV files, Parquet files and data frames, one example per row. Knows no models."""
