"""What comes in and what goes out."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from babyowl_kernel import one_line


def storable(value: str) -> str:
    """The value itself; ValueError if it holds NUL or a lone surrogate."""
    # Postgres stores neither, and an encoder further down would fail on the second.
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not contain NUL or lone surrogates")
    return value


Text = Annotated[str, AfterValidator(storable)]
"""A string that can be stored; give it a max_length."""


def _on_one_line(value: str) -> str:
    line = one_line(value)
    if line is None:
        raise ValueError("must be one line of characters that can be seen")
    return line


OneLine = Annotated[str, AfterValidator(_on_one_line)]
"""A name or a title: blanks and line breaks become single spaces; give it a max_length."""


class Body(BaseModel):
    """A request body: unknown fields are refused, strings are stripped and storable."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _only_storable_text(cls, values: Any) -> Any:
        if isinstance(values, dict):
            _check(values)
        return values


def _check(value: Any) -> None:
    waiting = [value]  # no recursion: what comes may be nested as deep as the parser allows
    while waiting:
        match waiting.pop():
            case str() as text:
                storable(text)
            case dict() as members:
                waiting += [*members.keys(), *members.values()]
            case list() as members:
                waiting += members


class View(BaseModel):
    """A response body. `of` makes it from what the domain or a query returned."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    @classmethod
    def of(cls, value: Any) -> Self:
        """By attribute names; overridden where names or shapes differ."""
        return cls.model_validate(value)
