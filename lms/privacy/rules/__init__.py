"""What is decided about privacy: which answers fit, how long what is kept. Pure."""

from lms.privacy.rules.answers import check_answer, shown_wish
from lms.privacy.rules.retention import PERIODS, check_days, period

__all__ = ["PERIODS", "check_answer", "check_days", "period", "shown_wish"]
