"""Templates, compiled once for each language.

A page says some forty sentences of ours. Looking each up while it is rendered costs more than the
page's own facts, so they are put in when the template is compiled: what is left at run time is
text with holes for the facts.
"""

import operator
import re
from collections.abc import Iterator, MutableMapping
from typing import Any, cast

from flask.templating import Environment
from flask_babel import force_locale, get_translations
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]  # not listed

from lms.web.face import LANGUAGES, chosen_locale

_HOLE = re.compile(r"%\((\w+)\)s|%%")


class Speaking(NodeTransformer):
    """Puts sentences and their language's choice of titles into a template's syntax tree."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.english = locale == LANGUAGES["en"]

    def say(self, message: str) -> str:
        """Return a sentence in the language, its holes still in it."""
        with force_locale(self.locale):
            return str(get_translations().ugettext(message))

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802 - Jinja's name
        """Take sentences with values apart: text, value, text."""
        pieces = [piece for child in node.nodes for piece in self._pieces(child)]
        node.nodes = [self.visit(piece) for piece in pieces]
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name
        """Answer what depends on nothing but the language."""
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if name == "is_english":
            return nodes.Const(self.english)
        if name == "pick" and len(node.args) == 2:
            chinese, english = node.args
            return nodes.Or(english, chinese) if self.english else chinese
        message = _message(node)
        if message is not None and not node.kwargs:
            return nodes.Const(self.say(message).replace("%%", "%"))
        return node

    def _pieces(self, node: nodes.Expr) -> Iterator[nodes.Expr]:
        message = _message(node)
        if message is None or not (values := cast(nodes.Call, node).kwargs):
            yield node
            return
        found = {pair.key: pair.value for pair in values}
        sentence, at = self.say(message), 0
        for hole in _HOLE.finditer(sentence):
            yield nodes.TemplateData(sentence[at : hole.start()])
            yield found[hole[1]] if hole[1] else nodes.TemplateData("%")
            at = hole.end()
        yield nodes.TemplateData(sentence[at:])


def _message(node: nodes.Node) -> str | None:
    """Return what a call of ``_`` says, if it stands there in so many words."""
    match node:
        case nodes.Call(
            node=nodes.Name(name="_"),
            args=[nodes.Const(value=str(message))],
            dyn_args=None,
            dyn_kwargs=None,
        ):
            return message
        case _:
            return None


def written(value: object) -> str:
    """Return a value as it stands in a page, escaped.

    What is there hundreds of times on a page needs no look: rendered texts, numbers, letters.
    """
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[return-value]
    if kind is str:
        text = cast(str, value)
        escaped: str = text if text.isalnum() else _escape_inner(text)  # escape() wraps it too
        return escaped
    return str(value) if kind is int else escape(value)


class Calling(CodeGenerator):
    """Calls functions as Python does, and writes values with :func:`written`.

    Jinja looks at every function whether it wants to know the context. None of ours does, and a
    page calls a hundred.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:
            self.write("environment.written(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def visit_Call(  # noqa: N802 - Jinja's name
        self,
        node: nodes.Call,
        frame: Frame,
        forward_caller: bool = False,  # noqa: FBT001, FBT002 - Jinja's
    ) -> None:
        """Write a call."""
        self.write("environment.call_plainly(")
        self.visit(node.node, frame)
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        self.write(")")


class PageEnvironment(Environment):
    """An environment for each language, behind the one that Flask knows."""

    code_generator_class = Calling
    call_plainly = operator.call
    written = staticmethod(written)

    locale = LANGUAGES["zh"]
    known: dict[str, Template] = {}
    """The templates that are compiled, by name, of each language's environment: Jinja's own cache
    takes a lock for each look."""

    def overlay(self, *args: Any, **options: Any) -> "PageEnvironment":
        """Return an environment that shares everything with this one but compiled templates."""
        made = super().overlay(*args, **options)
        made.known = {}
        return made

    def speaking(self, locale: str) -> "PageEnvironment":
        """Return the environment of a language; everything but compiled templates is shared."""
        known: dict[str, PageEnvironment] = self.__dict__.setdefault("_of_locale", {})
        if locale not in known:
            made = self.overlay()
            made.locale = locale
            known[locale] = made
        return known[locale]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        return cast(nodes.Template, Speaking(self.locale).visit(tree))

    def get_or_select_template(
        self,
        template_name_or_list: Any,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's name
    ) -> Template:
        """Return a template in the page's language."""
        if self.overlayed:
            return super().get_or_select_template(template_name_or_list, parent, globals)
        of_page = self.speaking(chosen_locale())
        return of_page.get_or_select_template(template_name_or_list, parent, globals)

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's name
    ) -> Template:
        """Return a template; one that cannot change is looked for once."""
        if globals or self.auto_reload or not self.overlayed or isinstance(name, Template):
            return super().get_template(name, parent, globals)
        found = self.known.get(name)
        if found is None:
            found = self.known[name] = super().get_template(name, parent)
        return found

    def make_globals(self, d: MutableMapping[str, object] | None) -> MutableMapping[str, object]:
        """Return the globals of a template: those of all, unless it is given some of its own.

        Jinja gives each template a chain of two, walked in Python at every import of a macro.
        """
        return super().make_globals(d) if d else self.globals
