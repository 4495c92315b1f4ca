"""What a loop sets stays set behind it, as in Twig: `{% set sum = sum + 1 %}`; in Jinja each round forgets it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jinja2 import nodes

from core.templating.arrow import ArrowSource, index_of_arrow

#: The object that holds such variables, by a name that nobody chooses.
_HOLDER = "twig_loop_variables"
#: What makes the object, among the functions of the environment.
NAMESPACE = "{}"


class LoopVariables:
    """Changes trees so that what is set in a loop outlives it: such a variable becomes a member of one object.

    A name that means something else in a part of the template, as that of a loop's own variable, stays as it is.
    """

    def __init__(self, arrows: Sequence[ArrowSource], make_object: nodes.Expr) -> None:
        self._arrows = arrows
        self._make_object = make_object

    def keep(self, body: list[nodes.Node]) -> None:
        """Change the body of a template, and those of its macros, each by itself."""
        found = list(self._walk(body))
        for node in found:
            if isinstance(node, nodes.Macro):
                self.keep(node.body)
        names = self._set_in_loops(found) - self._bound(found)
        if not names:
            return
        self._replace(body, names)
        first = [nodes.Keyword(name, nodes.Name(name, "load")) for name in sorted(names)]
        made = nodes.Call(self._make_object, [], first, None, None)
        body.insert(0, nodes.Assign(nodes.Name(_HOLDER, "store"), made, lineno=1))

    def _walk(self, body: Sequence[nodes.Node]) -> Iterator[nodes.Node]:
        """All nodes of a body; of a macro nothing that is in it."""
        for node in body:
            yield node
            yield from self._walk(self._children(node))

    def _children(self, node: nodes.Node) -> list[nodes.Node]:
        if isinstance(node, nodes.Macro):
            return []
        index = index_of_arrow(node)
        return [*node.iter_child_nodes(), *([] if index is None else [self._arrows[index].body])]

    def _set_in_loops(self, found: Sequence[nodes.Node]) -> set[str]:
        loops = [node for node in found if isinstance(node, nodes.For)]
        inside = [node for loop in loops for node in self._walk([*loop.body, *loop.else_])]
        targets = [node.target for node in inside if isinstance(node, nodes.Assign | nodes.AssignBlock)]
        names = {name.name for name in self._walk(targets) if isinstance(name, nodes.Name)}
        return {name for name in names if not name.startswith("_")}

    def _bound(self, found: Sequence[nodes.Node]) -> set[str]:
        targets: list[nodes.Node] = []
        parameters: set[str] = set()
        for node in found:
            match node:
                case nodes.For():
                    targets.append(node.target)
                case nodes.With():
                    targets += node.targets
                case nodes.CallBlock():
                    targets += node.args
            if (index := index_of_arrow(node)) is not None:
                parameters.update(self._arrows[index].parameters)
        return parameters | {name.name for name in self._walk(targets) if isinstance(name, nodes.Name)}

    def _replace(self, body: Sequence[nodes.Node], names: set[str]) -> None:
        for node in body:
            if isinstance(node, nodes.Macro):
                continue
            for field, value in node.iter_fields():
                many = isinstance(value, list)
                setattr(node, field, [_replaced(each, names) for each in value] if many else _replaced(value, names))
            if (index := index_of_arrow(node)) is not None:
                arrow = self._arrows[index]
                arrow.body = _replaced(arrow.body, names)
            self._replace(self._children(node), names)


def _replaced(value: Any, names: set[str]) -> Any:
    if not isinstance(value, nodes.Name) or value.name not in names:
        return value
    if value.ctx == "load":
        return nodes.Getattr(nodes.Name(_HOLDER, "load"), value.name, "load", lineno=value.lineno)
    return nodes.NSRef(_HOLDER, value.name, lineno=value.lineno)
