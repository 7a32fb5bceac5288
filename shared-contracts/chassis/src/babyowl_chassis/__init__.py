"""What every service stands on. No business words in here."""
