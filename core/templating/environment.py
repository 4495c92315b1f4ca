"""Jinja's sandbox, made to speak Twig."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import (
    ChainableUndefined,
    Template,
    TemplateAssertionError,
    Undefined,
    pass_context,
    pass_eval_context,
)
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import LRUCache, Namespace
from markupsafe import Markup

from core.exceptions import Error, did_you_mean
from core.templating import array_filters, date_filters, number_filters, text_filters, twig_functions
from core.templating.arithmetic import OPERATIONS, calculate
from core.templating.arrow import BODIES, MAKER, compile_arrow, make_arrow
from core.templating.escaping import escape, url_encode
from core.templating.json_encoding import encode_json
from core.templating.lexer import TwigLexer
from core.templating.limits import allow
from core.templating.loop_variables import NAMESPACE
from core.templating.members import MISSING, is_entity, member
from core.templating.operators import OPERATORS
from core.templating.parser import TwigParser
from core.templating.php_values import to_text
from core.templating.sprintf import sprintf
from core.templating.twig_tests import TESTS

#: Filters of Jinja that a small template could make a whole machine's memory of.
DROPPED_FILTERS = ("center", "indent", "pprint", "tojson", "urlize", "wordwrap", "xmlattr")
#: Functions of Jinja: `range` is Twig's here.
DROPPED_GLOBALS = ("lipsum", "range")
_KEPT_TEMPLATES = 100

Function = Callable[..., Any]

FILTERS: Mapping[str, Function] = {
    "abs": number_filters.absolute,
    "batch": array_filters.batch,
    "capitalize": text_filters.capitalize,
    "column": array_filters.column,
    "date": date_filters.format_date,
    "date_modify": date_filters.modify_date,
    "default": array_filters.default,
    "d": array_filters.default,
    "filter": array_filters.filter_items,
    "find": array_filters.find,
    "first": array_filters.first,
    "format": sprintf,
    "invoke": array_filters.invoke,
    "join": text_filters.join,
    "json_encode": encode_json,
    "keys": array_filters.keys,
    "last": array_filters.last,
    "length": array_filters.length,
    "count": array_filters.length,
    "lower": text_filters.lower,
    "map": array_filters.map_items,
    "merge": array_filters.merge,
    "number_format": number_filters.number_format,
    "reduce": array_filters.reduce_items,
    "replace": text_filters.replace,
    "reverse": array_filters.reverse,
    "round": number_filters.round_number,
    "shuffle": array_filters.shuffle,
    "slice": array_filters.cut,
    "sort": array_filters.sort,
    "spaceless": text_filters.spaceless,
    "split": text_filters.split,
    "string": to_text,
    "striptags": text_filters.striptags,
    "title": text_filters.title,
    "trim": text_filters.trim,
    "upper": text_filters.upper,
    "url_encode": url_encode,
}
FUNCTIONS: Mapping[str, Function] = {
    "attribute": twig_functions.attribute,
    "cycle": twig_functions.cycle,
    "date": date_filters.to_moment,
    "max": twig_functions.greatest,
    "min": twig_functions.least,
    "random": twig_functions.pick,
    "range": twig_functions.make_range,
}


class Missing(ChainableUndefined):
    """What is not defined: it prints nothing, has nothing in it, and is null wherever it is asked."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Undefined)

    def __hash__(self) -> int:
        return hash(None)


