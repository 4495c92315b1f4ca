"""Arrow functions: `(value, key) => value.price > limit`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, Template, nodes
from jinja2.runtime import Context

#: Under this name a template finds its arrow functions; no template can write it.
BODIES = "(arrow functions)"
#: What makes them, among the functions of the environment.
MAKER = "=>"
_RESULT = "result"


@dataclass
class ArrowSource:
    """An arrow function as it was parsed."""

    parameters: tuple[str, ...]
    body: nodes.Expr


@dataclass(frozen=True)
class ArrowBody:
    """An arrow function, compiled."""

    parameters: tuple[str, ...]
    template: Template


class Arrow:
    """An arrow function in the place where it is written: it sees the variables there."""

    def __init__(self, body: ArrowBody, context: Context) -> None:
        self._body = body
        self._context = context

    def __call__(self, *arguments: Any) -> Any:
        """The value of the body; what is given beyond the parameters is left out, what lacks is null."""
        given = dict.fromkeys(self._body.parameters) | dict(zip(self._body.parameters, arguments, strict=False))
        context = self._context.derived(given)
        for _ in self._body.template.root_render_func(context):
            continue  # it writes nothing: it sets the result
        return context.vars[_RESULT]


def arrow_call(index: int, line: int) -> nodes.Call:
    """What stands in a tree for the arrow function of this number."""
    maker = nodes.Getitem(nodes.EnvironmentAttribute("functions"), nodes.Const(MAKER), "load")
    return nodes.Call(maker, [nodes.DerivedContextReference(), nodes.Const(index)], [], None, None, lineno=line)


def index_of_arrow(node: nodes.Node) -> int | None:
    """The number of the arrow function that a node stands for; None for another one."""
    match node:
        case nodes.Call(node=nodes.Getitem(arg=nodes.Const(value="=>")), args=[_, nodes.Const(value=int(index))]):
            return index
    return None


def compile_arrow(environment: Environment, source: ArrowSource) -> ArrowBody:
    """Code for an arrow function that was parsed."""
    result = nodes.Assign(nodes.Name(_RESULT, "store"), source.body)
    tree = nodes.Template([result], lineno=1)
    tree.set_environment(environment)
    code = environment.compile(tree)
    return ArrowBody(source.parameters, Template.from_code(environment, code, {}))


def make_arrow(context: Context, index: int) -> Arrow:
    """What the expression that stands for an arrow function calls."""
    bodies: Any = context.resolve(BODIES)
    return Arrow(bodies[index], context)
