"""Build the demonstration once, in the caller's transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache, partial
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.audit import operations as audit
from lms.audit.models import Entry
from lms.kernel.clock import day_of
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.transaction import alone, touch
from lms.kernel.vault import Vault
from lms.organizations import operations as organizations
from lms.organizations.models import Organization
from lms.organizations.types import Code
from lms.people.models import Person
from lms.requirements import operations as requirements
from lms.web.demo import (
    accounts,
    certificates,
    deeds,
    files,
    history,
    learning,
    marking,
    people,
    places,
    privacy,
)
from lms.web.demo.material import Material, read
from lms.web.demo.population import FINISHED, TALENTS, population
from lms.web.demo.stories import tell
from lms.web.demo.types import DemoSummary, Drawn

FEWEST, MOST = FINISHED.stop - 1, TALENTS
BATCH = 2000
"""Learners stored at once."""
_BUILDING_LOCK = 0x62697878
"""The number of the lock under which one process at a time builds a demonstration."""
_SUBJECT, _VERB = "demo:organization", "demo.built"


def build(
    session: Session,
    *,
    learners: int,
    seed: int,
    now: datetime,
    vault: Vault | None = None,
    done: Callable[[int], object] = lambda _learners: None,
) -> DemoSummary:
    """Fill an empty platform with an invented province, and say what there is to see.

    The content must be loaded. The same seed, day and content give the same people with the
    same histories. If the demonstration is there already nothing is written.

    :param learners: how many learn, the named accounts among them.
    :param vault: the installation's keys; without them what is stored sealed is left out.
    :param done: called with the number of learners that were just stored; they add up to
        ``learners``.
    :raises Invalid: ``bad_number``.
    :raises Conflict: ``other_demo``: one of another size is there; ``not_empty``: somebody else
        is; ``no_content``.
    """
    found = summary(session)
    if found is None:
        alone(session, _BUILDING_LOCK)
        found = summary(session)  # somebody else may have built it meanwhile
    if found is not None:
        _refuse_other(found, learners=learners, seed=seed)
        return found
    _refuse(session, learners=learners)
    material = read(session, today=day_of(now))
    ids = organizations.add_tree(session, places.tree(), now=now)
    history.happen(session, ids, now=now)
    managers = people.add_managers(session, ids, seed=seed, now=now)
    named, shown = accounts.add_accounts(session, ids, now=now)
    counts = _add_population(
        session, material, ids, learners=learners, seed=seed, now=now, vault=vault, done=done
    )
    counts |= files.add_rest(session, vault, ids, named, now=now)
    _do_deeds(session, named, material, now=now)
    counts["records"] += marking.write_essays(session, named, top=ids[places.PROVINCE], now=now)
    privacy.do_deeds(session, named, vault=vault, now=now)
    done(len(deeds.ACCOUNTS))
    granting = {one.goal_id: one.key for one in material.programs if one.grants}
    examples = certificates.issue(session, named, program_keys=granting, seed=seed, now=now)
    session.flush()
    session.execute(sa.text("ANALYZE"))  # so many rows at once: let the database look at them
    made = DemoSummary(
        learners=learners,
        seed=seed,
        password=accounts.PASSWORD,
        accounts=shown,
        counts={"organizations": len(ids), "managers": managers, "learners": learners, **counts},
        credentials=examples,
    )
    audit.record(session, verb=_VERB, subject=_SUBJECT, actor_id=None, now=now, **made.plain())
    return made


def summary(session: Session) -> DemoSummary | None:
    """Return what there is to see, or none if no demonstration was built. One statement."""
    facts = session.scalar(
        sa.select(Entry.facts).where(Entry.subject == _SUBJECT, Entry.verb == _VERB)
    )
    return None if facts is None else DemoSummary.read(facts)


def _refuse_other(found: DemoSummary, *, learners: int, seed: int) -> None:
    if (found.learners, found.seed) != (learners, seed):
        raise Conflict(
            "other_demo",
            N_(
                "已有一份演示数据（%(have)s 名学员，种子 %(seed)s）。"
                "要换成别的规模，请换一个空数据库，或先删除现有的演示数据库。"
            ),
            have=found.learners,
            seed=found.seed,
        )


def _refuse(session: Session, *, learners: int) -> None:
    if not FEWEST <= learners <= MOST:
        raise Invalid(
            "bad_number",
            N_("学员人数要在 %(low)s 到 %(high)s 之间"),
            where="learners",
            low=FEWEST,
            high=MOST,
        )
    for model in (Person, Organization):
        if session.scalar(sa.select(model.id).limit(1)) is not None:
            raise Conflict("not_empty", N_("数据库里已经有人员或单位，演示数据只能放进空的数据库"))


def _add_population(
    session: Session,
    material: Material,
    ids: Mapping[Code, int],
    *,
    learners: int,
    seed: int,
    now: datetime,
    vault: Vault | None,
    done: Callable[[int], object],
) -> Counter[str]:
    today = day_of(now)
    teller = cache(partial(tell, material=material, today=today))
    histories = learning.Histories(session, teller)
    counts: Counter[str] = Counter()
    for batch in _batches(population(learners, seed=seed, today=today)):
        learner_ids = people.add_learners(session, batch, ids, now=now)
        counts += histories.add(learner_ids, batch)
        if vault is not None:
            files.add_numbers(session, vault, learner_ids, [one.number for one in batch], now=now)
        privacy.add_answers(session, learner_ids, now=now)
        done(len(batch))
    return counts


def _batches(drawn: Iterable[Drawn]) -> Iterator[list[Drawn]]:
    remaining = iter(drawn)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _do_deeds(
    session: Session, named: Mapping[str, int], material: Material, *, now: datetime
) -> None:
    """Let the demo accounts that learn do what they have done, and bring their progress up."""
    for user_name, (post, act) in deeds.ACCOUNTS.items():
        act(deeds.Deeds(session, named[user_name], post, material, named["station"], now))
    session.flush()
    for user_name in deeds.ACCOUNTS:
        touch(session, named[user_name], now=now)  # not of the day of the last deed
    requirements.refresh(session, {named[user_name]: now for user_name in deeds.ACCOUNTS})
