"""The rules of the game. Standard library and kernel only."""
