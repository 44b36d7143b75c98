"""Flask extensions, created once and bound to an app in :func:`lms.web.create_app`."""

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


db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={"class_": RequestSession, "join_transaction_mode": "control_fully"},
)
login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()
bootstrap = Bootstrap5()
compress = Compression()
limiter = Limiter(key_func=get_remote_address)
