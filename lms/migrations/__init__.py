"""The schema's history: Alembic, one file, one change; runs forwards on SQLite and PostgreSQL."""
