"""Whole numbers within bounds: found, or proved that there are none. Pure.

The library is HiGHS: branch and bound over exact pivots of small 0/1 matrices. Every answer is
checked again here in whole numbers. It is loaded when it is first needed: most papers are drawn
without it, and a worker that never needs it saves some 22 MB. Why this one: decision 0026.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from highspy import HighsLp

_OPTIONS: Mapping[str, bool | int | float] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_rel_gap": 0.0,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A sum of variables with its bounds, both included."""

    least: int
    most: int
    weights: Mapping[int, int]
    """Variable -> how often it counts."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A value for every variable."""

    values: tuple[int, ...]
    is_best: bool
    """False if the time was up before it was proved that none is better."""


class Unsolved(Exception):
    """Neither found nor refuted in the time that was given."""


def solve(
    highest: Sequence[int],
    rows: Sequence[Row],
    *,
    costs: Sequence[float] = (),
    seconds: float | None = None,
) -> Solution | None:
    """Return whole numbers from 0 that keep to every row, the cheapest; none if there are none.

    The same question has the same answer: one thread, a fixed seed.

    :param highest: the most of each variable.
    :param costs: of one of each variable; empty: any solution will do.
    :param seconds: when to stop looking; none: never.
    :raises Unsolved: only if ``seconds`` are given.
    """
    if any(row.least > 0 and not row.weights for row in rows):
        return None
    if not highest:
        return Solution((), is_best=True)
    import highspy  # noqa: PLC0415 - 22 MB that most workers never need

    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy types only some of its calls
    options = _OPTIONS if seconds is None else {**_OPTIONS, "time_limit": seconds}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(highest, rows, costs))
    solver.run()
    status = solver.getModelStatus()
    known = highspy.HighsModelStatus
    if status in {known.kInfeasible, known.kUnboundedOrInfeasible}:  # nothing is unbounded here
        return None
    if status not in {known.kOptimal, known.kTimeLimit}:
        raise RuntimeError(f"HiGHS: {solver.modelStatusToString(status)}")
    values = tuple(round(value) for value in solver.getSolution().col_value)
    if not _keeps(values, highest, rows):
        if status == known.kTimeLimit:
            raise Unsolved
        raise RuntimeError("HiGHS: a solution that breaks a row")
    return Solution(values, is_best=status == known.kOptimal)


def _model(highest: Sequence[int], rows: Sequence[Row], costs: Sequence[float]) -> "HighsLp":
    from highspy import HighsLp, HighsVarType, MatrixFormat  # noqa: PLC0415 - as above

    model = HighsLp()
    model.num_col_, model.num_row_ = len(highest), len(rows)
    model.col_cost_ = list(costs) or [0.0] * len(highest)
    model.col_lower_ = [0.0] * len(highest)
    model.col_upper_ = [float(most) for most in highest]
    model.row_lower_ = [float(row.least) for row in rows]
    model.row_upper_ = [float(row.most) for row in rows]
    model.integrality_ = [HighsVarType.kInteger] * len(highest)
    starts, columns, weights = [0], [], []
    for row in rows:
        for column, weight in sorted(row.weights.items()):
            columns.append(column)
            weights.append(float(weight))
        starts.append(len(columns))
    matrix = model.a_matrix_
    matrix.format_ = MatrixFormat.kRowwise
    matrix.num_col_, matrix.num_row_ = len(highest), len(rows)
    matrix.start_, matrix.index_, matrix.value_ = starts, columns, weights
    return model


def _keeps(values: Sequence[int], highest: Sequence[int], rows: Sequence[Row]) -> bool:
    within = all(0 <= value <= most for value, most in zip(values, highest, strict=False))
    return (
        len(values) == len(highest)
        and within
        and all(
            row.least <= sum(values[at] * n for at, n in row.weights.items()) <= row.most
            for row in rows
        )
    )
