"""What has happened to some organizations of the demonstration, so that their pages tell it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lms.kernel.clock import day_of
from lms.organizations import operations
from lms.organizations.types import Code, Deed, Sector
from lms.web.demo import places


def happen(session: Session, ids: Mapping[Code, int], *, now: datetime) -> None:
    """Rename, move, merge, close and reopen a few units around the shown county."""

    def deed(days: int, reason: str) -> Deed:
        on = day_of(now) - timedelta(days=days)
        return Deed(actor_id=None, now=now, on=on, reason=reason)

    civil = ids[places.department(places.SHOWN_COUNTY, Sector.CIVIL_AFFAIRS)]
    work = ids[places.department(places.SHOWN_COUNTY, Sector.SOCIAL_WORK)]
    office, agency = ids[places.GONE_OFFICE], ids[places.AGENCY]
    operations.rename(
        session,
        ids[places.department(places.SHOWN_COUNTY, Sector.HEALTH)],
        "兴义市卫生健康和疾病预防控制局（演示）",
        deed(420, "机构改革（演示）"),
    )
    operations.move(session, agency, work, deed(300, "社会工作部组建，服务机构归口划转（演示）"))
    operations.merge(session, office, civil, deed(200, "搬迁安置任务完成，职责并入民政局（演示）"))
    room, successor = ids[places.OLD_ROOM], ids[places.ROOM]
    operations.rename(session, room, "洒金社区社工室", deed(260, "村改社区（演示）"))
    operations.close(session, room, deed(180, "办公场所改造（演示）"))
    operations.reopen(session, room, deed(120, "改造完成（演示）"))
    operations.rename(session, successor, "栗坪新区社工室", deed(90, "社区更名（演示）"))
