"""What is wrong with one entry of a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where.

    Attributes:
        where: the file, and the line or the field: "feed.json: dataFeedElement[3].item[0].url".
        message: what is wrong there, as it follows a colon.
        left_out: the whole entry was left out; else only what stands at that place.
    """

    where: str
    message: str
    left_out: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def kind_of_value(value: object) -> str:
    """What JSON calls a value: "an object", "a number"."""
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return "null" if value is None else kinds.get(type(value), "a number")
