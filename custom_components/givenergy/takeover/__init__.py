"""Taking over the entities of another integration, with their history, and giving them back."""
