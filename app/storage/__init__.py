"""The stored data: checks at start, backup, restore, and moving to another database."""
