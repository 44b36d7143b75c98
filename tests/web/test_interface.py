"""The document of the interface for programs is right, and the interface does as it says."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from lms.kernel.clock import utc_now
from tests import builders
from tests.exams import builders as exams

DOCUMENT = "/api/openapi.json"
EXAMPLES = 8
"""Requests of each mode to each operation."""

PLAIN = {"Accept-Encoding": "identity"}

# what fits the document may still be refused: an attempt may be over, a counter ahead of the clock
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


def operations(found):
    return [
        (path, method, about)
        for path, item in found["paths"].items()
        for method, about in item.items()
    ]


@pytest.fixture(scope="module")
def found():
    from lms.web import create_app

    app = create_app({"SECRET_KEY": "x", "DATABASE_URL": "sqlite://"})
    return app, app.test_client().get(DOCUMENT).json


def test_the_document_is_openapi(found):
    OpenAPIV31SpecValidator(found[1]).validate()


def test_every_route_under_the_address_is_in_the_document(found):
    app, told = found
    routes = {
        (str(rule).replace("<int(max=2147483647):number>", "{number}"), method.lower())
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method, _about in operations(told)} == routes


def test_every_operation_says_what_it_does_and_what_it_needs(found):
    for path, method, about in operations(found[1]):
        where = f"{method} {path}"
        assert about["summary"] and about["description"] and about["tags"] == ["exams"], where
        needs = {name for way in about["security"] for name in way}
        assert needs == ({"session", "csrf"} if method == "post" else {"session"}), where
        assert {"401", "403", "503"} <= set(about["responses"]), where
        if "requestBody" in about:
            assert {"400", "413", "415", "422"} <= set(about["responses"]), where
    names = [about["operationId"] for _path, _method, about in operations(found[1])]
    assert len(set(names)) == len(names)


def test_every_member_that_is_sent_says_what_it_is(found):
    schemas = found[1]["components"]["schemas"]
    assert all(schema.get("description") for schema in schemas.values())
    for name in ("Start", "SentAnswer"):
        for member, about in schemas[name]["properties"].items():
            assert about["description"], f"{name}.{member}"
    assert schemas["Answers"]["example"]["answers"] and schemas["Start"]["example"]


def test_whatever_is_sent_the_answer_is_as_described(engine, client, session, sign_in):
    """Requests that fit the document and such that do not, the same in every run."""
    if engine.dialect.name != "sqlite":
        return  # what is read of a request is the same on both
    learner = builders.learner(session)
    sign_in(learner)
    opened = exams.started(session, learner=learner, now=utc_now())
    cookie = client.get_cookie(client.application.config["SESSION_COOKIE_NAME"])
    signed_in = {cookie.key: cookie.value}
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, client.application)
    # who may send a request is tested elsewhere: here somebody always has signed in
    schema.config.generation.update(with_security_parameters=False)
    asked = sorted(
        (each.ok() for each in schema.get_all_operations()),
        key=lambda operation: operation.path.endswith("/submit"),  # last: it closes the paper
    )
    seen = set()
    for operation in asked:
        takes = operation.definition.raw.keys() & {"parameters", "requestBody"}
        for mode in GenerationMode if takes else [GenerationMode.POSITIVE]:
            fuzz(operation, mode, signed_in, opened[1], seen)
    assert len(asked) == 7
    assert {200, 404, 422} <= seen


def fuzz(operation, mode, cookies, number, seen):
    """Send what hypothesis thinks of; every other request is about the learner's own attempt."""
    turn = iter(range(10**6))

    @settings(
        max_examples=EXAMPLES, database=None, derandomize=True, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(mode))
    def ask(case):
        if next(turn) % 2 and mode is GenerationMode.POSITIVE and "number" in case.path_parameters:
            case.path_parameters["number"] = number
        answer = case.call(cookies=cookies, headers=PLAIN)
        seen.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    ask()
