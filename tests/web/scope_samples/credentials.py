"""Certificates."""

from lms.organizations.models import Organization
from tests import builders
from tests.credentials.builders import credential
from tests.web.scope_samples.asking import OUTSIDER, Sample, World, sample


def _certificate(world: World, place: Organization) -> str:
    name = "在册人" if place is world.mine else OUTSIDER
    holder = builders.learner(world.session, at=place, name=name)
    return f"/credentials/{credential(world.session, holder).shown}/revoke"


@sample("credentials.change")
def _change(world: World, place: Organization) -> Sample:
    return Sample(_certificate(world, place))


@sample("credentials.change", "POST")
def _change_it(world: World, place: Organization) -> Sample:
    data = {"kind": "suspended", "on": "2026-03-02", "reason": "核查", "authority": "文件"}
    return Sample(_certificate(world, place), data)
