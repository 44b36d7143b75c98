"""Where people come first: the page of what they come for."""

from flask import url_for

from lms.people.types import Principal


def landing(principal: Principal) -> str:
    """Return the first page of whoever signed in: what they come for."""
    for permission, endpoint in (
        ("learning.use", "home.home"),
        ("team.view", "reports.team"),
        ("teaching.view", "courses.teaching"),
        ("credentials.check", "credentials.check"),
        ("people.view", "people.people"),
        ("audit.view", "audit.search"),
        ("accounts.help", "sign_in.desk"),
    ):
        if principal.may(permission):
            return url_for(endpoint)
    return url_for("credentials.verify_form")
