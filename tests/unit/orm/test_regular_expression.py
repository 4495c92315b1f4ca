"""Patterns in Python's form and in PHP's."""

from __future__ import annotations

import pytest

from core.orm.regular_expression import compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^[a-z]+$", "axe"),
        ("b", "abc"),
        ("/^[a-z]+$/", "axe"),
        ("/^[a-z]+$/i", "AXE"),
        (r"/^\d{3}\/x$/u", "123/x"),
        ("#^a/b$#", "a/b"),
        ("~^ä$~u", "ä"),
        ("/^a  b # with a remark\n$/x", "ab"),
        ("/^a.b$/s", "a\nb"),
    ],
)
def test_a_pattern_matches(pattern: str, text: str) -> None:
    assert compile_pattern(pattern).search(text)


def test_without_delimiters_a_slash_is_a_slash() -> None:
    assert not compile_pattern("/a").search("a")


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "is no regular expression: missing )"),
        (r"\p{L}", r"is no regular expression: bad escape \\p"),
        ("[[:alpha:]]", "is no regular expression: Possible nested set"),
        ("a{99999999999}", "is no regular expression: the repetition number is too large"),
        ("/a/e", "has the flag 'e'; there are i, m, s, x, u"),
    ],
)
def test_what_is_no_pattern_is_told(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("(", r"\(").replace(")", r"\)")):
        compile_pattern(pattern)
