"""The routes of an application, and something to send to each."""

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.routing.converters import NumberConverter

KNOWN = {"key": "service", "subject": "J-COMP", "chapter": "06", "filename": "css/bixue.css"}
"""Parts of addresses for which a plausible value leads further than ``x``."""

NOWHERE = 999_999
"""A number that no row has."""

POSTED = {"confirm": "1", "reason": "x", "token": "x", "chosen": "A", "name": "杨", "code": "x"}
"""Fields that some form or other has; none of them is enough to change anything."""


def rules_of(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=str)


def address(app: Flask, rule: Rule) -> str:
    """A plausible address of a route; nothing of that name exists."""
    values = {
        name: KNOWN.get(name, NOWHERE if isinstance(converter, NumberConverter) else "x")
        for name, converter in rule._converters.items()
    }
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def methods(rule: Rule) -> list[str]:
    return sorted({"GET", "POST"} & rule.methods)


def writes(statements: list[str]) -> list[str]:
    """Those of some statements that change something."""
    return [s for s in statements if s.split()[0] in {"INSERT", "UPDATE", "DELETE"}]
