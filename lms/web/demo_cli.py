"""``lms demo``: an embedded database with a whole province in it, and the server."""

import os

import click
from flask_babel import gettext
from tqdm import tqdm

from lms.http.extensions import db
from lms.http.unit_of_work import vault, writing
from lms.kernel.clock import day_of, utc_now
from lms.migrations import runner
from lms.web import loading, settings
from lms.web.app import create_app
from lms.web.demo import accounts
from lms.web.demo import building as demonstration
from lms.web.demo.types import DemoSummary
from lms.web.serve import check_port
from lms.web.serve_cli import start


@click.command("demo")
@click.option("--learners", default=200, show_default=True, type=click.IntRange(20, 70_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--serve/--no-serve", "serving", default=True, help="Start the server afterwards.")
def demo(*, learners: int, seed: int, host: str, port: int, workers: int, serving: bool) -> None:
    """Fill a database with a demo organisation, say whom one can sign in as, and serve it.

    Uses LMS_DATABASE_URL if it is set, an embedded database of its own otherwise. What is there
    already is used again.
    """
    if serving:
        check_port(host, port)
    now = utc_now()
    url = os.environ.get("LMS_DATABASE_URL") or f"sqlite:///{settings.home() / 'demo.sqlite3'}"
    # everybody knows the password printed below: a second factor would only be in the way
    second = os.environ.get("LMS_SECOND_FACTOR") or "off"
    with create_app({"DATABASE_URL": url, "SECOND_FACTOR": second}).app_context():
        runner.upgrade(db.engine)
        with writing() as session:
            found = loading.read(
                settings.content_root("courses"),
                settings.content_root("question_bank"),
                on=day_of(now),
            )
            loading.refuse_faults(found)
            loading.load(session, found, now=now)
        with tqdm(total=learners, unit="learner", leave=False) as bar, writing() as session:
            summary = demonstration.build(
                session, learners=learners, seed=seed, now=now, vault=vault(), done=bar.update
            )
            accounts.guard(session, vault(), now=now)
        _tell(summary, f"http://{host}:{port}")
        if serving:
            start(host=host, port=port, workers=workers, threads=2)


def _tell(summary: DemoSummary, address: str) -> None:
    counted = "，".join(f"{noun} {count}" for noun, count in summary.counts.items())
    click.echo(f"\n必学演示数据：{counted}")
    click.echo(f"登录 {address}/sign-in   密码（所有演示账号）：{summary.password}\n")
    for account in summary.accounts:
        role = gettext(account.role)
        click.echo(f"  {account.user_name:<14} {role}　{account.name}　{account.where}")
    click.echo(f"\n{accounts.GUARDED} 的验证器密钥：{accounts.FACTOR_SECRET}")
    click.echo("\n可以查验的证书编号：")
    for standing, code in summary.credentials.items():
        click.echo(f"  {standing:<10} {address}/verify/{code}")
    click.echo("")
