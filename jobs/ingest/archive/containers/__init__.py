"""The containers of rows, Avro and Parquet, and how a row becomes the JSON of a record."""
