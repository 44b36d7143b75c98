"""What is decided about privacy: which answers fit, how long what is kept. Pure."""

from lms.privacy.rules.answers import check_answer, is_sealed, masked
from lms.privacy.rules.retention import PERIODS, check_days, period

__all__ = ["PERIODS", "check_answer", "check_days", "is_sealed", "masked", "period"]
