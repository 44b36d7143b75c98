"""Locks, passwords, sessions, factors, origins, links: by tables."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts import rules
from lms.accounts.rules.factors import shown_code
from lms.accounts.rules.passwords import LEARNER_RULE, STAFF_RULE, is_common, length
from lms.accounts.types import LockState, Must, Reach, SessionLimits
from lms.kernel.errors import Invalid
from lms.people.types import Grant, Role
from tests.builders import NOON

MINUTE = timedelta(minutes=1)

# --- locks


def fail(state, times, *, now):
    for _ in range(times):
        state = rules.after_failure(state, now=now)
    return state


def test_four_failures_lock_nothing_and_the_fifth_does():
    four = fail(LockState(), 4, now=NOON)
    assert (four.failures, four.is_locked(NOON)) == (4, False)
    assert fail(four, 1, now=NOON).is_locked(NOON)


def test_each_lock_lasts_longer_than_the_one_before():
    state, now, lasted = LockState(), NOON, []
    for _ in range(6):
        state = fail(state, 5, now=now)
        lasted.append(state.locked_until_at - now)
        now = state.locked_until_at
    assert [one // MINUTE for one in lasted] == [1, 5, 15, 30, 30, 30]


def test_going_on_while_it_is_locked_makes_it_no_longer():
    locked = fail(LockState(), 5, now=NOON)
    assert fail(locked, 100, now=NOON + timedelta(seconds=59)) == locked


def test_a_lock_ends_at_its_very_second():
    locked = fail(LockState(), 5, now=NOON)
    assert locked.is_locked(NOON + timedelta(seconds=59))
    assert not locked.is_locked(NOON + MINUTE)


# --- passwords


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("Tr4ktor!", LEARNER_RULE),  # 8
        ("stadt-Haus-9", STAFF_RULE),  # 12
        ("八个字的密码好记", LEARNER_RULE),  # 8 汉字 count as 16
        ("红色水杯旁的三只蓝猫", STAFF_RULE),  # 10 汉字 count as 20
        ("correct horse battery", STAFF_RULE),  # a passphrase of 21
        ("雨后的山Ab", LEARNER_RULE),  # 3 classes, 10
    ],
)
def test_passwords_that_will_do(password, rule):
    rules.check_password(password, rule=rule)


@pytest.mark.parametrize(
    ("password", "rule", "words"),
    [
        ("", LEARNER_RULE, "至少"),
        ("Tr4ktr!", LEARNER_RULE, "至少要 8 位"),  # 7
        ("雨后的", LEARNER_RULE, "至少"),  # 6
        ("stadtHaus-9", STAFF_RULE, "至少要 12 位"),  # 11
        ("traktoren", LEARNER_RULE, "至少 3 种"),  # 1 class, 9
        ("traktor2971", LEARNER_RULE, "至少 3 种"),  # 2 classes
        ("correct horse bat", STAFF_RULE, "20 位以上"),  # 17
        ("Abc12345678", LEARNER_RULE, "太常见"),
        ("P@ssw0rd2026", STAFF_RULE, "太常见"),
        ("Guizhou@2026", STAFF_RULE, "太常见"),
        ("Shegong#123", LEARNER_RULE, "太常见"),
        ("Woaini1314!", LEARNER_RULE, "太常见"),
        ("1qaz@WSX", LEARNER_RULE, "太常见"),
        ("aaaaaaaaaaaaaaaaaaaa", STAFF_RULE, "太常见"),
        ("好好学习天天向上", LEARNER_RULE, "太常见"),
        ("Yang.Mei-2971", STAFF_RULE, "不能有您的"),
        ("x13800138000X", STAFF_RULE, "不能有您的"),
        ("我叫杨梅花就是我Ab1", STAFF_RULE, "不能有您的"),
        ("x" * 257, LEARNER_RULE, "最多"),
    ],
)
def test_passwords_that_are_refused(password, rule, words):
    personal = ["yang.mei", "13800138000", "杨梅花"]
    with pytest.raises(Invalid, match=words) as refusal:
        rules.check_password(password, rule=rule, personal=personal)
    assert (refusal.value.code, refusal.value.where) == ("weak_password", "password")


@pytest.mark.parametrize(
    "password",
    [
        "12345678", "87654321", "123456789012", "qwertyuiop", "poiuytrewq", "abcdefgh", "abcabcabc",
        "88888888", "5201314", "5201314!", "19491001", "PASSWORD", "\uff50assword", "密码123", "我爱贵州!",
        "admin888", "zxcvbnm", "1qaz2wsx3edc", "iloveyou520", "mima123456", "maotai1935",
    ],
)  # fmt: skip
def test_what_everybody_chooses(password):
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["Tr4ktor!", "stadt-Haus-9", "八个字的密码好记", "y7Kp2mQx", "我的猫会开门"]
)
def test_what_hardly_anybody_chooses(password):
    assert not is_common(password)


@given(st.text(max_size=300))
def test_any_text_is_judged(password):
    try:
        rules.check_password(password, rule=LEARNER_RULE, personal=["", "杨", "yang"])
    except Invalid as refusal:
        assert refusal.code == "weak_password"
    else:
        assert length(password) >= 8


@pytest.mark.parametrize(
    ("days", "age", "aged"),
    [(180, timedelta(days=180), False), (180, timedelta(days=180, seconds=1), True), (0, timedelta(days=9999), False)],
)  # fmt: skip
def test_a_password_may_get_so_old(days, age, aged):
    assert rules.is_aged(NOON - age, now=NOON, days=days) is aged
    assert not rules.is_aged(None, now=NOON, days=days)


# --- sessions

LIMITS = SessionLimits(idle_seconds=100, absolute_seconds=1000)


@pytest.mark.parametrize(
    ("signed_in", "seen", "now", "over"),
    [
        (0, 0, 100, False),  # the last second
        (0, 0, 101, True),
        (0, 900, 1000, False),
        (0, 990, 1001, True),  # busy, and over all the same
        (500, 500, 400, False),  # clocks that differ
    ],
)
def test_a_session_ends_when_it_slept_or_lasted_too_long(signed_in, seen, now, over):
    assert rules.is_over(signed_in=signed_in, seen=seen, now=now, limits=LIMITS) is over


def test_an_examination_is_let_finish():
    asked = {"signed_in": 0, "seen": 0, "limits": LIMITS, "grace_seconds": 50}
    assert not rules.is_over(now=150, **asked)
    assert rules.is_over(now=151, **asked)


@pytest.mark.parametrize(
    ("must", "staff", "factor", "asks", "first"),
    [
        ("", False, "", True, None),
        ("", True, "", True, Must.SECOND_FACTOR),
        ("", True, "", False, None),
        ("", True, "totp", True, None),
        ("new_password", True, "", True, Must.NEW_PASSWORD),
        ("new_password", False, "", True, Must.NEW_PASSWORD),
    ],
)
def test_what_somebody_has_to_do_first(must, staff, factor, asks, first):
    assert rules.what_first(must=must, staff=staff, factor=factor, asks_factor=asks) == first


def test_staff_is_who_has_any_role_but_a_learners():
    assert not rules.is_staff([Grant(Role.LEARNER, 1)]) and not rules.is_staff([])
    assert all(
        rules.is_staff([Grant(Role.LEARNER, 1), Grant(r, 1)]) for r in Role if r != Role.LEARNER
    )


# --- factors

SECRET = pyotp.random_base32(32)
STEP = 59_234_567
AT = datetime.fromtimestamp(STEP * 30 + 7, UTC)


@pytest.mark.parametrize(
    ("step", "last", "found"),
    [
        (STEP, None, STEP),
        (STEP - 1, None, STEP - 1),  # the telephone is late
        (STEP + 1, None, STEP + 1),
        (STEP - 2, None, None),
        (STEP + 2, None, None),
        (STEP, STEP, None),  # used
        (STEP - 1, STEP, None),  # older than what was used
        (STEP, STEP - 1, STEP),
    ],
)
def test_a_code_is_good_once_and_for_its_half_minute(step, last, found):
    code = pyotp.TOTP(SECRET).generate_otp(step)
    assert rules.matching_counter(SECRET, code, now=AT, last=last) == found


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", "低保"]
)
def test_what_is_no_code_fits_nothing(code):
    assert rules.matching_counter(SECRET, code, now=AT, last=None) is None


def test_the_test_vectors_of_the_standard():
    """RFC 6238, appendix B, SHA-1; the last six digits of its eight."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        now = datetime.fromtimestamp(seconds, UTC)
        assert rules.matching_counter(secret, code, now=now, last=None) == seconds // 30


