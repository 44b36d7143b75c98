"""A question of each sort, as a template shows them. Pure."""

from decimal import Decimal
from typing import Any

from lms.interop.types import (
    BLANK,
    FULL,
    NOTHING,
    Answer,
    Item,
    Kind,
    Option,
    Pair,
    ScoringPoint,
    Source,
    Text,
    Unit,
    true_false,
)

_ABOUT: dict[str, Any] = {
    "chapter": "2025/J-COMP/06",
    "point": "2025/J-COMP/06/1",
    "difficulty": 2,
    "source": Source("个案工作的过程"),
    "tags": ("示例",),
}


def samples() -> tuple[Item, ...]:
    """Return questions to be written over, one of each sort that people bring most."""
    return (
        Item(
            Kind.SINGLE_CHOICE,
            Text("（示例）社工初次接触服务对象时，首先要做的是（ ）。"),
            options=_options("建立专业关系", "制定服务计划", "评估服务效果", "办理结案", right="A"),
            general_feedback=Text("接案阶段先建立专业关系。"),
            **_ABOUT,
        ),
        Item(
            Kind.MULTIPLE_CHOICE,
            Text("（示例）属于个案工作过程的有（ ）。"),
            options=_options("接案", "预估", "募捐", "评估", "执法", right="ABD", weighed=False),
            general_feedback=Text("募捐和执法不是个案工作的步骤。"),
            **_ABOUT,
        ),
        Item(
            Kind.TRUE_FALSE,
            Text("（示例）保密原则没有例外。"),
            general_feedback=Text("危及生命安全时可以突破保密。"),
            **true_false(truth=False),
            **_ABOUT,
        ),
        Item(
            Kind.FILL_BLANK,
            Text(f"（示例）个案工作的第一步是{BLANK}，接着是{BLANK}。"),
            answers=(Answer(Text("接案")), Answer(Text("预估"), blank=2)),
            **_ABOUT,
        ),
        Item(
            Kind.NUMERIC,
            Text("（示例）每课时是多少分钟？"),
            answers=(Answer(Text("45"), tolerance=Decimal(0)),),
            units=(Unit("分钟"),),
            **_ABOUT,
        ),
        Item(
            Kind.MATCHING,
            Text("（示例）把阶段和任务连起来。"),
            pairs=(
                Pair(Text("接案"), Text("建立关系")),
                Pair(Text("预估"), Text("收集资料")),
            ),
            **_ABOUT,
        ),
        Item(
            Kind.ESSAY,
            Text("（示例）说明个案工作中预估的任务。"),
            answers=(Answer(Text("收集资料，认识问题，找出资源。")),),
            scoring_points=(ScoringPoint(Text("收集资料"), Decimal(2)),),
            **_ABOUT,
        ),
    )


def _options(*texts: str, right: str, weighed: bool = True) -> tuple[Option, ...]:
    found = []
    for letter, text in zip("ABCDE", texts, strict=False):
        weight = FULL if letter in right else NOTHING
        found.append(Option(Text(text), letter in right, weight if weighed else None))
    return tuple(found)
