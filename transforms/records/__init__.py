"""From the bytes of an archive to outcome rows: split, decode, classify; recycle and erase payloads."""
