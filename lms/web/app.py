"""The composition root: the only module that knows every feature."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from lms.accounts import cli as accounts_cli
from lms.accounts import views as accounts
from lms.accounts.operations import factors
from lms.accounts.views import single_sign_on
from lms.audit import cli as audit_cli
from lms.courses import views as courses
from lms.credentials import cli as credentials_cli
from lms.credentials import views as credentials
from lms.exam_sessions import views as exam_sessions
from lms.exam_sessions.views import organising, watching
from lms.exams import cli as exams_cli
from lms.exams import views as exams
from lms.exams.queries import refuse_open_attempt
from lms.exams.views import api as exams_api
from lms.exams.views import making as practice_papers
from lms.exams.views import timing as exam_time
from lms.http import access, errors, headers, uploads
from lms.http.extensions import babel, bootstrap, compress, csrf, db, limiter, login_manager
from lms.http.forms import form_token
from lms.http.unit_of_work import RESEALERS, STEPS, VAULT
from lms.interop import cli as interop_cli
from lms.interop import views as interop
from lms.jobs import cli as jobs_cli
from lms.jobs import views as jobs
from lms.kernel import databases, hashing
from lms.kernel.places import shipped
from lms.kernel.vault import Vault, read_keys
from lms.marking import views as marking
from lms.migrations import cli as migrations_cli
from lms.organizations import cli as organizations_cli
from lms.organizations import views as organizations
from lms.organizations.types import HEADCOUNTS
from lms.paper_form import views as paper_form
from lms.paper_form.views import correcting as card_corrections
from lms.people import cli as people_cli
from lms.people import operations as people_operations
from lms.people import views as people
from lms.people.rules import scope_of
from lms.people.views.numbers import WITHHELD
from lms.practice import views as practice
from lms.privacy import views as privacy
from lms.privacy.operations import corrections
from lms.privacy.queries import withholds_number
from lms.programs import views as programs
from lms.question_bank import cli as questions_cli
from lms.question_bank import views as question_bank
from lms.records import operations as records
from lms.reports import cli as reports_cli
from lms.reports.queries import team as team_queries
from lms.reports.rules import by_reason
from lms.reports.views import audit as audit_pages
from lms.reports.views import mistakes, own_data, papers, regrading, superseded
from lms.reports.views import team as reports
from lms.required_lists import cli as lists_cli
from lms.required_lists import views as required_lists
from lms.requirements import cli as requirements_cli
from lms.requirements import operations as requirements
from lms.web import (
    bank,
    content_cli,
    face,
    frame,
    health,
    home,
    interface,
    office,
    pages,
    principals,
    serve_cli,
    settings,
)

BLUEPRINTS = (
    home,
    accounts,
    health,
    face,
    required_lists,
    question_bank,
    courses,
    practice,
    exams,
    exams_api,
    practice_papers,
    exam_time,
    marking,
    programs,
    credentials,
    people,
    reports,
    interop,
    jobs,
    organizations,
    audit_pages,
    privacy,
    own_data,
    papers,
    mistakes,
    superseded,
    regrading,
    paper_form,
    interface,
    exam_sessions,
    organising,
    watching,
    card_corrections,
)
QUESTION_COMMANDS = (
    interop_cli.convert,
    interop_cli.formats,
    interop_cli.import_questions,
    interop_cli.export_questions,
)
"""Commands under ``lms questions`` of a room above the question bank."""
COMMANDS = (
    organizations_cli.group,
    people_cli.group,
    accounts_cli.group,
    audit_cli.group,
    reports_cli.group,
    migrations_cli.group,
    content_cli.group,
    questions_cli.group,
    exams_cli.group,
    lists_cli.group,
    requirements_cli.group,
    requirements_cli.tools,
    credentials_cli.group,
    jobs_cli.group,
    serve_cli.serve,
)


class Site(Flask):
    """Flask with our requests, that need not look whether a function is a coroutine: none is."""

    request_class = face.Asked

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function as it is. Flask looks anew at each, ten times a request."""
        return func


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Build an application. ``config`` wins over ``LMS_*`` variables, they over defaults.

    :raises Invalid: ``bad_database_url``.
    :raises RuntimeError: a route does not declare who may use it.
    """
    app = Site(
        "lms",
        template_folder=str(shipped("templates")),
        static_folder=str(face.STATIC),
        static_url_path="/static",
    )
    app.jinja_environment = pages.PageEnvironment
    app.config.from_mapping(settings.DEFAULTS)
    app.config.from_prefixed_env("LMS")
    app.config.from_mapping(config or {})
    # nobody's cookie lives longer than a session may sleep
    app.config["PERMANENT_SESSION_LIFETIME"] = max(
        int(app.config["LEARNER_IDLE_SECONDS"]), int(app.config["STAFF_IDLE_SECONDS"])
    )
    _connect(app)
    _extend(app)
    for feature in BLUEPRINTS:
        app.register_blueprint(feature.bp)
    people_cli.group.add_command(accounts_cli.password)
    for command in QUESTION_COMMANDS:
        questions_cli.group.add_command(command)
    exams_cli.group.add_command(reports_cli.regrades)
    for command in COMMANDS:
        app.cli.add_command(command)
    for group in (people_cli.group, organizations_cli.group):
        group.add_command(interop_cli.import_)
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
    app.extensions[access.SCOPE] = scope_of
    app.extensions[HEADCOUNTS] = team_queries.headcounts
    app.extensions[RESEALERS] = (people_operations.reseal, factors.reseal, corrections.reseal)
    app.extensions[people_operations.ABOVE] = people_operations.Above(
        refuse_busy=refuse_open_attempt, carry_over=records.carry_over, retract=records.retract
    )
    hashing.set_gate(
        hashing.Gate(
            at_once=int(app.config["HASHING_AT_ONCE"]), burst=int(app.config["HASHING_BURST"])
        )
    )
    app.extensions[privacy.KEPT] = by_reason()
    app.extensions[questions_cli.NEEDS] = bank.needs
    app.extensions[papers.LAWS] = bank.laws
    app.extensions[WITHHELD] = withholds_number


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
    uploads.register(app)
    csrf.init_app(app)
    app.jinja_env.globals["csrf_token"] = form_token
    bootstrap.init_app(app)
    babel.init_app(app, locale_selector=face.page_locale)
    compress.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    principals.register(app)
    single_sign_on.register(app)
    face.register(app)
    frame.register(app)
    errors.register(app)
    headers.register(app)
    access.register(app)
    office.open_office(app)
