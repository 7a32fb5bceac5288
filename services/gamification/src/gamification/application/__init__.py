"""What the context does when it is asked, and when it hears from others."""
