"""Pages of the tree: browse and search it; change what is below the own unit."""

from lms.organizations.views import browsing, editing, rehanging
from lms.organizations.views.common import bp

__all__ = ["bp", "browsing", "editing", "rehanging"]
