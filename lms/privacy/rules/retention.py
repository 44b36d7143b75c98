"""How long what is kept, and how soon what is done: dated by the law's text, with its source. Pure.

An administrator may move a period between its bounds; the bounds are what the source leaves.
"""

from collections.abc import Mapping
from dataclasses import replace

from lms.kernel.errors import N_, Invalid, NotFound
from lms.privacy.types import Certainty, Period

AUDIT_TRAIL, ANSWER, COOLING, CORRECTIONS = "audit_trail", "answer", "cooling", "corrections"

_ALL = (
    Period(
        AUDIT_TRAIL,
        "审计日志（含登录和登录失败）",
        "Audit trail, sign-ins and failures included",
        None,
        None,
        183,
        0,
        "《网络安全法》要求网络日志留存不少于六个月"
        "（2017 年施行文本第二十一条；以后的修订条号可能不同）。"
        "本平台的审计日志只增不删，数据库也拒绝删除，所以一直保存。",
        "The Cybersecurity Law asks for network logs of six months at least (article 21 of the "
        "text of 2017; later texts may number it otherwise). This trail is only added to: the "
        "database itself refuses to delete, so it is kept for ever.",
        Certainty.LIKELY,
    ),
    Period(
        ANSWER,
        "答复更正申请的期限（天）",
        "Days to answer a correction request",
        15,
        15,
        1,
        15,
        "《个人信息保护法》第四十六条要求“及时”，没有写天数。《App违法违规收集使用个人信息行为认定方法》"
        "以十五个工作日为限，这里从严按十五天。",
        "Article 46 of the Personal Information Protection Law says “in good time”, without a "
        "number. A rule for apps (认定方法) takes 15 working days; we take 15 days.",
        Certainty.UNSURE,
    ),
    Period(
        COOLING,
        "注销账号的反悔期（天）",
        "Days in which closing an account can be taken back",
        15,
        15,
        1,
        15,
        "法律没有规定反悔期。"
        "国家标准 GB/T 35273—2020 要求注销在十五个工作日内办完，反悔期因此不超过十五天。",
        "No law asks for such days. The standard GB/T 35273-2020 wants a closing done within 15 "
        "working days, so they are 15 at most.",
        Certainty.LIKELY,
    ),
    Period(
        CORRECTIONS,
        "更正申请的内容，答复后保存（天）",
        "Days for which the content of an answered correction request is kept",
        1095,
        1095,
        30,
        3650,
        "没有直接的规定。参照《个人信息保护法》第五十六条评估记录至少保存三年，便于事后说明办理情况。"
        "到期删除申请的内容，保留何时申请、何时答复。",
        "No rule says so directly. Article 56 of the Personal Information Protection Law keeps "
        "assessment records for three years; we follow it. Then the content is erased, and when it "
        "was asked and answered stays.",
        Certainty.UNSURE,
    ),
)

PERIODS: Mapping[str, Period] = {one.key: one for one in _ALL}
"""Every period, by key, with its default."""


def period(key: str, days: int | None = None) -> Period:
    """Return a period with the days in force.

    :param days: what an administrator set; none for the default.
    :raises NotFound: ``no_period``.
    """
    found = PERIODS.get(key)
    if found is None:
        raise NotFound("no_period", N_("没有这项设置"))
    return found if days is None or not found.is_editable else replace(found, days=days)


def check_days(key: str, days: int) -> None:
    """Refuse days outside the bounds of a period, or a period that nobody may set.

    :raises NotFound: ``no_period``.
    :raises Invalid: ``not_editable``, ``out_of_bounds``.
    """
    found = period(key)
    if not found.is_editable:
        raise Invalid("not_editable", N_("这一项不能改"), where=key)
    if not found.low <= days <= found.high:
        raise Invalid(
            "out_of_bounds",
            N_("要在 %(low)s 到 %(high)s 天之间"),
            where=key,
            low=found.low,
            high=found.high,
        )
