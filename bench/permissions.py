"""What asking for permission costs of a page: ``python -m bench.permissions``.

Inside one process, on a demonstration made for it: somebody's page as a county manager, and the
parts of it that ask who may do what: loading the principal, their permission, whether somebody is
in their scope.
"""

import json
import os
import statistics
import tempfile
from collections.abc import Callable
from time import perf_counter

import click
from sqlalchemy.orm import Session

from lms.http.extensions import db
from lms.kernel.clock import day_of, utc_now
from lms.people import queries
from lms.people.rules import permissions_of, scope_of
from lms.web.app import create_app
from lms.web.demo_cli import demo

TIMES = 300


def median_of(deed: Callable[[], object], times: int = TIMES) -> float:
    """Return the median time of a deed, in microseconds; once done before."""
    deed()
    taken = []
    for _ in range(times):
        start = perf_counter()
        deed()
        taken.append(perf_counter() - start)
    return statistics.median(taken) * 1e6


@click.command()
@click.option("--learners", default=1000, show_default=True, type=click.IntRange(20, 70_000))
def main(learners: int) -> None:
    """Print the figures as JSON: microseconds, and the share of a page in percent."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LMS_HOME"] = folder
        os.environ.pop("LMS_DATABASE_URL", None)
        demo.main(["--no-serve", "--learners", str(learners)], standalone_mode=False)
        click.echo(json.dumps(figures(f"sqlite:///{folder}/demo.sqlite3"), indent=2))


def figures(url: str) -> dict[str, float]:
    """Return what is measured on a demonstration."""
    app = create_app({"DATABASE_URL": url, "RATELIMIT_ENABLED": False})
    on = day_of(utc_now())
    with app.app_context(), Session(db.engine) as session:
        person = queries.person_by_user_name(session, "county")
        principal = queries.find_principal(session, person.id, on=on)
        someone = queries.person_by_user_name(session, "learner1").id
        if principal is None:
            raise click.ClickException("no such account")
        scope = scope_of(principal.grants, "people.view")
        found = {
            "principal": median_of(lambda: queries.find_principal(session, person.id, on=on)),
            "permissions": median_of(lambda: permissions_of(principal.grants)),
            "may": median_of(lambda: principal.may("people.view")),
            "scope_of": median_of(lambda: scope_of(principal.grants, "people.view")),
            "in_scope": median_of(
                lambda: queries.is_in_scope(session, someone, scope=scope, on=on)
            ),
        }
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = principal.get_id(), True
        cookie["in_at"], cookie["factor"] = int(utc_now().timestamp()), "totp"
    if (answer := client.get(f"/people/{someone}")).status_code != 200:
        raise RuntimeError(f"not the page but {answer.status}: nothing to compare with")
    found["page"] = median_of(lambda: client.get(f"/people/{someone}"))
    check = found["permissions"] + found["may"] + found["scope_of"] + found["in_scope"]
    return {name: round(value, 1) for name, value in found.items()} | {
        "check_percent_of_page": round(100 * check / found["page"], 2)
    }


if __name__ == "__main__":
    main()
