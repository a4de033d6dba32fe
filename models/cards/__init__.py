"""Evidence cards: their schema, and how they are drawn and read. Pure Python, for any process."""
