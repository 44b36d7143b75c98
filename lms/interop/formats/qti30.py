"""QTI 3.0: https://www.imsglobal.org/spec/qti/v3p0/impl."""

from lms.interop.formats._qti import Qti
from lms.interop.formats._qti_names import V30
from lms.kernel.errors import N_


class Qti30(Qti):
    name = "qti30"
    label = N_("QTI 3.0 压缩包")
    dialect = V30


FORMAT = Qti30()
