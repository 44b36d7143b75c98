"""The people one can sign in as: one for each kind of user, all with one password."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyotp
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.operations import factors
from lms.kernel.clock import day_of
from lms.kernel.errors import N_
from lms.kernel.vault import Vault
from lms.organizations import queries as organizations
from lms.organizations.content import PROVINCE_CODE
from lms.organizations.types import Code
from lms.people import operations as people
from lms.people import queries as people_queries
from lms.people.rules import TIMED
from lms.people.types import PostKind, Role
from lms.web.demo import places
from lms.web.demo.types import DemoAccount

PASSWORD = "bixue-demo"  # noqa: S105 - printed on purpose: a demonstration is open to everybody
"""The one password of all demo accounts."""

KEY_COUNTY_STATION = "522326"
"""望谟县 in the shown prefecture, a key county."""
GUARDED = "county2"
"""The one account with a second factor, to show it; the others do without, see ``lms demo``."""

FACTOR_SECRET = "BIXUEDEMOBIXUEDEMOBIXUEDEMOBIXUE"  # noqa: S105 - printed on purpose as well
"""What an authenticator is given to show the codes of that account."""

SHOWN_COUNTY, SHOWN_PREFECTURE, KEY_COUNTY_STATION = "522301", "522300", "522326"
"""兴义市, its prefecture, and 望谟县 in the same prefecture, a key county."""


@dataclass(frozen=True, slots=True)
class _Account:
    """One account before it is stored."""

    user_name: str
    label: str
    name: str
    role: Role
    scope: Code
    office: Code
    post: PostKind
    title: str
    days: int
    """How long they have had the post."""


def _key_county_station() -> Code:
    found = (t for t in places.with_station() if t.county_code == KEY_COUNTY_STATION)
    return places.station(next(found).code)


def _accounts() -> list[_Account]:
    shown, county = places.station(places.SHOWN_STATION), places.region(places.SHOWN_COUNTY)
    prefecture, province = places.region(places.SHOWN_PREFECTURE), places.region(PROVINCE_CODE)
    center, hub = places.center(places.SHOWN_PREFECTURE), places.hub(places.SHOWN_COUNTY)
    school, hr = places.PARTY_SCHOOL, places.HR_OFFICE
    remote = _key_county_station()
    learner, post = Role.LEARNER, PostKind
    return [
        _Account(*row)
        for row in (
            ("learner1", N_("学员：必学清单学到一半"), "潘玉兰", learner, shown, shown,
             post.STATION_WORKER, "驻站社工", 500),
            ("learner2", N_("学员：已全部学完，还没领证书"), "韦明霞", learner, remote, remote,
             post.STATION_WORKER, "驻站社工", 2200),
            ("learner3", N_("学员：刚刚加入"), "龙天松", learner, shown, shown,
             post.COMMUNITY_WORKER, "社区工作者", 3),
            ("cadre", N_("学员：干部"), "田应忠", learner, county, county,
             post.CADRE, "民政干部", 900),
            ("instructor", N_("教师"), "岑佳敏", Role.INSTRUCTOR, province, school,
             post.INSTRUCTOR, "专职教师", 1500),
            ("hr", N_("人事：核验证书"), "何顺琴", Role.HR_CHECKER, province, hr,
             post.STAFF, "人事专员", 1100),
            ("station", N_("站点负责人"), "罗仕芬", Role.STATION_MANAGER, shown, shown,
             post.STAFF, "站长", 800),
            ("county", N_("县级管理员"), "黄启云", Role.COUNTY_MANAGER, county, hub,
             post.STAFF, "总站站长", 900),
            (GUARDED, N_("县级管理员：登录还要动态验证码"), "韦光明", Role.COUNTY_MANAGER, county,
             hub, post.STAFF, "副站长", 400),
            ("prefecture", N_("市（州）管理员"), "陆光荣", Role.PREFECTURE_MANAGER, prefecture,
             center, post.STAFF, "指导中心主任", 1000),
            ("province", N_("省级管理员"), "蒋文莉", Role.PROVINCE_MANAGER, province, province,
             post.STAFF, "处长", 1200),
            ("admin", N_("平台管理员"), "姚承宇", Role.ADMINISTRATOR, province, province,
             post.STAFF, "平台管理员", 1200),
            ("security", N_("安全员：授予角色"), "吴秀芝", Role.SECURITY_OFFICER, province,
             province, post.STAFF, "安全员", 700),
            ("auditor", N_("审计员"), "石玉琼", Role.AUDITOR, province, province,
             post.STAFF, "审计员", 700),
            ("reviewer", N_("审核员：审核试题和课程"), "杨通海", Role.REVIEWER, province, school,
             post.INSTRUCTOR, "教研员", 900),
            ("evaluator", N_("第三方评估员：只读，有期限"), "谢思敏", Role.EVALUATOR, prefecture,
             province, post.STAFF, "评估员", 60),
        )
    ]  # fmt: skip


def add_accounts(
    session: Session, ids: Mapping[Code, int], *, now: datetime
) -> tuple[dict[str, int], tuple[DemoAccount, ...]]:
    """Add everybody one can sign in as; return their ids by user name, and how to show them.

    The password is hashed once for all of them; real people never share a hash.
    """
    shared = people.hash_password(PASSWORD)
    wheres = organizations.names_of(session, {ids[one.office] for one in _accounts()})
    found: dict[str, int] = {}
    for one in _accounts():
        person = people.add_person(session, user_name=one.user_name, name=one.name, now=now)
        person.password_hash = shared
        people.add_post(
            session,
            person_id=person.id,
            organization_id=ids[one.office],
            kind=one.post,
            title=one.title,
            started_on=_since(one, day_of(now)),
        )
        people.grant_role(
            session,
            person_id=person.id,
            role=one.role,
            organization_id=ids[one.scope],
            now=now,
            ends_on=day_of(now) + timedelta(days=90) if one.role in TIMED else None,
        )
        found[one.user_name] = person.id
    shown = tuple(
        DemoAccount(one.user_name, one.label, one.name, wheres[ids[one.office]])
        for one in _accounts()
    )
    return found, shown


def guard(session: Session, vault: Vault, *, now: datetime) -> None:
    """Give the one account its second factor. Again: nothing happens."""
    person = people_queries.person_by_user_name(session, GUARDED)
    if queries.standing(session, person.id).factor_since_at is None:
        factors.confirm_factor(
            session,
            person_id=person.id,
            secret=FACTOR_SECRET,
            code=pyotp.TOTP(FACTOR_SECRET).at(now - timedelta(seconds=30)),
            vault=vault,
            now=now,
        )


def _since(one: _Account, today: date) -> date:
    return today - timedelta(days=one.days)
