"""What a row says about where somebody works, beside what is known. Pure."""

from dataclasses import dataclass
from datetime import date

from lms.interop.rules.people_rows import PersonSaid
from lms.interop.rules.units import Unit
from lms.interop.rules.values import word_for
from lms.interop.types import Change, Reason
from lms.kernel.errors import N_
from lms.people.types import Grant, KnownPost, PostKind, PostRow, RankBand, Role, Snapshot


@dataclass(frozen=True, slots=True)
class Posts:
    """What becomes of somebody's posts: an import adds and corrects them, it never ends one."""

    changes: tuple[Change, ...] = ()
    rows: tuple[PostRow, ...] = ()
    roles: tuple[Grant, ...] = ()
    notes: tuple[Reason, ...] = ()


def decide_post(said: PersonSaid, file: Snapshot, unit: Unit, *, fills: bool, on: date) -> Posts:
    """Decide about the post that a row speaks of.

    :param fills: only fill in what is missing.
    """
    kind = said.values.get("post")
    here = [post for post in file.posts if post.organization_id == unit.id]
    current = [post for post in here if post.ended_on is None or post.ended_on >= on]
    if kind is None:
        if not current:
            return Posts(notes=(Reason(N_("这个人现在不在这个单位；没有填岗位，任职没有改动")),))
        return _corrected(said, current[0], fills=fills)
    same = next((post for post in current if post.kind is kind), None)
    if same is not None:
        return _corrected(said, same, fills=fills)
    started_on = said.values.get("started_on", on)
    ended = next((p for p in here if p.kind is kind and p.started_on == started_on), None)
    if ended is not None:
        words = N_("这个任职已于 %(day)s 结束，没有改动")
        return Posts(notes=(Reason(words, {"day": str(ended.ended_on)}),))
    works = any(post.ended_on is None or post.ended_on >= on for post in file.posts)
    if fills and works:
        return Posts(notes=(Reason(N_("这个人已有别的任职，没有改动")),))
    row = PostRow(unit.id, kind, said.values.get("title", ""), started_on, rank_band=_rank(said))
    grant = Grant(Role.LEARNER, unit.id)
    return Posts(
        (Change("post", "", f"{unit.name} {word_for(kind)}"),),
        (row,),
        () if grant in file.grants else (grant,),
    )


def _corrected(said: PersonSaid, post: KnownPost, *, fills: bool) -> Posts:
    """Correct title and rank of a post that goes on; its first day is not corrected by a list."""
    changes = []
    title, rank = said.values.get("title", ""), _rank(said)
    if title and title != post.title and not (fills and post.title):
        changes.append(Change("title", post.title, title))
    if rank and rank is not post.rank_band and not (fills and post.rank_band):
        old = word_for(post.rank_band) if post.rank_band else ""
        changes.append(Change("rank", old, word_for(rank)))
    notes = []
    started_on = said.values.get("started_on")
    if started_on and started_on != post.started_on:
        words = N_("入职日期和登记的（%(day)s）不同，没有改动；要更正请到人员页面")
        notes.append(Reason(words, {"day": str(post.started_on)}))
    if not changes:
        return Posts(notes=tuple(notes))
    row = PostRow(
        post.organization_id,
        post.kind,
        title if any(change.field == "title" for change in changes) else post.title,
        post.started_on,
        post.ended_on,
        rank if any(change.field == "rank" for change in changes) else post.rank_band,
    )
    return Posts(tuple(changes), (row,), notes=tuple(notes))


def _rank(said: PersonSaid) -> RankBand | None:
    """Return the rank that a row gives: only cadres have one."""
    return said.values.get("rank") if said.values.get("post") is PostKind.CADRE else None
