"""The composition root: the only module that knows every feature."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from lms.audit import cli as audit_cli
from lms.courses import views as courses
from lms.credentials import cli as credentials_cli
from lms.credentials import views as credentials
from lms.exams import cli as exams_cli
from lms.exams import views as exams
from lms.http import access, errors, headers
from lms.http.extensions import babel, bootstrap, compress, csrf, db, limiter, login_manager
from lms.http.unit_of_work import STEPS, VAULT
from lms.kernel import databases
from lms.kernel.places import shipped
from lms.kernel.vault import Vault, read_keys
from lms.migrations import cli as migrations_cli
from lms.organizations import cli as organizations_cli
from lms.people import cli as people_cli
from lms.practice import views as practice
from lms.programs import views as programs
from lms.question_bank import cli as questions_cli
from lms.question_bank import views as question_bank
from lms.reports import views as reports
from lms.required_lists import cli as lists_cli
from lms.required_lists import views as required_lists
from lms.requirements import cli as requirements_cli
from lms.requirements import operations as requirements
from lms.web import (
    bank,
    content_cli,
    face,
    health,
    home,
    principals,
    serve_cli,
    settings,
    sign_in,
)

BLUEPRINTS = (
    home,
    sign_in,
    health,
    face,
    required_lists,
    question_bank,
    courses,
    practice,
    exams,
    programs,
    credentials,
    reports,
)
COMMANDS = (
    organizations_cli.group,
    people_cli.group,
    audit_cli.group,
    migrations_cli.group,
    content_cli.group,
    questions_cli.group,
    exams_cli.group,
    lists_cli.group,
    requirements_cli.group,
    requirements_cli.tools,
    credentials_cli.group,
    serve_cli.serve,
)


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
    app.jinja_environment = face.PageEnvironment
    app.config.from_mapping(settings.DEFAULTS)
    app.config.from_prefixed_env("LMS")
    app.config.from_mapping(config or {})
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
    # a key of digits alone arrives from the environment as a number
    app.config["SECRET_KEY"] = str(app.config.get("SECRET_KEY") or settings.kept_secret_key())
    app.extensions[VAULT] = _vault(app)
    url = databases.parse_url(app.config.get("DATABASE_URL") or settings.default_database_url())
    databases.prepare(url)
    app.config["SQLALCHEMY_DATABASE_URI"] = url.render_as_string(hide_password=False)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = databases.engine_options(url)
    db.init_app(app)
    with app.app_context():
        databases.configure(db.engine)
    app.extensions[STEPS] = (requirements.refresh,)
    app.extensions[questions_cli.NEEDS] = bank.needs
    app.extensions[reports.LAWS] = bank.laws


def _vault(app: Flask) -> Vault:
    """Return the keys of personal data.

    :raises Invalid: ``bad_key``.
    """
    keys = read_keys(str(app.config.get("DATA_KEYS") or settings.kept_data_keys()))
    return Vault(keys, str(app.config.get("DIGEST_KEY") or settings.kept_digest_key()).encode())


def _extend(app: Flask) -> None:
    proxies = int(app.config["TRUSTED_PROXIES"])
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]  # how Flask wants it
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
