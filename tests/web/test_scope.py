"""Inside one's subtree and outside it: every route that names somebody's things, by every role.

What to ask is in :mod:`tests.web.scope_samples`.
"""

from dataclasses import replace

import pytest

from lms.http import access
from lms.http.access import PUBLIC, SIGNED_IN
from lms.kernel import keeping
from lms.people.rules import PERMISSIONS
from tests import builders
from tests.web.routes import rules_of, writes
from tests.web.scope_samples import OUTSIDER, SAMPLES, UNSCOPED, World


def methods(rule):
    return sorted({"GET", "POST"} & rule.methods)


def test_every_route_that_names_something_has_a_sample(app):
    missing = [
        f"{method} {rule}"
        for rule in rules_of(app)
        if rule.arguments and rule.endpoint not in UNSCOPED
        for method in methods(rule)
        if (rule.endpoint, method) not in SAMPLES
    ]
    assert missing == [], "add them to tests/web/scope_samples, or say why they need none"


def test_every_sample_is_of_a_route(app):
    routes = {(rule.endpoint, method) for rule in rules_of(app) for method in methods(rule)}
    assert set(SAMPLES) <= routes
    assert set(UNSCOPED) <= {endpoint for endpoint, _method in routes}


def test_what_needs_no_scope_says_why():
    assert all(UNSCOPED.values())
    assert not set(UNSCOPED) & {endpoint for endpoint, _method in SAMPLES}


@pytest.fixture
def world(app, session, vault):
    province = builders.organization(session, kind="province", name="某省")
    county, other = (
        builders.organization(session, province, kind="county", name=name)
        for name in ("本县", "外县")
    )
    mine = builders.organization(session, county, name="本县一站")
    theirs = builders.organization(session, other, name=f"{OUTSIDER}站")
    store = app.extensions["lms_service:Office"].store
    return World(session, vault, county, mine, theirs, store)


def roles_of(app, endpoint):
    """Who may open a route at all."""
    declared = access.declared(app, endpoint)
    assert declared not in {PUBLIC, SIGNED_IN}, f"{endpoint} is open to everybody: UNSCOPED"
    return sorted(PERMISSIONS[declared])


def ask(client, made):
    return client.open(
        made.path, method="GET" if made.data is None else "POST", data=made.data, buffered=True
    )


each_sample = pytest.mark.parametrize("route", sorted(SAMPLES), ids=" ".join)


@each_sample
def test_inside_the_own_subtree_it_is_there(client, sign_in, world, route):
    for role in roles_of(client.application, route[0]):
        with world.session.begin_nested() as savepoint:
            asker = builders.with_role(world.session, role, at=world.county)
            sign_in(asker)
            made = SAMPLES[route](replace(world, asker_id=asker.id), world.mine)
            world.session.flush()
            answer = ask(client, made)
            assert answer.status_code in made.allowed, (role, made.path, answer.text)
            assert made.shows in answer.text, (role, made.path)
            assert not answer.headers.get("Location", "").startswith("/sign-in")
            savepoint.rollback()


@each_sample
def test_outside_it_is_not(client, sign_in, world, count_statements, route):
    for role in roles_of(client.application, route[0]):
        with world.session.begin_nested() as savepoint:
            asker = builders.with_role(world.session, role, at=world.county)
            sign_in(asker)
            made = SAMPLES[route](replace(world, asker_id=asker.id), world.theirs)
            world.session.flush()
            with count_statements() as seen:
                answer = ask(client, made)
            assert answer.status_code in made.refused, (role, made.path, answer.status_code)
            assert writes(seen) == [], (role, made.path)
            assert OUTSIDER not in answer.text, (role, made.path)
            assert not made.shows or made.shows not in answer.text, (role, made.path)
            savepoint.rollback()


def test_nobody_gets_anything(app, client, world, count_statements):
    let_in = {}
    for route in sorted(SAMPLES):
        keeping.forget_all()
        with world.session.begin_nested() as savepoint:
            made = SAMPLES[route](world, world.mine)
            world.session.flush()
            with count_statements() as seen:
                answer = ask(app.test_client(), made)
            savepoint.rollback()
        told = answer.status_code, answer.headers.get("Location", "")[:8], writes(seen)
        if told != (303, "/sign-in", []):
            let_in[route] = told
    assert let_in == {}
