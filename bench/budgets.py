"""What an operation may cost. Reported here; tests of the rooms enforce the statements. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one operation may take. None: not limited."""

    statements: int | None = None
    wire_bytes: int | None = None
    """Of the body as it is sent."""
    times: float | None = None
    """Processor time, so many times that of its like on the floor."""

    def is_met(self, ratio: float | None) -> bool | None:
        """Say whether the goal for processor time is reached; none: no goal, or not known."""
        return None if self.times is None or ratio is None else ratio <= self.times


def verdict(budget: Budget, *, statements: int | None, wire_bytes: int | None) -> str:
    """Return ``ok``, or what is over: ``over: statements 9 > 8``. What is unknown is not over."""
    measured = (
        ("statements", statements, budget.statements),
        ("bytes", wire_bytes, budget.wire_bytes),
    )
    over = [
        f"{name} {value} > {most}"
        for name, value, most in measured
        if value is not None and most is not None and value > most
    ]
    return f"over: {', '.join(over)}" if over else "ok"
