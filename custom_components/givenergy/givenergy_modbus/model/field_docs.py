"""The docstrings of a class's fields, read from its source when they are asked for."""

import ast
from collections.abc import Mapping
from functools import cache
from inspect import cleandoc, getsource
from textwrap import dedent


def description_of(owner: type, name: str) -> str | None:
    """Return the docstring below a field, of the class or the nearest base that has one."""
    return next(
        (docs[name] for cls in owner.__mro__ if name in (docs := attribute_docstrings(cls))), None
    )


@cache
def attribute_docstrings(cls: type) -> Mapping[str, str]:
    """Return the docstrings below the annotated attributes in the body of a class."""
    try:
        body = ast.parse(dedent(getsource(cls))).body[0]
    except OSError, TypeError:  # no Python source
        return {}
    assert isinstance(body, ast.ClassDef)
    return {
        statement.target.id: cleandoc(following.value.value)
        for statement, following in zip(body.body, body.body[1:], strict=False)
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
        and isinstance(following.value.value, str)
    }