def test_codes_are_read_as_people_type_them():
    assert rules.normal_code(" 123 456 ") == "123456"
    assert rules.normal_code("abcde-fghjk") == "ABCDEFGHJK"
    assert shown_code("ABCDEFGHJK") == "ABCDE-FGHJK"


def test_a_telephone_reads_user_name_and_issuer():
    address = rules.address_of(SECRET, user_name="yang.mei", issuer="必学")
    read = pyotp.parse_uri(address)
    assert (read.secret, read.name, read.issuer) == (SECRET, "yang.mei", "必学")


# --- origins


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/110 Mobile Safari/537.36 MicroMessenger/8.0", "微信 · Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Firefox · Linux"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_device_in_words(agent, words):
    assert rules.device_words(agent) == words


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("203.0.113.77", "203.0.113.*"),
        ("2001:db8:1:2::3", "2001:0db8:0001::*"),
        ("x", ""),
        ("", ""),
    ],
)
def test_an_address_without_the_machine(address, masked):
    assert rules.mask_address(address) == masked


# --- links


def test_only_tokens_that_we_signed_are_read(vault):
    token = rules.make_token("abc123", vault)
    assert rules.read_token(token, vault) == vault.digest(token, purpose="password_link")
    for forged in ("", "-", "abc123", f"{token}0", token.replace("abc", "abd"), "abc123-000000000000", "低保-x"):  # fmt: skip
        assert rules.read_token(forged, vault) is None


