"""必学 (Bixue): learning, exam practice, certification and credential checking.

Importing ``lms``, or any ``types``, ``rules``, ``kinds`` or ``content`` module, imports
neither Flask nor SQLAlchemy: the domain is usable as a plain library. The application
factory is :func:`lms.web.create_app`.
"""

__version__ = "0.1.0"
