"""The composition root: the only module that knows every feature."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

import importlib
from types import ModuleType

from lms.http import access, errors, headers
from lms.http.extensions import babel, bootstrap, compress, csrf, db, limiter, login_manager
from lms.http.unit_of_work import STEPS
from lms.kernel import databases
from lms.kernel.places import shipped
from lms.web import face, health, principals, settings, sign_in


def _present(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as fault:
        if fault.name and name.startswith(fault.name):
            return None
        raise

_ROOMS = ("required_lists", "courses", "practice", "exams", "programs", "credentials", "reports")
BLUEPRINTS = [m for m in (sign_in, health, face, _present("lms.web.home"), *(_present(f"lms.{r}.views") for r in _ROOMS)) if m]
COMMANDS = [m.group for m in (_present(f"lms.{r}.cli") for r in ("audit","migrations","question_bank","exams","requirements","credentials")) if m]
requirements = _present("lms.requirements.operations")


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Build an application. ``config`` wins over ``LMS_*`` variables, they over defaults.

    :raises Invalid: ``bad_database_url``.
    :raises RuntimeError: a route does not declare who may use it.
    """
    app = Flask(
        "lms",
        template_folder=str(shipped("templates")),
        static_folder=str(face.STATIC),
        static_url_path="/static",
    )
    app.config.from_mapping(settings.DEFAULTS)
    app.config.from_prefixed_env("LMS")
    app.config.from_mapping(config or {})
    app.url_build_error_handlers.append(lambda *_a: "#")
    _connect(app)
    _extend(app)
    for feature in BLUEPRINTS:
        app.register_blueprint(feature.bp)
    for command in COMMANDS:
        app.cli.add_command(command)
    silent = access.undeclared(app)
    if silent:
        raise RuntimeError(f"routes that do not declare who may use them: {', '.join(silent)}")
    return app


def _connect(app: Flask) -> None:
    if not app.config.get("SECRET_KEY"):
        app.config["SECRET_KEY"] = settings.kept_secret_key()
    url = databases.parse_url(app.config.get("DATABASE_URL") or settings.default_database_url())
    databases.prepare(url)
    app.config["SQLALCHEMY_DATABASE_URI"] = url.render_as_string(hide_password=False)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = databases.engine_options(url)
    db.init_app(app)
    with app.app_context():
        databases.configure(db.engine)
    app.extensions[STEPS] = (requirements.refresh,) if requirements else ()


def _extend(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    csrf.init_app(app)
    bootstrap.init_app(app)
    babel.init_app(app, locale_selector=face.chosen_locale)
    compress.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    principals.register(app)
    face.register(app)
    errors.register(app)
    headers.register(app)
    access.register(app)
