"""Building the game anew from the event logs of the others, beside the one that serves."""
