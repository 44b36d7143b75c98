"""The page ``docs/access.md`` is what the program does: it is written from it.

``LMS_TEST_WRITE_DOCS=1`` writes the page anew instead of comparing.
"""

import os
import re
from pathlib import Path

import pytest

from lms.http import access
from lms.http.access import PUBLIC, SIGNED_IN
from lms.people.rules import GRANTABLE, LEVELS, PERMISSIONS, SEPARATE, TIMED
from lms.people.types import Role
from lms.web import create_app
from tests.web.routes import methods, rules_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "access.md"

WORDS = {
    Role.LEARNER: "学员",
    Role.INSTRUCTOR: "教师",
    Role.REVIEWER: "审核员",
    Role.HR_CHECKER: "人事核验",
    Role.STATION_MANAGER: "站点负责人",
    Role.COUNTY_MANAGER: "县级管理员",
    Role.PREFECTURE_MANAGER: "市州管理员",
    Role.PROVINCE_MANAGER: "省级管理员",
    Role.EVALUATOR: "评估员",
    Role.ADMINISTRATOR: "平台管理员",
    Role.SECURITY_OFFICER: "安全员",
    Role.AUDITOR: "审计员",
}
NOTE = "<!-- Written from the program. After a change: LMS_TEST_WRITE_DOCS=1 pytest tests/web/test_access_table.py -->"
CONVERTER = re.compile(r"<[^<>:]+:")
HEAD = f"""{NOTE}
# 谁能打开什么 · Who may open what

一个人可以有几个角色，每个角色管一个单位和它下面的所有单位。有权限只是进得了门：学员只看得到自己的数据，管理员只看得到本单位和下级单位。

A person may hold several roles, each over one organization and all below it. A permission opens the door; behind it a
learner finds only their own rows and a manager only their own units.
"""
GRANTING = f"""## 谁能授予什么角色 · Who may grant what

只能在自己管的单位和它的下级里授予、收回；谁也不能给自己授予或收回。{"、".join(WORDS[r] for r in Role if r in SEPARATE)}
三种职责不能由同一个人担任。{"、".join(WORDS[r] for r in Role if r in TIMED)}必须写明最后一天，最长一年。最后一名安全员不能收回。

Only inside one's own subtree, and never to oneself. Nobody holds two of {", ".join(f"`{r}`" for r in Role if r in SEPARATE)};
{", ".join(f"`{r}`" for r in Role if r in TIMED)} ends on a day, within a year. The last security officer cannot be revoked.
"""
LEVELLED = """下面的角色只能放在这些单位；其余角色放在哪里都行。
These roles may be held at these kinds of organization only, the others anywhere.
"""


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def permissions():
    return table(
        ["权限 permission", *(f"{WORDS[role]} `{role}`" for role in Role)],
        [
            [f"`{name}`", *("●" if role in PERMISSIONS[name] else "" for role in Role)]
            for name in sorted(PERMISSIONS)
        ],
    )


def grants():
    return table(
        ["授予人 granter", *(f"{WORDS[role]} `{role}`" for role in Role)],
        [
            [
                f"{WORDS[giver]} `{giver}`",
                *("●" if role in GRANTABLE[giver] else "" for role in Role),
            ]
            for giver in Role
            if giver in GRANTABLE
        ],
    )


def levels():
    return table(
        ["角色 role", "单位类别 kind of organization"],
        [
            [f"{WORDS[role]} `{role}`", " ".join(f"`{kind}`" for kind in sorted(LEVELS[role]))]
            for role in Role
            if role in LEVELS
        ],
    )


def routes(app):
    return table(
        ["地址 address", "方法 method", "谁 who", "做什么 what"],
        [
            [
                f"`{CONVERTER.sub('<', str(rule))}`",
                " ".join(methods(rule)),
                access.declared(app, rule.endpoint),
                (app.view_functions[rule.endpoint].__doc__ or "").strip().split("\n")[0],
            ]
            for rule in rules_of(app)
            if rule.endpoint not in access.DECLARED_ELSEWHERE
        ],
    )


@pytest.fixture
def page(tmp_path):
    app = create_app({"SECRET_KEY": "docs", "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"})
    words = (
        f"“{PUBLIC}” 不用登录；“{SIGNED_IN}” 登录就行；其余要有所写的权限。\n"
        f"“{PUBLIC}”: anybody; “{SIGNED_IN}”: whoever has signed in; else the permission.\n"
    )
    return "\n".join(
        [
            HEAD,
            "## 权限 · Permissions\n",
            permissions(),
            GRANTING,
            grants(),
            LEVELLED,
            levels(),
            "## 地址 · Addresses\n",
            words,
            routes(app),
        ]
    )


def test_the_page_says_what_the_program_does(page):
    if os.environ.get("LMS_TEST_WRITE_DOCS"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text("utf-8") == page, "write it anew with LMS_TEST_WRITE_DOCS=1"


def test_every_role_has_a_word(page):
    assert set(WORDS) == set(Role)