class TwigEnvironment(ImmutableSandboxedEnvironment):
    """Compiles templates. `functions` are those that they may call; `filters` and `tests` are where Jinja has them."""

    intercepted_binops = frozenset(OPERATIONS)
    intercepted_unops = frozenset("+-")

    def __init__(self, filters: Mapping[str, Function], functions: Mapping[str, Function]) -> None:
        # Not optimized: else `'now'|date` would be worked out once and for all.
        super().__init__(
            undefined=Missing, finalize=print_value, optimized=False, extensions=["jinja2.ext.do"], cache_size=0
        )
        for name in DROPPED_FILTERS:
            del self.filters[name]
        for name in DROPPED_GLOBALS:
            del self.globals[name]
        for own in (FILTERS, OPERATORS):
            self.filters.update({name: careful(name, function) for name, function in own.items()})
        self.filters.update(
            {"escape": escape_filter, "e": escape_filter, "nl2br": nl2br_filter, "raw": raw, "safe": raw}
        )
        self.filters.update({name: careful(name, each) for name, each in filters.items()})
        self.tests.update({name: careful(name, test) for name, test in TESTS.items()})
        inner = {MAKER: make_arrow, NAMESPACE: Namespace}
        self.functions = {name: careful(name, each) for name, each in {**FUNCTIONS, **functions}.items()} | inner
        self._lexer = TwigLexer(self)
        self._templates: Any = LRUCache(_KEPT_TEMPLATES)

    @property
    def lexer(self) -> TwigLexer:
        """The lexer of all templates."""
        return self._lexer

    def template(self, source: str) -> Template:
        """The template of a text; jinja2.TemplateError or Error where it is none."""
        template = self._templates.get(source)
        if template is None:
            template = self._templates[source] = self._made(source)
        return template  # type: ignore[no-any-return]  # LRUCache has no types

    def _made(self, source: str) -> Template:
        parser = TwigParser(self, source)
        parser.functions = frozenset(self.functions)
        try:
            code = self.compile(parser.parse())
        except TemplateAssertionError as error:
            raise Error(f"{error.message}{self._near_name(str(error.message))}") from error
        bodies = [compile_arrow(self, arrow) for arrow in parser.arrows]
        return Template.from_code(self, code, self.make_globals({BODIES: bodies}))

    def _near_name(self, message: str) -> str:
        """` Did you mean 'x'?` for Jinja's `No filter named 'y'.`"""
        unknown = re.match(r"No (filter|test) named '(.*)'", message)
        if unknown is None:
            return ""
        names = {"filter": self.filters, "test": self.tests}[unknown[1]]
        return did_you_mean(unknown[2], [name for name in names if name[0].isalpha()])

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`value.name`: an item of a mapping, an attribute of an entity, else what Python calls so."""
        found = member(obj, attribute) if isinstance(obj, Mapping) or _is_field(obj, attribute) else MISSING
        return super().getattr(obj, attribute) if found is MISSING else found

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`value[name]`: as above; of a mapping, `1` and `'1'` are the same key."""
        found = member(obj, argument)
        if found is not MISSING:
            return found
        return self.getattr(obj, argument) if isinstance(argument, str) else super().getitem(obj, argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Texts and numbers have no attributes, as in Twig: `'x'.center(1000000000)` would fill the memory."""
        return not isinstance(obj, str | bytes | int | float) and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """No text's `format` is let through, so that none needs wrapping."""

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """`+ - * / // % **`"""
        return calculate(operator, defined(left), defined(right))

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        """`+value` and `-value`"""
        return calculate(operator, 0, defined(arg))


def careful(name: str, function: Function) -> Function:
    """The function, for templates: what is not defined is null for it, and its answer is not too large."""

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        values, options = [*map(defined, arguments)], {key: defined(value) for key, value in named.items()}
        try:
            return allow(function(*values, **options))
        except TypeError as error:
            raise Error(f"'{name}': {_misuse(function, values, options) or error}.") from error

    return call


def _misuse(function: Function, values: Sequence[Any], options: Mapping[str, Any]) -> str | None:
    """Why a function cannot be called so, or None."""
    try:
        inspect.signature(function).bind(*values, **options)
    except TypeError as error:
        return str(error)
    return None


def defined(value: Any) -> Any:
    """The value; null where it is not defined."""
    return None if isinstance(value, Undefined) else value


@pass_context
def print_value(context: Context, value: Any) -> str:
    """What `{{ value }}` prints. The context is taken so that nothing is printed once and for all when compiling."""
    return value if isinstance(value, Markup) else to_text(defined(value))


@pass_eval_context
def escape_filter(eval_context: EvalContext, value: Any, strategy: Any = "html") -> str:
    """`escape`; what it answers is not escaped once more where escaping is on."""
    escaped: str = allow(value if isinstance(value, Markup) else escape(defined(value), strategy))
    return Markup(escaped) if eval_context.autoescape else escaped


@pass_eval_context
def nl2br_filter(eval_context: EvalContext, value: Any) -> str:
    """`nl2br`; where escaping is on, the text is escaped before it gets its tags."""
    if not eval_context.autoescape:
        return str(allow(text_filters.nl2br(defined(value))))
    return Markup(allow(text_filters.nl2br(escape_filter(eval_context, value))))


@pass_eval_context
def raw(eval_context: EvalContext, value: Any) -> str:
    """`raw`: not escaped where escaping is on."""
    text = to_text(defined(value))
    return Markup(text) if eval_context.autoescape else text


def _is_field(value: Any, name: str) -> bool:
    """Whether it is a field of an entity rather than a method: `entity.get('name')` stays one."""
    return is_entity(value) and not hasattr(type(value), name)
