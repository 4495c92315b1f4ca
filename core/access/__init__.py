"""Who may come in: users, passwords, sessions and tokens. No HTTP in here."""

from core.access.accounts import Accounts
from core.access.identity import Identity
from core.access.login_limit import LoginLimit
from core.access.redaction import Redaction
from core.access.rights import Rights
from core.access.tokens import Tokens

__all__ = ["Accounts", "Identity", "LoginLimit", "Redaction", "Rights", "Tokens"]
