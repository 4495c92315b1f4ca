"""Pages: a template, with what all of them show around it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from core import clock
from core.access import Identity, Redaction, Rights
from core.access.rights import ADMINISTER
from core.container import Container
from core.language import Language
from core.metadata import Metadata
from core.orm import EntityManager
from core.terminal.duration import in_words
from core.web.panel.flash import Flash, Undo, forget_flash, put_flash, read_flash
from core.web.panel.navigation import Section, read_sections
from core.web.panel.preferences import Preferences, read_preferences
from core.web.panel.template_environment import make_environment
from core.web.panel.texts import Texts

_SEEN = "0123456789abcdef"


class Pages:
    """Makes pages of templates. Whoever shows one hands over its data; the frame around it is the same everywhere."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._metadata = container.get(Metadata)
        self._language: Language = container.get(Language)
        self._rights = container.get(Rights)
        self._system_user_id = container.get(EntityManager).system_user_id  # she is in no table, and has no page
        self._environment = make_environment(container.get("moduleManager").modules, container.get(Redaction))

    def show(self, request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A template with the data of `context`, and with these names: see `docs/panel.md`."""
        flash = read_flash(request)
        text = self._environment.get_template(template).render({**self._common(request), "flash": flash, **context})
        response = HTMLResponse(text, status)
        if flash is not None:
            forget_flash(response)
        return response

    def fragment(self, request: Request, template: str, **context: Any) -> HTMLResponse:
        """A part of a page, which is asked for by the page itself; a message that waits goes on waiting."""
        return HTMLResponse(self._environment.get_template(template).render({**self._common(request), **context}))

    def live(self, request: Request, template: str, **context: Any) -> Response:
        """A fragment that asks again and again: nothing (204) where the page has shown just this already.

        The template has `{{ seen }}` in the address that it asks for, which comes back as the parameter `seen`.
        """
        text = self._environment.get_template(template).render({**self._common(request), **context, "seen": _SEEN})
        seen = hashlib.sha256(text.encode()).hexdigest()[:16]
        if request.query_params.get("seen") == seen:
            return Response(status_code=204)
        return HTMLResponse(text.replace(_SEEN, seen))

    def go(
        self, request: Request, address: str, text: str | None = None, kind: str = "success", undo: Undo | None = None
    ) -> Response:
        """Send the browser to another page of ours, which shows the text, with a button that takes it back."""
        if request.headers.get("hx-request"):
            response = Response(status_code=204, headers={"HX-Redirect": address})
        else:
            response = RedirectResponse(address, 303)
        if text is not None:
            put_flash(response, Flash(text, kind, *(undo or ())))
        return response

    def texts(self, request: Request) -> Texts:
        """The translations that the person who asks reads."""
        return Texts(self._language.speaking(self.preferences(request).locale))

    def preferences(self, request: Request) -> Preferences:
        """In which language, and how light, she wants to see pages."""
        return read_preferences(request, self.locales(), str(self._container.get("config").get("language")))

    def locales(self) -> list[str]:
        """The languages that there are."""
        return self._language.locales()

    def may(self, identity: Identity, action: str, scope: str) -> bool:
        """Whether the person may do it to some record of the scope."""
        return self._rights.may(identity, action, scope)

    def sections(self, identity: Identity) -> list[Section]:
        """What the side bar leads to; what is about no entity is for administrators."""

        def may_see(scope: str | None) -> bool:
            if scope is None:
                return self._rights.may(identity, ADMINISTER, "Settings")
            return self._rights.may(identity, "read", scope)

        return read_sections(self._metadata, may_see)

    def _common(self, request: Request) -> dict[str, Any]:
        identity = getattr(request.state, "identity", None)

        def may(action: str, scope: str) -> bool:
            return identity is not None and self._rights.may(identity, action, scope)

        def opens(scope: str, record_id: str) -> bool:
            return may("read", scope) and (scope, record_id) != ("User", self._system_user_id)

        preferences = self.preferences(request)
        texts = Texts(self._language.speaking(preferences.locale))
        return {
            "request": request,
            "path": request.url.path,
            "here": quote(str(request.url).split(request.url.netloc, 1)[-1], safe="/?=&%"),
            "may": may,
            "opens": opens,
            "is_paused": identity is not None and self._container.get("jobManager").paused() is not None,
            "me": None if identity is None else identity.user,
            "preferences": preferences,
            "locales": self.locales(),
            "sections": [] if identity is None else self.sections(identity),
            "texts": texts,
            "t": texts.label,
            "now": clock.now(),
            "seen": "",
            "ago": _ago,
        }


def _ago(moment: datetime | str | None) -> str:
    """How long ago a moment is, or in how long it comes: `5 min`."""
    if not moment:
        return ""
    at = clock.from_text(moment) if isinstance(moment, str) else moment
    return in_words(abs((clock.now() - at).total_seconds()))
