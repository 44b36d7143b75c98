"""Routes for programs, described by what they take and tell: the base of what is under ``/api/``.

A room makes an :class:`Interface`, and its views say with pydantic models what comes in (``path``,
``header``, ``body``) and what goes out. The same models check a request and make the OpenAPI
document, so that neither can say something else than the other.
"""

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, abort, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import APISpec
from flask_openapi3.models.components import Components
from flask_openapi3.models.info import Info
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lms.http.errors import Malformed
from lms.kernel.errors import N_, Invalid

Model = TypeVar("Model", bound=BaseModel)

LARGEST_BODY = 64 * 1024
"""Bytes. All answers of the longest paper are a fifth of it."""

PROBLEM = "Problem"

SESSION, CSRF = "session", "csrf"
ASKING: list[dict[str, list[str]]] = [{SESSION: []}]
"""What a request must carry that only asks."""
DOING: list[dict[str, list[str]]] = [{SESSION: [], CSRF: []}]
"""What a request must carry that does something."""

_REASONS = {
    "missing": N_("缺少这一项"),
    "int_type": N_("必须是整数"),
    "bool_type": N_("必须是 true 或 false"),
    "string_type": N_("必须是文字，要加引号"),
    "list_type": N_("必须是列表"),
    "model_type": N_("必须是对象"),
    "too_short": N_("太少"),
    "too_long": N_("太多"),
    "string_too_short": N_("太短"),
    "string_too_long": N_("太长"),
    "string_pattern_mismatch": N_("只能用允许的字符"),
}
"""Faults as pydantic names them."""


class Incoming(BaseModel):
    """What a request carries. Nothing is taken for something else: ``"1"`` is no number."""

    model_config = ConfigDict(strict=True, frozen=True)


class Outgoing(BaseModel):
    """What an answer tells."""

    model_config = ConfigDict(frozen=True)


class Refusal(Outgoing):
    """Why something was refused."""

    code: str = Field(description="Names the reason for programs. Never changes.")
    message: str = Field(description="Says it to people, in the language of their choice.")
    where: str | None = Field(
        default=None,
        description="What is at fault, if one thing is: `answers.3` is the answer to question 3, "
        "`answers[0].slot` a member of the first answer that was sent, `line 1 column 7` a place "
        "in a text that is no JSON.",
    )


class Problem(Outgoing):
    """The answer to every request that was refused."""

    error: Refusal


class Interface(APIBlueprint):
    """A blueprint whose routes are described; flask-openapi3 makes the description.

    Requests are checked here and not by the library: it drops what is wrong with a text that is no
    JSON, and reads it in two steps where one is faster.
    """

    def __init__(self, name: str, import_name: str, *, url_prefix: str, tag: str) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix, abp_tags=[Tag(name=tag)])
        self.after_request(_unkept)

    def _collect_openapi_info(self, rule: str, func: Any, **options: Any) -> Any:
        """Describe a route; what is said at length is the docstring of its view."""
        said = inspect.getdoc(func) or ""
        options |= {"description": said, "operation_id": f"{self.abp_tags[0].name}.{func.__name__}"}
        return super()._collect_openapi_info(rule, func, **options)

    @staticmethod
    def create_view_func(  # type: ignore[override]  # of what it is called with, as it is called
        func: Callable[..., Any],
        header: type[BaseModel] | None,
        _cookie: Any,
        path: type[BaseModel] | None,
        _query: Any,
        _form: Any,
        body: type[BaseModel] | None,
        *_rest: Any,
        **_options: Any,
    ) -> Callable[..., Any]:
        """Return a view that is called with what was checked."""

        @wraps(func)
        def view(**values: Any) -> Any:
            given: dict[str, BaseModel] = {}
            if path is not None:
                given["path"] = path.model_validate(values)
            if header is not None:
                given["header"] = _read_header(header)
            if body is not None:
                given["body"] = _read_body(body)
            return func(**given)

        return view


def told(model: BaseModel, status: int = 200) -> Response:
    """Return an answer as JSON. What is none is left out."""
    return Response(model.model_dump_json(exclude_none=True), status, mimetype="application/json")


def problem(description: str, *codes: str) -> dict[str, Any]:
    """Describe a refusal, with the codes that it may have beside those that all routes have."""
    listed = "".join(f" `{code}`" for code in codes)
    return {
        "description": f"{description}{':' if codes else ''}{listed}",
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{PROBLEM}"}}},
    }


def document(
    interfaces: Iterable[Interface],
    *,
    info: Info,
    security: dict[str, Any],
    tags: list[Tag],
) -> dict[str, Any]:
    """Return the OpenAPI document of some interfaces.

    :param security: how a request says who sends it, by the names that routes use.
    """
    schemas: dict[str, Any] = {
        PROBLEM: Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    }
    schemas |= schemas[PROBLEM].pop("$defs")
    paths: dict[str, Any] = {}
    for interface in interfaces:
        paths |= interface.paths
        schemas |= interface.components_schemas
    made = APISpec(
        openapi="3.1.0",
        info=info,
        tags=tags,
        paths=paths,
        components=Components(schemas=schemas, securitySchemes=security),
    )
    found: dict[str, Any] = made.model_dump(
        mode="json", by_alias=True, exclude_unset=True, warnings=False
    )
    return found


def _read_body(model: type[Model]) -> Model:
    """Return what the body says; no body at all says nothing.

    :raises Malformed: ``bad_json``.
    :raises Invalid: ``bad_body``.
    """
    request.max_content_length = LARGEST_BODY
    sent = request.get_data(cache=False)
    if sent and not request.is_json:
        abort(415)
    try:
        return model.model_validate_json(sent or b"{}")
    except ValidationError as faults:
        first = faults.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        where = f"line{first['ctx']['error'].rpartition(' at line')[2]}"
        raise Malformed("bad_json", N_("请求的内容不是完整的 JSON"), where=where)
    raise _invalid(first, "")


def _read_header(model: type[Model]) -> Model:
    """Return those headers that a model knows.

    :raises Invalid: ``bad_body``, with ``where`` naming the header.
    """
    names = [field.alias or name for name, field in model.model_fields.items()]
    sent = request.headers
    try:
        return model.model_validate({name: sent[name] for name in names if name in sent})
    except ValidationError as faults:
        raise _invalid(faults.errors()[0], "header.") from None


def _invalid(fault: Any, front: str) -> Invalid:
    return Invalid(
        "bad_body", _REASONS.get(fault["type"], N_("格式不对")), where=f"{front}{_place(fault)}"
    )


def _place(fault: Any) -> str:
    """Return where a fault is: ``answers[0].slot``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"])
    return "".join(parts).lstrip(".") or "body"


def _unkept(response: Response) -> Response:
    """Keep what is somebody's own out of every cache."""
    response.headers["Cache-Control"] = "no-store"
    return response
