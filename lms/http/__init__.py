"""The Flask toolbox: database extension, unit of work, access, base form, error pages, headers.

Knows Flask, knows no feature. Features' ``views``, ``forms`` and ``cli`` build on it.
"""
