"""How a person wants to see pages: which language, light or dark. Kept by her browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

THEMES = ("auto", "light", "dark")
_THEME, _LOCALE = "pyatro_theme", "pyatro_locale"
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class Preferences:
    """`theme` is one of THEMES; `locale` one that there are texts in."""

    theme: str
    locale: str


def read_preferences(request: Request, locales: Sequence[str], default_locale: str) -> Preferences:
    """What the browser keeps, else what it says of its languages, else the setting of the installation."""
    theme = request.cookies.get(_THEME, "")
    locale = request.cookies.get(_LOCALE, "")
    if locale not in locales:
        locale = _accepted(request.headers.get("accept-language", ""), locales) or default_locale
    return Preferences(theme if theme in THEMES else "auto", locale)


def keep_preferences(response: Response, theme: str | None, locale: str | None, *, is_secure: bool) -> None:
    """Let the browser keep what is given."""
    for name, value in ((_THEME, theme), (_LOCALE, locale)):
        if value is not None:
            response.set_cookie(name, value, max_age=_YEAR_SECONDS, httponly=True, samesite="lax", secure=is_secure)


def _accepted(header: str, locales: Sequence[str]) -> str | None:
    """The first language of `de-AT,de;q=0.9,en;q=0.8` that there is, the country aside."""
    for wanted in header[:500].split(","):
        language = wanted.split(";")[0].strip().replace("-", "_")
        for locale in locales:
            if language and locale.split("_")[0] == language.split("_")[0].lower():
                return locale
    return None
