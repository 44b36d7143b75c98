"""Who the invented learners are and how far they have come. Pure.

Learner ``n`` of a seed is the same person however many others are made, so a small
demonstration is the beginning of a large one.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from random import Random

from lms.organizations.content import counties
from lms.organizations.types import County, Township
from lms.people.types import Education, PostKind, Role
from lms.web.demo import names, places
from lms.web.demo.types import STAGES, Drawn, Outline, Staff

TALENTS, CERTIFIED, SENIOR = 70_000, 5_665, 10
"""Social-work talents of Guizhou at the end of 2022, those with a certificate, and those who had
passed the senior examination (当代先锋网, 2023-06-02)."""

POSTS = (
    (PostKind.STATION_WORKER, "驻站社工", 60),
    (PostKind.COMMUNITY_WORKER, "社区工作者", 22),
    (PostKind.VOLUNTEER, "志愿者", 11),
    (PostKind.CADRE, "民政干部", 7),
)
"""As what they work, in what words, and how many in 100."""

EDUCATIONS = (
    (Education.SECONDARY, 9),
    (Education.ASSOCIATE, 43),
    (Education.BACHELOR, 44),
    (Education.MASTER, 4),
)
"""The highest education, and how many in 100 have it."""

STAGE_ENDS = (12, 22, 35, 48, 59, 66)
"""Up to which of 100 learners each of the :data:`~lms.web.demo.types.STAGES` reaches, in a county
like the average; the rest have finished. Counties differ, as they do in life."""
STARTED_DAYS_AGO = (12, 19, 26, 40, 54, 61, 75, 89, 103, 131, 159, 187)
"""How long ago lists may have been assigned."""

AT_SHOWN_STATION, IN_SHOWN_COUNTY = 12, 52
"""The first learners work where the demonstration's managers look."""


NAMED = 4
"""The first numbers belong to the demo accounts that learn."""
FINISHED = range(NAMED + 1, NAMED + 5)
"""These have finished everything, so that there are certificates to show in any demonstration."""


def population(count: int, *, seed: int, today: date) -> Iterator[Drawn]:
    """Yield invented learners, the first first; with the named ones they are ``count``."""
    stations = tuple(places.with_station())
    shown = tuple(one for one in stations if one.code == places.SHOWN_STATION)
    near = tuple(one for one in stations if one.county_code == shown[0].county_code)
    for number in range(NAMED + 1, count + 1):
        rng = Random(f"{seed}:{number}")
        pool = shown if number <= AT_SHOWN_STATION else near
        wide = number > IN_SHOWN_COUNTY
        yield _draw(rng, number, stations if wide else pool, seed=seed, today=today)


def managers(seed: int) -> Iterator[Staff]:
    """Yield a manager for every prefecture and every county."""
    prefectures = sorted({county.prefecture_code for county in counties()})
    offices = [
        (code, code, places.center(code), "指导中心负责人", Role.PREFECTURE_MANAGER)
        for code in prefectures
    ] + [
        (one.code, one.prefecture_code, places.hub(one.code), "社工总站站长", Role.COUNTY_MANAGER)
        for one in counties()
    ]
    for code, prefecture, office, title, role in offices:
        name = names.invent(Random(f"{seed}:manager:{code}"), prefecture)
        yield Staff(f"g{code}", name, title, office, places.region(code), role)


def is_certified(number: int) -> bool:
    """Say whether a learner holds a national certificate: 5,665 of every 70,000, spread evenly."""
    return number * CERTIFIED % TALENTS < CERTIFIED


def _draw(rng: Random, number: int, pool: Sequence[Township], *, seed: int, today: date) -> Drawn:
    township = rng.choice(pool)
    county = _counties()[township.county_code]
    [(post, title, _weight)] = rng.choices(POSTS, [weight for *_, weight in POSTS])
    stage = bisect(STAGE_ENDS, 100 * rng.random() ** _slowness(seed, county.code))
    story = _outline(rng, number, stage, key_county=county.key_county)
    if number in FINISHED:
        post, title, _weight = POSTS[0]
        story = Outline(STARTED_DAYS_AGO[number % 4 + 4], len(STAGES) - 1, variant=0)
    started_on = today - timedelta(days=rng.randrange(220, 2400))
    own = Random(f"{seed}:{number}:file")  # of its own: what a file says moves no story
    [(education, _weight)] = own.choices(EDUCATIONS, [weight for _one, weight in EDUCATIONS])
    return Drawn(
        number=number,
        user_name=f"x{number:06}",
        name=names.invent(rng, county.prefecture_code),
        station=places.station(township.code),
        post=post,
        title=title,
        started_on=started_on,
        story=story,
        education=education,
        social_work_major=own.random() < 0.22,
        social_work_started_on=started_on - timedelta(days=own.randrange(0, 1500)),
    )


@cache
def _slowness(seed: int, county_code: str) -> float:
    """Return 0.5 for a county that is ahead, up to 1.5 for one that lags behind."""
    return 0.5 + Random(f"{seed}:county:{county_code}").random()


def _outline(rng: Random, number: int, stage: int, *, key_county: bool) -> Outline:
    ago, variant = rng.choice(STARTED_DAYS_AGO), rng.randrange(8)
    local = key_county and rng.random() < 0.4
    basis = "local_line" if local else "national"
    if not is_certified(number):
        return Outline(ago, stage, variant, basis if variant == 6 else "national")
    ordinal = number * CERTIFIED // TALENTS
    if ordinal % (CERTIFIED // SENIOR) == 300:
        return Outline(ago, stage, variant, level="senior", years_held=rng.randrange(5))
    level = "junior" if rng.random() < 0.7 else "intermediate"
    return Outline(ago, stage, variant, basis, level, rng.randrange(5))


@cache
def _counties() -> dict[str, County]:
    return {county.code: county for county in counties()}
