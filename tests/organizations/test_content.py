from collections import Counter

from lms.organizations.content import counties, townships


def test_guizhou_has_nine_prefectures_and_88_counties():
    assert len(counties()) == len({c.code for c in counties()}) == 88
    assert len({c.prefecture_code for c in counties()}) == 9


def test_county_codes_begin_with_the_code_of_their_prefecture():
    assert all(c.code[:4] == c.prefecture_code[:4] and len(c.code) == 6 for c in counties())


def test_twenty_counties_are_key_counties():
    assert sum(c.key_county for c in counties()) == 20
    assert next(c for c in counties() if c.name == "望谟县").key_county
    assert not next(c for c in counties() if c.name == "兴义市").key_county


def test_every_county_has_townships_and_every_township_a_county():
    assert len(townships()) == len({t.code for t in townships()}) == 1513
    assert {t.county_code for t in townships()} == {c.code for c in counties()}


def test_kinds_of_townships_are_counted_as_published():
    kinds = Counter(t.kind for t in townships())
    assert kinds == {"town": 831, "subdistrict": 368, "ethnic_township": 192, "township": 122}


def test_rare_characters_survive():
    assert any(t.name == "㵲阳镇" for t in townships())
