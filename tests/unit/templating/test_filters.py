"""Twig's filters and functions; the examples follow Twig's documentation and PHP's functions behind them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.exceptions import Error
from tests.unit.templating.conftest import Render

VALUES: dict[str, Any] = {
    "numbers": [3, 1, 2],
    "ages": {"Bob": 30, "Cy": 4},
    "fruits": [{"id": "a", "name": "Apple"}, {"id": "o", "name": "Orange"}, {"id": "x"}],
    "nothing": None,
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ 'my first CAR'|capitalize }} {{ 'élan'|capitalize }}", "My first car Élan"),
        ("{{ \"it's o'neil-smith at 3d and x.y\"|title }}", "It's O'neil-Smith At 3D And X.y"),
        ("{{ 'WELCOMÉ'|lower }} {{ 'welcomé'|upper }} {{ nothing|upper }}|", "welcomé WELCOMÉ |"),
        ("{{ '  I like  '|trim }}.{{ ' x.'|trim('.') }}.{{ '  x '|trim(side='left') }}.", "I like. x.x ."),
        ("{{ 'abcXcba'|trim('a..c') }} {{ 'xx-xx'|trim('x', 'right') }}", "X xx-"),
        ('{{ "one\ntwo <b>"|nl2br }}', "one<br />\ntwo <b>"),
        ("{{ ' <a> <b>x y</b>\n </a> '|spaceless }}", "<a><b>x y</b></a>"),
        ("{{ 'I like %this% and %that%.'|replace({'%this%': 'foo', '%that%': 'bar'}) }}", "I like foo and bar."),
        ("{{ 'abab'|replace({'a': 'b', 'ab': 'c', 'b': 'a', '': 'x'}) }} {{ 'x1'|replace({1: 2}) }}", "cc x2"),
        ("{{ 'one,two,three,four,five'|split(',', 3)|join('|') }}", "one|two|three,four,five"),
        ("{{ 'a,b,c,d'|split(',', -2)|join('|') }} {{ 'a,b'|split(',', 0)|join('|') }}", "a|b a,b"),
        ("{{ '123'|split('')|join('|') }} {{ 'aabbcc'|split('', 2)|join('|') }}", "1|2|3 aa|bb|cc"),
        ("{{ [1, 2, 3]|join(', ', ' and ') }} {{ [1]|join(', ', ' and ') }} {{ ages|join('|') }}", "1, 2 and 3 1 30|4"),
        ("{{ [1, nothing, true, false, 1.0]|join('|') }} {{ 'x'|join(',') }} {{ [1, 2]|join }}", "1||1||1 x 12"),
        ("{{ '<a href=\"1>2\">b</a><!-- c > d --> 1 < 2 <i>e</i>'|striptags }}", "b 1 < 2 e"),
        ("{{ '<a>b</a> <br/><i>c</i> <x'|striptags('<br><i>') }}|", "b <br/><i>c</i> |"),
        ("{{ '<i>c</i><b>d</b>'|striptags(['b']) }}", "c<b>d</b>"),
        ("{{ '<\"&\\'é'|e }} {{ '<'|escape('html') }}", "&lt;&quot;&amp;&#039;é &lt;"),
        ("{{ \"it's </a>\"|e('js') }} {{ '😀é'|e('js') }}", r"it\u0027s\u0020\u003C\/a\u003E \uD83D\uDE00\u00E9"),
        ("{{ 'a b<é'|e('css') }} {{ 'a b\"<é'|e('html_attr') }}", r"a\20 b\3C \E9  a&#x20;b&quot;&lt;&#x00E9;"),
        ("{{ 'path-seg*ment é~'|url_encode }} {{ 'a/b'|e('url') }}", "path-seg%2Ament%20%C3%A9~ a%2Fb"),
        (
            "{{ {param: 'v', foo: 'b r', n: nothing, l: [1, true, {x: false}]}|url_encode }}",
            "param=v&foo=b%20r&l%5B0%5D=1&l%5B1%5D=1&l%5B2%5D%5Bx%5D=0",
        ),
        ("{{ 'I like %s and %s.'|format('foo', 'bar') }}", "I like foo and bar."),
        (
            "{{ '%05.2f|%5d|%-5s|%05d|%+d|%x|%X|%o|%b|%c|%%'|format(3.14159, 42, 'ab', -42, 7, 255, 255, 8, 5, 65) }}",
            "03.14|   42|ab   |-0042|+7|ff|FF|10|101|A|%",
        ),
        (
            "{{ \"%2$s %1$s %'*6s %.2s %e %u\"|format('a', 'bcd', 1.5, -1) }}",
            "bcd a *****a bc 1.500000e+0 18446744073709551615",
        ),
    ],
)
def test_texts(render: Render, template: str, text: str) -> None:
    assert render(template, **VALUES) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ (-5)|abs }} {{ '-1.5'|abs }} {{ nothing|abs }}", "5 1.5 0"),
        ("{{ 42.55|round }} {{ 42.55|round(1, 'floor') }} {{ 42.55|round(1) }} {{ (-2.5)|round }}", "43 42.5 42.6 -3"),
        ("{{ 1.005|round(2) }} {{ 1234|round(-2) }} {{ 2.1|round(0, 'ceil') }} {{ '2.5'|round }}", "1.01 1200 3 3"),
        ("{{ 9800.333|number_format }} {{ 9800.333|number_format(2, ',', '.') }}", "9,800 9.800,33"),
        ("{{ 1234567.891|number_format(2) }} {{ 0.5|number_format }} {{ (-0.4)|number_format }}", "1,234,567.89 1 0"),
        ("{{ (-1234.5)|number_format(1, '.', '') }} {{ nothing|number_format }} {{ 999|number_format(1, ',', ' ') }}",
         "-1234.5 0 999,0"),
        ("{{ 1e25 }} {{ 0.00001 }} {{ 123456789012345678.0 }} {{ 1/3 }}",
         "1.0E+25 1.0E-5 1.2345678901235E+17 0.33333333333333"),
    ],
)  # fmt: skip
def test_numbers(render: Render, template: str, text: str) -> None:
    assert render(template, **VALUES) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ ['a', 'b', 'c', 'd', 'e']|batch(3, 'x')|map(row => row|join)|join(' ') }}", "abc dex"),
        ("{{ [1, 2, 3]|batch(2)|json_encode }} {{ [1, 2, 3]|batch(2, 'x', false)|json_encode }}",
         '[[1,2],{"2":3}] [[1,2],[3,"x"]]'),
        ("{{ fruits|column('name')|join(',') }} {{ fruits|column('name', 'id')|json_encode }}",
         'Apple,Orange {"a":"Apple","o":"Orange"}'),
        ("{{ numbers|filter(n => n > 1)|json_encode }} {{ ages|filter(a => a > 5)|json_encode }}",
         '{"0":3,"2":2} {"Bob":30}'),
        ("{{ ages|map(a => a * 2)|json_encode }} {{ numbers|map(n => n)|json_encode }}", '{"Bob":60,"Cy":8} [3,1,2]'),
        ("{{ numbers|first }}{{ numbers|last }}{{ ages|first }}{{ 'abc'|first }}{{ 'abc'|last }}{{ []|first }}",
         "3230ac"),
        ("{{ ages|keys|join }} {{ numbers|keys|join }} {{ 'x'|keys|json_encode }}", "BobCy 012 []"),
        ("{{ numbers|length }} {{ ages|length }} {{ 'äöü'|length }} {{ nothing|length }} {{ 1234|length }}",
         "3 2 3 0 4"),
        ("{{ numbers|merge(['x'], {a: 1})|json_encode }} {{ ages|merge({Cy: 5, Di: 6})|json_encode }}",
         '{"0":3,"1":1,"2":2,"3":"x","a":1} {"Bob":30,"Cy":5,"Di":6}'),
        ("{{ numbers|reverse|join }} {{ 'abc'|reverse }} {{ ages|reverse|json_encode }}", '213 cba {"Cy":4,"Bob":30}'),
        ("{{ numbers|reverse(true)|json_encode }} {{ 123|reverse }}", '{"2":2,"1":1,"0":3} 321'),
        ("{{ [1, 2, 3, 4, 5]|slice(1, 2)|join }} {{ '12345'|slice(1, 2) }} {{ '12345'|slice(-2) }}", "23 23 45"),
        ("{{ '12345'|slice(1, -1) }} {{ [1, 2, 3]|slice(1, 2, true)|json_encode }} {{ ages|slice(1)|json_encode }}",
         '234 {"1":2,"2":3} {"Cy":4}'),
        ("{{ numbers|sort|join }} {{ numbers|sort|json_encode }} {{ ages|sort|keys|join(',') }}",
         '123 {"1":1,"2":2,"0":3} Cy,Bob'),
        ("{{ ['10', 9, '1e1', 'b', 'a']|sort|join(',') }} {{ [true, nothing, 2]|sort|join(',') }}",
         "9,10,1e1,a,b ,1,2"),
        ("{{ numbers|shuffle|sort|join }} {{ 'ab'|shuffle|length }} {{ 5|shuffle }}", "123 2 5"),
        ("{{ nothing|default('x') }} {{ no.such.thing|default('x') }} {{ ''|default('x') }} {{ 0|default('x') }}",
         "x x x 0"),
        ("{{ []|default('x') }} {{ nothing|default }}|", "x |"),
        ("{{ {a: [1, 2.0, 2.5, nothing, true], 'é/': '\"'}|json_encode }}",
         r'{"a":[1,2,2.5,null,true],"\u00e9\/":"\""}'),
        ("{{ {a: {}, b: [1]}|json_encode(128 + 64 + 1024) }}", '{\n    "a": {},\n    "b": [\n        1\n    ]\n}'),
        ("{{ ['é/', 1.0]|json_encode(256 + 64 + 1024) }}", '["é/",1.0]'),
        ("{{ 'x'|raw }}{{ [1, 2]|raw }}", "x[1,2]"),
    ],
)  # fmt: skip
def test_arrays(render: Render, template: str, text: str) -> None:
    assert render(template, **VALUES) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ range(0, 10, 5)|join(',') }} {{ range('a', 'e', 2)|join }} {{ range(3, 1)|join }}", "0,5,10 ace 321"),
        ("{{ range(0, 1, 0.25)|join(' ') }} {{ range('1', '3')|join }}", "0 0.25 0.5 0.75 1 123"),
        ("{{ max(1, 3, 2) }} {{ max([1, 3, 2]) }} {{ max({2: 'e', 1: 'a', 3: 'b', 5: 'd', 4: 'c'}) }}", "3 3 e"),
        ("{{ min(1, 3, 2) }} {{ min(numbers) }} {{ min('10', 9) }}", "1 1 9"),
        ("{% for i in 0..3 %}{{ cycle(['odd', 'even', 'x'], i) }} {% endfor %}", "odd even x odd"),
        (
            "{{ attribute(ages, 'Bob') }} {{ attribute(fruits[0], 'n' ~ 'ame') }} {{ attribute(ages, 'q') is null }}",
            "30 Apple 1",
        ),
        ("{{ random(['x']) }} {{ random('y') }} {{ random(0) }} {{ random(7, 7) }} {{ random(-1, -1) }}", "x y 0 7 -1"),
        ("{{ random() >= 0 }} {{ random(3) <= 3 }} {{ random('') }}|", "1 1 |"),
    ],
)
def test_functions(render: Render, template: str, text: str) -> None:
    assert render(template, **VALUES) == text


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{ 'x'|e('htm') }}", "There is no escaping 'htm'. Did you mean 'html'?"),
        ("{{ 'x'|trim('y', 'middle') }}", "trim knows the sides 'both', 'left' and 'right'; 'middle' is none."),
        ("{{ 'x'|replace('x', 'y') }}", "'replace': too many positional arguments."),
        ("{{ 'x'|replace('x') }}", "replace takes a mapping such as {'old': 'new'}, and got 'x'."),
        ("{{ '%s %s'|format('a') }}", "format has 1 values, and '%s' wants another one."),
        ("{{ '%q'|format('a') }}", "format knows no placeholder '%q'; %s, %d and %.2f are some."),
        ("{{ 1|round(0, 'up') }}", "round knows the methods 'common', 'ceil' and 'floor'; 'up' is none."),
        ("{{ 'many'|number_format }}", "'many' is not a number."),
        ("{{ numbers|batch(0) }}", "batch makes parts of 1 or more items, not of 0."),
        ("{{ 'x'|sort }}", "The filter 'sort' expects a sequence or a mapping, and got 'x'."),
        ("{{ 'x'|json_encode(1) }}", "json_encode knows the options 64, 128, 256 and 1024"),
        ("{{ cycle([], 1) }}", "cycle takes a sequence that is not empty, and got a sequence."),
        ("{{ max([]) }}", "max takes values, or an array that is not empty."),
        ("{{ random([]) }}", "random cannot pick from an empty array."),
        ("{{ range(1, 5, 0) }}", "The step of a range is not 0."),
        ("{{ random(5, 1) }}", "random cannot pick a number from 5 to 1."),
    ],
)
def test_what_is_wrong_is_said(render: Render, template: str, error: str) -> None:
    with pytest.raises(Error, match=re.escape(error)):
        render(template, **VALUES)
