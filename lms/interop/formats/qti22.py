"""QTI 2.2: https://www.imsglobal.org/question/qtiv2p2/imsqti_v2p2_impl.html."""

from lms.interop.formats._qti import Qti
from lms.interop.formats._qti_names import V22
from lms.kernel.errors import N_


class Qti22(Qti):
    name = "qti22"
    label = N_("QTI 2.2 压缩包")
    dialect = V22


FORMAT = Qti22()
