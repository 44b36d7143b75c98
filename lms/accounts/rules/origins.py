"""Where somebody signed in from, in words that help them and tell others little. Pure."""

from ipaddress import ip_address

from lms.kernel.errors import N_

_BROWSERS = (
    ("MicroMessenger", N_("微信")),
    ("wxwork", N_("企业微信")),
    ("DingTalk", N_("钉钉")),
    ("QQBrowser", N_("QQ 浏览器")),
    ("UCBrowser", N_("UC 浏览器")),
    ("HuaweiBrowser", N_("华为浏览器")),
    ("MiuiBrowser", N_("小米浏览器")),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("UOS", N_("统信")),
    ("Kylin", N_("麒麟")),
    ("Linux", "Linux"),
)
"""What a browser's own words contain, and what it is called. The first that fits counts."""


def device_words(user_agent: str) -> str:
    """Return browser and system as people call them, as far as known: ``微信 · Android``."""
    found = (
        next((words for mark, words in known if mark in user_agent), "")
        for known in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(filter(None, found))


def mask_address(address: str) -> str:
    """Return the network of an address without the machine: ``203.0.113.*``, ``2001:db8:1::*``."""
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if ip.version == 4:
        return f"{str(ip).rpartition('.')[0]}.*"
    return ":".join(ip.exploded.split(":")[:3]) + "::*"
