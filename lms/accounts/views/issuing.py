"""The library that talks to an issuer of single sign-on. Imported only where one is set: it takes
30 MB of every worker, and it is an extra that may not be installed.
"""

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from joserfc.errors import JoseError

FAULTS = (AuthlibBaseError, JoseError, RuntimeError, KeyError, TypeError, ValueError)
"""What is raised when an issuer says something that cannot be right."""

AWAY = (requests.RequestException,)
"""What is raised when an issuer does not answer."""

__all__ = ["AWAY", "FAULTS", "OAuth"]
