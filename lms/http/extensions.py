"""Flask extensions, created once and bound to an app in :func:`lms.web.create_app`."""

from flask import current_app, request, session
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from flask_wtf import CSRFProtect

from lms.http.compression import Compression
from lms.kernel.orm import Base
from lms.kernel.transaction import LateSession


class RequestSession(LateSession, Session):
    """The session of a request."""


class Protection(CSRFProtect):
    """Flask-WTF's, which works out for every page whether it is exempt from what only acts need."""

    def protect(self, apply_exemptions: bool = False) -> None:  # noqa: FBT001, FBT002 - Flask-WTF's
        """Refuse an act that carries no token of its session."""
        if request.method in current_app.config["WTF_CSRF_METHODS"]:
            super().protect(apply_exemptions=apply_exemptions)


class Doorkeeper(LoginManager):
    """Flask-Login's, which for a stranger too works out from where the session should come.

    Nobody is known by anything but the session here, neither by a lasting cookie nor by a header.
    """

    def _load_user(self) -> None:
        if "_user_id" in session:
            super()._load_user()
        else:
            self._update_request_context_with_user()


class Limits(Limiter):
    """Flask-Limiter's, which gathers for every request what may limit it: half of it nothing.

    Ours stand on views, each of which asks by itself; nothing is limited for a blueprint.
    """

    def _check_request_limit(
        self,
        callable_name: str | None = None,
        in_middleware: bool = True,  # noqa: FBT001, FBT002 - Flask-Limiter's
    ) -> None:
        manager = self.limit_manager
        everywhere = manager.application_limits or manager.default_limits
        if self.enabled and not (in_middleware and not everywhere and not self._meta_limits):
            super()._check_request_limit(callable_name, in_middleware)


db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={"class_": RequestSession, "join_transaction_mode": "control_fully"},
)
login_manager = Doorkeeper()
csrf = Protection()
babel = Babel()
bootstrap = Bootstrap5()
compress = Compression()
limiter = Limits(key_func=get_remote_address)