@pytest.mark.parametrize(
    ("helper", "helped", "further", "may"),
    [
        (Role.COUNTY_MANAGER, Role.LEARNER, False, True),
        (Role.COUNTY_MANAGER, Role.STATION_MANAGER, False, True),
        (Role.COUNTY_MANAGER, Role.PROVINCE_MANAGER, True, False),
        (Role.COUNTY_MANAGER, Role.ADMINISTRATOR, False, False),
        (Role.PROVINCE_MANAGER, Role.SECURITY_OFFICER, False, False),
        (Role.PROVINCE_MANAGER, Role.AUDITOR, False, False),
        (Role.SECURITY_OFFICER, Role.AUDITOR, True, True),
    ],
)
def test_nobody_helps_whoever_may_more(helper, helped, further, may):
    assert rules.may_help({helper}, Reach(frozenset({helped}), further)) is may


# --- what an issuer says


@pytest.mark.parametrize(
    ("claims", "claim", "factor"),
    [
        ({"phone_number": "13800138000", "phone_number_verified": True}, "13800138000", False),
        ({"phone_number": "13800138000"}, "", False),  # not verified
        ({"phone_number": "13800138000", "phone_number_verified": "true"}, "", False),
        ({"phone_number": 7, "phone_number_verified": True, "amr": ["pwd", "mfa"]}, "", True),
        ({"amr": ["pwd"], "acr": "mfa"}, "", True),
        ({"amr": "mfa"}, "", False),  # not a list
    ],
)
def test_what_an_issuer_says_about_somebody(claims, claim, factor):
    found = rules.identity_of(
        {"sub": "s1", **claims}, issuer="i", claim_name="phone_number", factor_words=["mfa"]
    )
    assert (found.subject, found.claim, found.factor) == ("s1", claim, factor)


def test_an_issuer_who_is_not_trusted_names_nobody():
    claims = {"sub": "s1", "preferred_username": "admin", "amr": ["mfa"]}
    found = rules.identity_of(claims, issuer="i", claim_name="", factor_words=[])
    assert (found.claim, found.factor) == ("", False)
