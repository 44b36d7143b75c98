"""Invented names as they are heard in Guizhou. Pure: a seeded generator in, a name out.

Surnames are drawn from what is common in the whole province and, more often, from what is
common among the peoples of a prefecture. A few names are there to keep pages honest: double
surnames, long names with an interpunct, characters outside the basic plane.
"""

from random import Random

COMMON = (
    "王张李陈刘罗吴黄周赵何谢唐彭徐熊冯蒋胡郑邓曾袁孙文余任江梁"
    "朱宋郭姚付雷万卢廖钟汪叶许吕苏程魏丁夏范方邹谭陶白侯邱秦尹"
)
DOUBLE = ("欧阳", "令狐", "上官", "司徒", "诸葛", "夏侯", "皇甫", "端木")

OF_PREFECTURE = {
    "520100": "罗陈班王杨金骆宋",
    "520200": "龙王潘杨柳卢郭安李",
    "520300": "田申邹冉韩骆秦龚王",
    "520400": "伍韦罗杨班王梁金齐",
    "520500": "安禄陇陆龙苏马卯杨",
    "520600": "杨田冉龙石吴麻覃向",
    "522300": "韦岑黄罗王陆贺查潘",
    "522600": "杨吴龙潘石姜欧王顾",
    "522700": "韦蒙莫陆潘罗石覃杨",
}
"""By the code of the prefecture: Miao, Bouyei, Dong, Tujia, Yi, Gelao and Sui families."""

FIRST = "文光永明德兴顺仕秀玉桂昌世朝应天廷胜承启方佳雨子思梦欣嘉若一志开登安定"
WOMEN = "芳敏静艳娟霞兰梅英琴燕雪婷倩蓉莉云玲萍琼丹凤香珍菊莲花蕊悦怡妍涵菲瑶"
MEN = "军勇刚斌波松林超健俊辉权武贵荣富忠义才祥云亮海川江山岭龙飞宇航鑫"
SINGLE = "敏静燕霞娟蓉莉倩玲琼梅波勇松健超斌云岚琳"
RARE = ("䶮", "㵲", "𬭎")
"""In no common font's first thousand: extension A, extension A again, extension C."""

LONG_FIRST = ("阿鲁", "吉克", "沙马", "阿苏", "罗洪", "莫色", "阿依")
LONG_LAST = ("木果", "乌呷", "拉则", "尔布", "阿果", "古丽", "木沙")


def invent(rng: Random, prefecture_code: str) -> str:
    """Return a name that somebody of a prefecture might have."""
    luck = rng.random()
    if luck < 0.003:
        return f"{rng.choice(LONG_FIRST)}·{rng.choice(LONG_LAST)}"
    return _surname(rng, prefecture_code) + (rng.choice(RARE) if luck > 0.998 else _given(rng))


def _surname(rng: Random, prefecture_code: str) -> str:
    luck = rng.random()
    if luck < 0.012:
        return rng.choice(DOUBLE)
    near = OF_PREFECTURE.get(prefecture_code, COMMON)
    return rng.choice(near if luck < 0.45 else COMMON)


def _given(rng: Random) -> str:
    last = rng.choice(WOMEN if rng.random() < 0.68 else MEN)
    luck = rng.random()
    if luck < 0.14:
        return rng.choice(SINGLE)
    if luck < 0.2:
        return last + last
    return rng.choice(FIRST) + last
