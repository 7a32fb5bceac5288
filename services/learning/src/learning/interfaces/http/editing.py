"""What the routes of authors have in common: who edits, which version they have seen, and which there is now."""

from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Response

from babyowl_chassis.http import IfMatch, InstructorOrStaff, etag
from learning.application.commands.editing import Editor


class Versioned(Protocol):
    """A view that carries its course's version."""

    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=Versioned)


class Editing:
    """An author's request."""

    def __init__(self, editor: Editor, response: Response) -> None:
        self.editor = editor
        self._response = response

    def stamped(self, view: V, *, location: str | None = None) -> V:
        """The view, its version sent along as ETag, and for what is new the place where it is found."""
        self._response.headers["ETag"] = etag(view.version)
        if location is not None:
            self._response.headers["Location"] = location
        return view


def _editing(user: InstructorOrStaff, expected: IfMatch, response: Response) -> Editing:
    return Editing(Editor(user.actor, expected), response)


TheEditing = Annotated[Editing, Depends(_editing)]
