"""Text that people give things, as names."""


def one_line(text: str) -> str | None:
    """The text on one line, its blanks made single spaces; None if that is empty, or not all of it can be seen.

    What cannot be seen are controls, and marks that turn the direction of the text around them.
    """
    line = " ".join(text.split())
    return line if line and line.isprintable() else None
