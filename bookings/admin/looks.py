"""Unfold's coloured labels and buttons, with types."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from unfold import decorators

F = TypeVar("F", bound=Callable[..., Any])


def labelled(*, description: Any, colours: Mapping[Any, str]) -> Callable[[F], F]:
    """The column's function gives the value that chooses the colour, and the words."""
    return cast(Callable[[F], F], decorators.display(description=description, label=colours))


def button(
    *, description: Any, url_path: str, icon: str, permissions: list[str]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return cast(
        Callable[[Callable[..., Any]], Callable[..., Any]],
        decorators.action(description=description, url_path=url_path, icon=icon, permissions=permissions),
    )
