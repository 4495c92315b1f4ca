"""What a route says of itself beside its docstring."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TRUE_OR_FALSE: Schema = {"type": "boolean"}


def ref(name: str) -> Schema:
    """The schema of this name in the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def list_of(schema: Schema) -> Schema:
    """A list of such."""
    return {"type": "array", "items": schema}


def described(
    answer: Schema,
    *,
    status: int = 200,
    body: Schema | None = None,
    parameters: tuple[Schema, ...] = (),
    or_ok: bool = False,
    is_body_required: bool = True,
) -> dict[str, Any]:
    """The arguments of a route that answers this, and takes that; its handler reads and answers JSON by itself.

    With `or_ok` it may answer the same with 200 as well.
    """
    extra: dict[str, Any] = {"parameters": list(parameters)} if parameters else {}
    if body is not None:
        extra["requestBody"] = {"required": is_body_required, "content": {"application/json": {"schema": body}}}
    content = {"content": {"application/json": {"schema": answer}}}
    responses = {status: content, **({200: {"description": "It is there already.", **content}} if or_ok else {})}
    return {"status_code": status, "responses": responses, "openapi_extra": extra}


def in_query(name: str, schema: Schema, description: str, *, is_required: bool = False) -> Schema:
    """A parameter in the query of the address."""
    return {"name": name, "in": "query", "required": is_required, "schema": schema, "description": description}


def in_header(name: str, schema: Schema, description: str) -> Schema:
    """A header that is read."""
    return {"name": name, "in": "header", "required": False, "schema": schema, "description": description}
