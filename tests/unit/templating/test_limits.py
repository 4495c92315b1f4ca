"""A small template cannot take the machine's memory or time by a filter, a function or an operator."""

from __future__ import annotations

from contextlib import suppress

import pytest

from core.exceptions import Error
from tests.unit.templating.conftest import Render

DOUBLED = "{% set x = [x, x] %}" * 60


@pytest.mark.parametrize(
    "template",
    [
        "{{ range(0, 1000000000)|length }}",
        "{{ (0..1000000000)|length }}",
        "{{ range(0, 1, 0.0000000001)|length }}",
        "{{ [1]|batch(1000000000, 'x') }}",
        "{{ 1|number_format(1000000000) }}",
        "{{ 1|round(1000000000) }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ '%.1000000000f'|format(1) }}",
        "{{ ('%1000s'|format('') ~ '%1000s')|format('', '') }}" + "{{ '%9999999999999$s'|format(1) }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 'x' * 1000000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{% set t = 'xxxxxxxxxx' %}" + "{% set t = t ~ t %}" * 40,
        "{% set t = 'aaaaaaaaaa' %}" + "{% set t = t|replace({'a': t}) %}" * 12,
        "{% set t = ['aaaaaaaaaa']|join(',') %}{{ (1..100000)|join(t|replace({'a': t})|replace({'a': t})) }}",
        "{% set a = [1, 2] %}" + "{% set a = a|merge(a) %}" * 40,
        "{% set t = '\"' %}" + "{% set t = t|json_encode %}" * 60,
        "{% set x = [1, 2] %}" + DOUBLED + "{{ x|json_encode }}",
        pytest.param("{% set x = [1, 2] %}" + DOUBLED + "{{ x }}", marks=pytest.mark.proof),
        pytest.param("{% set x = [1, 2] %}" + DOUBLED + "{{ x|url_encode }}", marks=pytest.mark.proof),
        pytest.param("{% set x = [1, 2] %}" + DOUBLED + "{{ x|join }}", marks=pytest.mark.proof),
        "{{ 'x'|trim('\\x00..\U0010ffff') }}" + "{{ 'x'.center(1000000000) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 5.to_bytes(1000000000, 'big') }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ lipsum(1000000000) }}",
        "{{ 'x' matches '/" + "x" * 2000 + "/' }}",
        "{{ (1..10000)|join matches '/x/' }}",
    ],
)
def test_too_much_is_an_error(render: Render, template: str) -> None:
    with pytest.raises(Error):
        render(template)


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ range.__globals__ }}",
        "{{ (v => v).__call__.__globals__ }}",
        "{{ [1]|map(v => v.__class__.__base__)|first.x }}",
        "{{ attribute(self, '__class__').__init__ }}",
        "{{ config.__class__.__init__ }}",
        "{{ namespace(a=1).__class__.__init__ }}",
    ],
)
def test_the_sandbox_is_closed(render: Render, template: str) -> None:
    with suppress(Error):  # refused in words
        assert render(template) == ""
