"""What comes in and what goes out."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

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


def _strict(schema: Any) -> Any:
    # Not pydantic's strict mode: that one, given what a JSON parser made, refuses UUIDs and dates in strings, too.
    match schema:
        case {"type": "int" | "float"}:
            return core_schema.no_info_before_validator_function(_number, schema)
        case {"type": "bool"}:
            return schema | {"strict": True}
        case {"type": "date" | "time" | "datetime" | "timedelta"}:
            return core_schema.no_info_before_validator_function(_string, schema)
        case dict():
            return {name: _strict(part) for name, part in schema.items()}
        case list() | tuple():
            return type(schema)(_strict(part) for part in schema)
        case _:
            return schema


def _number(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise PydanticCustomError("number_type", "Input should be a number")
    return value


def _string(value: Any) -> Any:
    if isinstance(value, int | float):
        raise PydanticCustomError("string_type", "Input should be a string")
    return value


class Body(BaseModel):
    """A request body: unknown fields are refused, strings are stripped and storable, types are JSON's own.

    No `"2"` or `true` for a number, no `"yes"` for a boolean, no number for a time.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema that pydantic makes, strict where JSON has a type for it."""
        schema: CoreSchema = _strict(handler(source))
        return schema

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
