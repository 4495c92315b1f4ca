"""Twig's grammar where it is not Jinja's; the examples follow Twig's documentation."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import BadRequest, Error
from tests.unit.templating.conftest import Render

VALUES: dict[str, Any] = {
    "name": "Ada",
    "none_at_all": None,
    "numbers": [3, 1, 2],
    "ages": {"Bob": 30, "Cy": 4},
    "users": [{"name": "Zoe", "age": 3}, {"name": "Bob", "age": 30}],
    "payload": {"items": [1, 2], "values": "v", "1": "one"},
    "date": "a text",
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (
            "{{ name ? 'yes' : 'no' }} {{ none_at_all ? 'yes' : 'no' }} {{ name ? 'yes' }}{{ none_at_all ? 'yes' }}",
            "yes no yes",
        ),
        ("{{ name ?: 'x' }} {{ none_at_all ?: 'x' }}", "Ada x"),
        ("{{ none_at_all ?? 'x' }} {{ no.such.thing ?? none_at_all ?? 'y' }} {{ false ?? 'z' }}|", "x y |"),
        ("{{ (none_at_all ?? 'a') ~ 'b' }}", "ab"),
        ("{{ true ? false ? 1 : 2 : 3 }} {{ [name ? 1 : 2, 3][0] }} {{ {a: name ? 1 : 2}.a }}", "2 1 1"),
        ("{{ 'yes' if name else 'no' }}", "yes"),
        ("{% for n in 1..3 %}{{ n }}{% endfor %} {{ ('a'..'e')|join }} {{ (3..1)|join }}", "123 abcde 321"),
        ("{{ 'Hello ' ~ name ~ 1 ~ none_at_all ~ true }}", "Hello Ada11"),
        ("{{ \"Hello #{name|upper} and #{1 + 1}\" }} {{ '#{name}' }}", "Hello ADA and 2 #{name}"),
        (r"{{ '\'' }}{{ 'a\\b' }}{{ 'a\d' }}", r"'a\ba\d"),
        ("{{ name starts with 'A' }} {{ name ends with 'x' ? 1 : 2 }} {{ name matches '/^a.A$/i' }}", "1 2 1"),
        (r"{{ '2026' matches '/^\d+$/' ? 'y' : 'n' }}{{ '2026' matches '#^\\d{3}$#' ? 'y' : 'n' }}", "yn"),
        ("{{ 4 in ages ? 'y' : 'n' }}{{ 'Cy' in ages ? 'y' : 'n' }}{{ 'd' in name }}{{ 'x' not in name }}", "yn11"),
        ("{{ users has some u => u.age > 29 }} {{ (users has every u => u.age > 29) ? 'y' : 'n' }}", "1 n"),
        ("{{ 2 ** 3 ** 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 8 / 2 }}", "512 3 -4 -1 3.5 4"),
        ("{{ '3' + 4 }} {{ none_at_all + 1 }} {{ '1.5' * 2 }} {{ 0.1 + 0.2 }} {{ -'2' }}", "7 1 3 0.3 -2"),
        (
            "{{ 5 <=> 3 }} {{ '10' == 10.0 }} {{ 'abc' == 0 ? 'y' : 'n' }} {{ none_at_all < 5 }} {{ '10' > '9' }}",
            "1 1 n 1 1",
        ),
        (
            "{{ no_such == null ? 'y' : 'n' }}{{ none_at_all == no_such ? 'y' : 'n' }}{{ '' == null ? 'y' : 'n' }}",
            "yyy",
        ),
        ("{{ '1' === 1 ? 'y' : 'n' }}{{ 1 === 1 ? 'y' : 'n' }}{{ 1 !== 2 ? 'y' : 'n' }}", "nyy"),
        ("{{ {a: 1, 'b': 2, 3: 4, (name): 5, name}|json_encode }}", '{"a":1,"b":2,"3":4,"Ada":5,"name":"Ada"}'),
        ("{{ '12345'[1:2] }} {{ numbers[1:]|join }} {{ '12345'[:2] }} {{ '12345'[-2:] }}", "23 12 12 45"),
        (
            "{{ payload.items|length }} {{ payload['values'] }} {{ payload[1] }} {{ numbers.0 }} {{ numbers['1'] }}",
            "2 v one 3 1",
        ),
        ("{{ users|first.name }} {{ (users|last).name|upper }} {{ users|column('name')[1] }}", "Zoe BOB Bob"),
        ("{{ date }} {{ date('2026-11-23')|date('Y') }}", "a text 2026"),
        ("{{ 3.14|number_format(decimal: 1, decimal_point=',') }}", "3,1"),
        ("{{ NULL ?? TRUE }} {{ null is null }}", "1 1"),
        (
            "{{ true }}|{{ false }}|{{ null }}|{{ 5.0 }}|{{ 1.5e300 }}|{{ [1, {a: 'é/'}] }}",
            '1|||5|1.5E+300|[1,{"a":"é/"}]',
        ),
    ],
)
def test_expressions(render: Render, template: str, text: str) -> None:
    assert render(template, **VALUES) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{% if false %}a{% elseif name %}b{% else %}c{% endif %}", "b"),
        (
            "{% for v in ages %}{{ v }},{% endfor %} {% for k, v in ages %}{{ k }}={{ v }};{% endfor %}",
            "30,4, Bob=30;Cy=4;",
        ),
        ("{% for i, n in numbers %}{{ i }}:{{ n }} {% endfor %}", "0:3 1:1 2:2"),
        ("{% for k, v in ages.items() %}{{ k }}{{ v }} {% endfor %}", "Bob30 Cy4"),
        ("{% for n in none_at_all %}x{% else %}none{% endfor %}{% for c in name %}x{% endfor %}", "none"),
        ("{% for n in numbers if n > 1 %}{{ loop.index }}/{{ n }} {% endfor %}", "1/3 2/2"),
        ("{% apply upper|trim %} hi {{ name }} {% endapply %}", "HI ADA"),
        ("{% with {a: 1, b: name} %}{{ a }}{{ b }}{% endwith %}{{ a }}", "1Ada"),
        ("{% set x %}<{{ name }}>{% endset %}{{ x }}{% set a, b = 1, 2 %}{{ a + b }}", "<Ada>3"),
        ("{% do numbers|length %}{# a comment #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("{% macro f(a, b = 2) %}{{ a }}-{{ b }};{% endmacro %}{{ f(1) }}{{ f(b: 5, a: 1) }}", "1-2;1-5;"),
        ("{% autoescape true %}{{ '<\n'|nl2br }}{{ '<\n'|raw|nl2br }}.{% endautoescape %}", "&lt;<br />\n<<br />\n."),
        ("{% apply nl2br %}<b>\n</b>{% endapply %}", "<b><br />\n</b>"),
        ("{% autoescape true %}{{ '<' }}{{ '<'|raw }}{{ '<'|e }}{% endautoescape %}{{ '<' }}", "&lt;<&lt;<"),
    ],
)
def test_tags(render: Render, template: str, text: str) -> None:
    assert render(template, **VALUES) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{% set sum = 0 %}{% for n in numbers %}{% set sum = sum + n %}{% endfor %}{{ sum }}", "6"),
        ("{% set t = '' %}{% for n in numbers %}{% set t %}{{ t }}-{{ n }}{% endset %}{% endfor %}{{ t }}", "-3-1-2"),
        ("{% for a in 1..2 %}{% for b in 1..2 %}{% set c = c + a * b %}{% endfor %}{% endfor %}{{ c }}", "9"),
        ("{% for n in numbers %}{% if n == 2 %}{% set name = n %}{% endif %}{% endfor %}{{ name }}", "2"),
        (
            "{% macro total(xs) %}{% set s = 0 %}{% for x in xs %}{% set s = s + x %}{% endfor %}{{ s }}{% endmacro %}"
            "{% set s = 1 %}{{ total(numbers) }} {{ s }}",
            "6 1",
        ),
        (
            "{% set k = 2 %}{% for n in numbers %}{% set k = n %}{% endfor %}{{ numbers|map(n => n * k)|join(',') }}",
            "6,2,4",
        ),
        ("{% for n in numbers %}{% for n in 1..2 %}{% endfor %}{% set n = 9 %}{{ n }}{% endfor %}", "999"),
    ],
)
def test_what_is_set_in_a_loop_stays_set(render: Render, template: str, text: str) -> None:
    assert render(template, **VALUES) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ numbers|map(n => n * 2)|join(',') }}", "6,2,4"),
        ("{{ users|filter((u, k) => u.age > 10 and k == 1)|column('name')|join }}", "Bob"),
        ("{{ ages|map((age, who) => who ~ age)|join(' ') }}", "Bob30 Cy4"),
        ("{% set limit = 2 %}{{ numbers|filter(n => n >= limit)|join }}", "32"),
        ("{% for f in 1..2 %}{{ numbers|map(n => n * f)|join('.') }} {% endfor %}", "3.1.2 6.2.4"),
        ("{{ numbers|map(a => numbers|map(b => a * b)|join('.'))|join(' ') }}", "9.3.6 3.1.2 6.2.4"),
        ("{{ users|sort((a, b) => a.name <=> b.name)|map(u => u.name)|join(' ') }}", "Bob Zoe"),
        ("{{ numbers|reduce((carry, n) => carry + n, 10) }} {{ numbers|find(n => n < 3) }}", "16 1"),
        ("{{ numbers|find(n => n > 9) is null }}", "1"),
        ("{{ numbers|map((n) => n > 1 ? 'big' : 'small')|join(' ') }}", "big small big"),
        ("{{ numbers|map(() => 'x')|join }}{% set f = (a, b) => b ?? 'none' %}{{ f|invoke(1) }}", "xxxnone"),
        ("{% macro m(x) %}{{ numbers|map(n => n + x)|join }}{% endmacro %}{{ m(1) }}", "423"),
    ],
)
def test_arrow_functions(render: Render, template: str, text: str) -> None:
    assert render(template, **VALUES) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ 7 is divisible by(7) }}{{ 7 is not divisible by(2) }}{{ 7 is divisibleby(7) }}", "111"),
        ("{{ 1 is same as(1) }}{{ 1 is same as('1') ? 'y' : 'n' }}", "1n"),
        (
            "{{ '' is empty }}{{ 0 is empty ? 'y' : 'n' }}{{ [] is empty }}{{ no_such is empty }}{{ false is empty }}",
            "1n111",
        ),
        ("{{ 2 is even }}{{ 3 is odd }}{{ '4' is even }}{{ -3 is odd }}", "1111"),
        ("{{ numbers is iterable }}{{ ages is iterable }}{{ name is iterable ? 'y' : 'n' }}", "11n"),
        ("{{ numbers is sequence }}{{ ages is mapping }}{{ ages is sequence ? 'y' : 'n' }}", "11n"),
        ("{{ [] is sequence }}{{ [] is mapping ? 'y' : 'n' }}", "1n"),
        ("{{ none_at_all is null }}{{ no_such is none }}{{ name is not null }}", "111"),
        ("{{ name is defined }}{{ no_such.deeper is defined ? 'y' : 'n' }}{{ none_at_all is defined }}", "1n1"),
        ("{{ name is not empty and numbers|length is odd ? 'y' : 'n' }}", "y"),
    ],
)
def test_tests(render: Render, template: str, text: str) -> None:
    assert render(template, **VALUES) == text


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{ 'x'|uper }}", "No filter named 'uper'. Did you mean 'upper'?"),
        ("{{ 1 is evn }}", "No test named 'evn'. Did you mean 'even'?"),
        ("{{ 'x'|batch }}", "'batch': missing a required argument: 'size'."),
        ("{{ 'x'|trim(sid='left') }}", "'trim': got an unexpected keyword argument 'sid'."),
        ("{{ 'a' + 1 }}", "'a' is not a number."),
        ("{{ [1] * 2 }}", "a sequence is not a number."),
        ("{{ 5 % 0 }}", "Division by zero."),
        ("{{ 5 // 0 }}", "Division by zero."),
        ("{{ [1]|map(1) }}", "The filter 'map' takes an arrow function such as v => v.name, and got 1."),
        ("{{ 'x'|map(v => v) }}", "The filter 'map' expects a sequence or a mapping, and got 'x'."),
        ("{{ 1 + 1 => 2 }}", "Before '=>' stand the names of the parameters"),
        ("{{ {-1: 2} }}", "A key of a mapping is a name, a text, a whole number"),
        ("{{ f(a: 1, 2) }}", "An argument without a name cannot follow one with a name."),
        ("{% with {(name): 1} %}{% endwith %}", "The names in 'with' have to be written out."),
        ("{{ 'x' matches 'abc' }}", "'abc' is no regular expression between two delimiters"),
        ("{{ 'x' matches '/(/' }}", "The regular expression '/(/' is wrong: "),
        ("{{ 'x' matches '/x/q' }}", "has the unknown flag 'q'"),
        ("{{ 'x' matches '/[[:alpha:]]/' }}", "The regular expression '/[[:alpha:]]/' is wrong: "),
        ("{{ 1 is divisible by(0) }}", "Nothing is divisible by 0."),
    ],
)
def test_what_is_wrong_is_said(render: Render, template: str, error: str) -> None:
    with pytest.raises(Error) as raised:
        render(template)

    assert str(raised.value).startswith(error) or error in str(raised.value)


class Record:
    """An entity as templates see it."""

    id = "1"

    def __init__(self, **values: Any) -> None:
        self._values = values

    def get(self, name: str) -> Any:
        if name not in self._values:
            raise BadRequest(f"There is no attribute '{name}'.")
        return self._values[name]

    def has_attribute(self, name: str) -> bool:
        return name in self._values


def test_the_attributes_and_links_of_an_entity_are_read(render: Render) -> None:
    job = Record(name="Import", payload={"items": [1]}, owner=Record(name="Ada"))

    text = render(
        "{{ job.name }} {{ job['name'] }} {{ job.owner.name }} {{ job.id }} {{ job.get('name') }} {{ job.x }}|", job=job
    )

    assert text == "Import Import Ada 1 Import |"
    assert render("{{ job.payload.items|length }} {{ [job]|column('name')|join }}", job=job) == "1 Import"


def test_nothing_is_worked_out_once_and_for_all(render: Render) -> None:
    template = "{{ random(1, 1000000000) }} {{ [1, 2, 3, 4, 5, 6, 7, 8, 9]|shuffle|join }}"

    assert len({render(template) for _ in range(5)}) > 1


def test_a_template_changes_none_of_its_data(render: Render) -> None:
    data = {"a": [1]}

    with pytest.raises(Error):
        render("{{ data.update({'b': 1}) }}", data=data)
    with pytest.raises(Error):
        render("{{ data.a.append(1) }}", data=data)
    assert data == {"a": [1]}
