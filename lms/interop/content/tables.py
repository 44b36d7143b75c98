"""Any table: what a file is, by its first bytes; what its name says must agree."""

from lms.interop.content.texts import read_text
from lms.interop.content.workbooks import read_workbook
from lms.interop.types import Table
from lms.kernel.errors import N_, Invalid

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_TEXTS = (".csv", ".txt", ".tsv")


def read_table(data: bytes, *, name: str, encoding: str = "") -> Table:
    """Return the table of a file.

    :param name: what the file was called; its ending must agree with what it is.
    :param encoding: of a text, if somebody says it; empty: found out.
    :raises Invalid: a code for each reason, ``where`` the name of the file or a place in it.
    """
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    if not data.strip(b"\x00 \t\r\n"):
        raise Invalid("empty_file", N_("文件是空的"), where=name)
    if data.startswith(OLE):
        raise _old(data, name)
    if data.startswith((ZIP, b"PK\x05\x06")):
        if ending in _TEXTS:
            raise Invalid(
                "wrong_ending",
                N_("文件名以 %(ending)s 结尾，内容却是压缩包或工作簿；请改成 .xlsx 再传"),
                where=name,
                ending=ending,
            )
        if ending == ".xlsm":
            raise Invalid(
                "macros", N_("带宏的工作簿不收，请在表格软件里另存为 .xlsx 再传"), where=name
            )
        return read_workbook(data, name=name)
    if ending not in _TEXTS:
        raise _no_table(data, name, ending)
    return read_text(data, name=name, encoding=encoding)


def _old(data: bytes, name: str) -> Invalid:
    if _ENCRYPTED in data:
        return Invalid("encrypted", N_("文件设了打开密码，请去掉密码后再传"), where=name)
    return Invalid(
        "old_workbook",
        N_("旧格式 .xls（或其他 Office 文件）不收，请在 WPS 或 Excel 里另存为 .xlsx 再传"),
        where=name,
    )


def _no_table(data: bytes, name: str, ending: str) -> Invalid:
    if ending == ".xlsx":
        return Invalid(
            "wrong_ending",
            N_("文件名以 .xlsx 结尾，内容却不是工作簿；如果是文本表格，请把名字改成 .csv"),
            where=name,
        )
    if ending == ".xls" and b"<" in data[:200]:
        return Invalid(
            "wrong_ending",
            N_("文件名以 .xls 结尾，内容却是网页；请在表格软件里打开，另存为 .xlsx 再传"),
            where=name,
        )
    return Invalid("no_table", N_("只收 .xlsx 和 .csv 文件"), where=name)
