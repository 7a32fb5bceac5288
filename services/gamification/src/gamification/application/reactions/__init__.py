"""What the game makes of what others report; the event is in the inbox by now, and may come in any order."""
