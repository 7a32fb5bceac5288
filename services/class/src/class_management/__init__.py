"""Classes: who teaches whom and when, who was there, what it cost, and which lessons are open."""
