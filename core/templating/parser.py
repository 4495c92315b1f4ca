"""Twig's grammar where it differs from Jinja's."""

from __future__ import annotations

from typing import Any, NoReturn, cast

from jinja2 import nodes
from jinja2.parser import Parser

from core.templating.arrow import ArrowSource, arrow_call
from core.templating.lexer import TWIG
from core.templating.loop_variables import NAMESPACE, LoopVariables

_WORDS = {"true": True, "false": False, "null": None, "none": None}

#: Comparisons of one token, by its type in the lexer.
_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_TWIG_COMPARISONS = ("<=>", "===", "!==")
#: Comparisons of two words, by the first one.
_TWO_WORDS = {"starts": ("with",), "ends": ("with",), "has": ("some", "every"), "not": ("in",)}
#: Comparisons with an arrow function on their right.
_WITH_ARROW = ("has some", "has every")
#: Tests of two words, by the first one.
_TESTS = {"same": "as", "divisible": "by"}

Arguments = tuple[list[nodes.Expr], list[nodes.Keyword], nodes.Expr | None, nodes.Expr | None]


class TwigParser(Parser):
    """Jinja's parser with Twig's expressions and loops. `arrows` are the arrow functions that were found."""

    #: The names of the functions, which no variable hides: `date` may be a value, and `date()` is the function.
    functions: frozenset[str] = frozenset()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.arrows: list[ArrowSource] = []

    def parse(self) -> nodes.Template:
        """The whole template."""
        tree = super().parse()
        LoopVariables(self.arrows, function(NAMESPACE)).keep(tree.body)
        tree.set_environment(self.environment)
        return tree

    # Tags

    def parse_for(self) -> nodes.For:
        """A loop with one name goes through values, one with two names through keys and values."""
        loop = super().parse_for()
        is_pair = isinstance(loop.target, nodes.Tuple) and len(loop.target.items) == 2
        if is_pair or isinstance(loop.target, nodes.Name):
            loop.iter = operation("for pairs" if is_pair else "for values", cast(nodes.Expr, loop.iter))
        return loop

    def parse_with(self) -> nodes.With:
        """`{% with {'a': 1} %}` as well as Jinja's `{% with a = 1 %}`."""
        if self.stream.look().type != "lbrace":
            return super().parse_with()
        node = nodes.With(lineno=next(self.stream).lineno)
        pairs = self.parse_dict().items
        node.targets, node.values = [], []
        for pair in pairs:
            if not isinstance(pair.key, nodes.Const) or not str(pair.key.value).isidentifier():
                self.fail("The names in 'with' have to be written out.", pair.lineno)
            node.targets.append(nodes.Name(str(pair.key.value), "param", lineno=pair.lineno))
            node.values.append(pair.value)
        node.body = self.parse_statements(("name:endwith",), drop_needle=True)
        return node

    # Expressions, from those that bind least to those that bind most

    def parse_expression(self, with_condexpr: bool = True) -> nodes.Expr:
        """Any expression, an arrow function included."""
        expression = super().parse_expression(with_condexpr)
        line = self.stream.current.lineno
        if self.stream.skip_if(f"{TWIG}:?:"):
            return nodes.Or(expression, self.parse_expression(with_condexpr), lineno=line)
        if self.stream.skip_if(f"{TWIG}:?"):
            return self._parse_choice(expression, with_condexpr, line)
        if self.stream.skip_if(f"{TWIG}:=>"):
            return self._parse_arrow(expression, line)
        return expression

    def parse_compare(self) -> nodes.Expr:
        """Comparisons, from left to right."""
        left = self._parse_range()
        while sign := self._comparison():
            right = self.parse_expression() if sign in _WITH_ARROW else self._parse_range()
            left = operation(sign, left, right)
        return left

    def parse_concat(self) -> nodes.Expr:
        """`~`"""
        left = self.parse_math2()
        while self.stream.skip_if("tilde"):
            left = operation("~", left, self.parse_math2())
        return left

    def parse_pow(self) -> nodes.Expr:
        """`**`, from right to left."""
        base = self.parse_unary()
        if self.stream.current.type != "pow":
            return base
        line = next(self.stream).lineno
        return nodes.Pow(base, self.parse_pow(), lineno=line)

    def parse_unary(self, with_filter: bool = True) -> nodes.Expr:
        """A value with its sign, filters and tests, and `??` with another one."""
        value = super().parse_unary(with_filter)
        if not with_filter or not self.stream.skip_if(f"{TWIG}:??"):
            return value
        either = nodes.Or(operation("given ??", value), self.parse_unary(), lineno=value.lineno)
        return operation("taken ??", either)

    def parse_filter_expr(self, node: nodes.Expr) -> nodes.Expr:
        """Filters and tests, and members of what a filter answers: `users|first.name`."""
        filtered = super().parse_filter_expr(node)
        while filtered is not node and self.stream.current.type in ("dot", "lbracket"):
            node = self.parse_postfix(filtered)
            filtered = super().parse_filter_expr(node)
        return filtered

    def parse_filter(self, node: nodes.Expr | None, start_inline: bool = False) -> nodes.Expr | None:
        """Filters, one after the other; a point behind a filter's name begins a member of what it answers."""
        while start_inline or self.stream.skip_if("pipe"):
            start_inline = False
            token = self.stream.expect("name")
            has_arguments = self.stream.current.type == "lparen"
            places, named, _, _ = self.parse_call_args() if has_arguments else ([], [], None, None)
            node = nodes.Filter(node, token.value, places, named, None, None, lineno=token.lineno)
        return node

    def parse_primary(self, with_namespace: bool = False) -> nodes.Expr:
        """A literal or a name; `null`, `true` and `false` in small letters or capitals."""
        token = self.stream.current
        word = str(token.value)
        if token.type == "name" and word.lower() in _WORDS and not with_namespace:
            next(self.stream)
            return nodes.Const(_WORDS[word.lower()], lineno=token.lineno)
        if token.type == "name" and word in self.functions and self.stream.look().type == "lparen":
            next(self.stream)
            return function(word)
        return super().parse_primary(with_namespace)

    def parse_dict(self) -> nodes.Dict:
        """A mapping: `{name: 1, 'text': 2, 3: 4, (expression): 5, variable}`."""
        token = self.stream.expect("lbrace")
        items: list[nodes.Pair] = []
        while self.stream.current.type != "rbrace":
            if items:
                self.stream.expect("comma")
                if self.stream.current.type == "rbrace":
                    break
            items.append(self._parse_pair())
        self.stream.expect("rbrace")
        return nodes.Dict(items, lineno=token.lineno)

    def parse_subscript(self, node: nodes.Expr) -> Any:
        """`.name`, `[expression]` and `[start:length]`."""
        if self.stream.current.type == "dot":
            return super().parse_subscript(node)
        line = self.stream.expect("lbracket").lineno
        start = nodes.Const(0) if self.stream.current.type == "colon" else self.parse_expression()
        if self.stream.skip_if("colon"):
            length = nodes.Const(None) if self.stream.current.type == "rbracket" else self.parse_expression()
            self.stream.expect("rbracket")
            return operation("[:]", node, start, length)
        self.stream.expect("rbracket")
        return nodes.Getitem(node, start, "load", lineno=line)

    def parse_call_args(self) -> Arguments:
        """Arguments by place, and by name with `=` or `:`."""
        self.stream.expect("lparen")
        places: list[nodes.Expr] = []
        named: list[nodes.Keyword] = []
        while self.stream.current.type != "rparen":
            if places or named:
                self.stream.expect("comma")
                if self.stream.current.type == "rparen":
                    break
            token = self.stream.current
            if token.type == "name" and self.stream.look().type in ("assign", "colon"):
                self.stream.skip(2)
                named.append(nodes.Keyword(token.value, self.parse_expression(), lineno=token.lineno))
            elif named:
                self.fail("An argument without a name cannot follow one with a name.")
            else:
                places.append(self.parse_expression())
        self.stream.expect("rparen")
        return places, named, None, None

    def parse_test(self, node: nodes.Expr) -> nodes.Expr:
        """`is [not] name`, also of two words, with arguments in parentheses."""
        line = self.stream.expect("name:is").lineno
        is_negated = self.stream.skip_if("name:not")
        name = self.stream.expect("name").value
        if self.stream.current.test(f"name:{_TESTS.get(name)}"):
            name = f"{name} {next(self.stream).value}"
        places, named, _, _ = self.parse_call_args() if self.stream.current.type == "lparen" else ([], [], None, None)
        test = nodes.Test(node, name, places, named, None, None, lineno=line)
        return nodes.Not(test, lineno=line) if is_negated else test

    def _parse_choice(self, condition: nodes.Expr, with_condexpr: bool, line: int) -> nodes.Expr:
        then = self.parse_expression()
        otherwise: nodes.Expr = nodes.Const("")
        if self.stream.skip_if("colon"):
            otherwise = self.parse_expression(with_condexpr)
        return nodes.CondExpr(condition, then, otherwise, lineno=line)

    def _parse_arrow(self, left: nodes.Expr, line: int) -> nodes.Expr:
        parameters = left.items if isinstance(left, nodes.Tuple) else [left]
        names = tuple(each.name for each in parameters if isinstance(each, nodes.Name))
        if len(names) < len(parameters):
            self.fail("Before '=>' stand the names of the parameters, such as v or (v, k).", line)
        self.arrows.append(ArrowSource(names, self.parse_expression()))
        return arrow_call(len(self.arrows) - 1, line)

    def _parse_range(self) -> nodes.Expr:
        low = self.parse_math1()
        return operation("..", low, self.parse_math1()) if self.stream.skip_if(f"{TWIG}:..") else low

    def _parse_pair(self) -> nodes.Pair:
        token = self.stream.current
        key: nodes.Expr
        if token.type == "name":
            next(self.stream)
            key = nodes.Const(token.value, lineno=token.lineno)
            if self.stream.current.type in ("comma", "rbrace"):
                return nodes.Pair(key, nodes.Name(token.value, "load", lineno=token.lineno), lineno=token.lineno)
        elif token.type in ("string", "integer", "lparen"):
            key = self.parse_primary()
        else:
            self._fail_key()
        self.stream.expect("colon")
        return nodes.Pair(key, self.parse_expression(), lineno=token.lineno)

    def _fail_key(self) -> NoReturn:
        self.fail("A key of a mapping is a name, a text, a whole number or an expression in parentheses.")

    def _comparison(self) -> str | None:
        """Take a comparison off the stream and answer its name; None where none is next."""
        token = self.stream.current
        if token.type in _COMPARISONS:
            next(self.stream)
            return _COMPARISONS[token.type]
        if token.type == TWIG and token.value in _TWIG_COMPARISONS:
            return str(next(self.stream).value)
        if token.test_any("name:in", "name:matches"):
            return str(next(self.stream).value)
        if token.type != "name" or token.value not in _TWO_WORDS:
            return None
        second = self.stream.look()
        if second.type != "name" or second.value not in _TWO_WORDS[token.value]:
            return None
        self.stream.skip(2)
        return f"{token.value} {second.value}"


def operation(name: str, first: nodes.Expr, *others: nodes.Expr) -> nodes.Expr:
    """The use of one of `operators.OPERATORS`."""
    return nodes.Filter(first, name, list(others), [], None, None, lineno=first.lineno)


def function(name: str) -> nodes.Expr:
    """A function of the environment, whatever variables are called so."""
    return nodes.Getitem(nodes.EnvironmentAttribute("functions"), nodes.Const(name), "load")
