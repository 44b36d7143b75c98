"""Flask extensions, created once and bound to an app in :func:`lms.web.create_app`."""

from flask import current_app, request
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
from lms.kernel.selecting import LateSession


class RequestSession(LateSession, Session):
    """The session of a request."""


class Protection(CSRFProtect):
    """Flask-WTF's, which works out for every page whether it is exempt from what only acts need."""

    def protect(self, apply_exemptions: bool = False) -> None:  # noqa: FBT001, FBT002 - Flask-WTF's
        """Refuse an act that carries no token of its session."""
        if request.method in current_app.config["WTF_CSRF_METHODS"]:
            super().protect(apply_exemptions=apply_exemptions)


db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={"class_": RequestSession, "join_transaction_mode": "control_fully"},
)
login_manager = LoginManager()
csrf = Protection()
babel = Babel()
bootstrap = Bootstrap5()
compress = Compression()
limiter = Limiter(key_func=get_remote_address)
