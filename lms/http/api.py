"""Routes for programs, described by what they take and tell: the base of what is under ``/api/``.

A room makes an :class:`Interface`, and its views say with pydantic models what comes in (``path``,
``header``, ``body``) and what goes out. The same models check a request and make the OpenAPI
document, so that neither can say something else than the other.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, NamedTuple, TypeVar, get_type_hints

from flask import Blueprint, Response, abort, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lms.http.errors import Malformed
from lms.kernel.errors import N_, Invalid

Model = TypeVar("Model", bound=BaseModel)

LARGEST_BODY = 512 * 1024
"""Bytes. Twenty answers of 5,000 Chinese characters each are 300 kB."""

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


class Described(NamedTuple):
    """A route with what its document says of it."""

    method: str
    rule: str
    view: Callable[..., Any]
    words: Mapping[str, Any]
    """``summary``, ``responses`` by status, ``security``."""


class Interface(Blueprint):
    """A blueprint whose routes are described.

    Requests are checked here and not by flask-openapi3: it drops what is wrong with a text that is
    no JSON, and reads it in two steps where one is faster.
    """

    def __init__(self, name: str, import_name: str, *, url_prefix: str, tag: str) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.tag = tag
        self.described: list[Described] = []
        self.after_request(_unkept)

    def get(self, rule: str, **words: Any) -> Callable[[Any], Any]:
        """Add a route that asks; see :class:`Described`. Its docstring says more."""
        return self._add("get", rule, words)

    def post(self, rule: str, **words: Any) -> Callable[[Any], Any]:
        """Add a route that does something; see :class:`Described`. Its docstring says more."""
        return self._add("post", rule, words)

    def _add(self, method: str, rule: str, words: Mapping[str, Any]) -> Callable[[Any], Any]:
        def add(view: Any) -> Any:
            self.described.append(Described(method, rule, view, words))
            self.add_url_rule(rule, view_func=_checking(view), methods=[method.upper()])
            return view

        return add


def _checking(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view that is called with what was checked, by the models in its signature."""
    hints = get_type_hints(view)
    path, header, body = (hints.get(name) for name in ("path", "header", "body"))

    @wraps(view)
    def check(**values: Any) -> Any:
        given: dict[str, BaseModel] = {}
        if path is not None:
            given["path"] = path.model_validate(values)
        if header is not None:
            given["header"] = _read_header(header)
        if body is not None:
            given["body"] = _read_body(body)
        return view(**given)

    return check


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
    info: Mapping[str, str],
    security: Mapping[str, Any],
    tags: Mapping[str, str],
) -> dict[str, Any]:
    """Return the OpenAPI document of some interfaces.

    :param info: ``title``, ``version``, ``description``.
    :param security: how a request says who sends it, by the names that routes use.
    :param tags: the tag of each interface, and what it is about.
    """
    from flask_openapi3.models import APISpec  # noqa: PLC0415 - 0.1 s, only for the document

    problems = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = {**problems.pop("$defs"), PROBLEM: problems}
    paths: dict[str, Any] = {}
    for interface in interfaces:
        found = _described(interface)
        paths |= found.paths
        schemas |= found.components_schemas
    made = APISpec.model_validate(
        {
            "openapi": "3.1.0",
            "info": info,
            "tags": [{"name": name, "description": about} for name, about in tags.items()],
            "paths": paths,
            "components": {"schemas": schemas, "securitySchemes": security},
        }
    )
    told_of: dict[str, Any] = made.model_dump(
        mode="json", by_alias=True, exclude_unset=True, warnings=False
    )
    return told_of


def _described(interface: Interface) -> Any:
    """Return an interface as flask-openapi3 has it, which serves nothing and describes it."""
    from flask_openapi3.blueprint import APIBlueprint  # noqa: PLC0415 - only for the document
    from flask_openapi3.models.tag import Tag  # noqa: PLC0415 - only for the document

    found = APIBlueprint(
        interface.name,
        interface.import_name,
        url_prefix=interface.url_prefix,
        abp_tags=[Tag(name=interface.tag)],
    )
    for method, rule, view, words in interface.described:
        describe = getattr(found, method)(
            rule,
            description=inspect.getdoc(view) or "",
            operation_id=f"{interface.tag}.{view.__name__}",
            **words,
        )
        describe(view)
    return found


def _read_body(model: type[Model]) -> Model:
    """Return what the body says; where nothing is demanded, no body at all says nothing.

    :raises Malformed: ``bad_json``.
    :raises Invalid: ``bad_body``.
    """
    request.max_content_length = LARGEST_BODY
    sent = request.get_data(cache=False)
    if sent and not request.is_json:
        abort(415)
    try:
        return model() if not sent and _all_optional(model) else model.model_validate_json(sent)
    except ValidationError as faults:
        first = faults.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        where = f"line{first['ctx']['error'].rpartition(' at line')[2]}"
        raise Malformed("bad_json", N_("请求的内容不是完整的 JSON"), where=where)
    raise _invalid(first, "")


def _all_optional(model: type[Model]) -> bool:
    return not any(field.is_required() for field in model.model_fields.values())


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
    named = (part for part in fault["loc"] if part != "[key]")  # the member is named already
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in named)
    return "".join(parts).lstrip(".") or "body"


def _unkept(response: Response) -> Response:
    """Keep what is somebody's own out of every cache."""
    response.headers["Cache-Control"] = "no-store"
    return response
