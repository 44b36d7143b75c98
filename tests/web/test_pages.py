import pytest
from jinja2 import DictLoader

from lms.web.face import LANGUAGES

SENTENCE = "距 %(year)s 年度考试还有 %(n)s 天"


@pytest.fixture
def render(app):
    """Render a template in a language, compiled as pages are."""

    def rendered(source, lang="zh", **values):
        spoken = app.jinja_env.speaking(LANGUAGES[lang]).overlay(
            loader=DictLoader({"page.html": source})
        )
        with app.test_request_context(headers={"Cookie": f"lang={lang}"}):
            return spoken.get_template("page.html").render(**values)

    return rendered


def test_a_sentence_is_put_in_when_the_template_is_compiled(render):
    assert render("{{ _('首页') }}") == "首页"
    assert render("{{ _('首页') }}", lang="en") == "Home"
    assert render("{{ is_english() }}", lang="en") == "True"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_values_are_escaped_and_the_sentence_is_not(render, app, lang):
    source = "{{ _('" + SENTENCE + "', year=year, n=n) }}"
    shown = render(source, lang=lang, year="<b>", n=3)
    assert "&lt;b&gt;" in shown
    assert "3" in shown
    assert "%(" not in shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_taken_apart_reads_as_it_does_whole(render, lang):
    apart = render("{{ _('" + SENTENCE + "', year=2026, n=n) }}", lang=lang, n=3)
    whole = render("{{ _(said, year=2026, n=n) }}", lang=lang, said=SENTENCE, n=3)
    assert apart == whole


@pytest.mark.parametrize(
    ("lang", "english", "expected"),
    [
        ("zh", "Home", "首页"),
        ("en", "Home", "Home"),
        ("en", "", "首页"),  # no English: Chinese
        ("en", None, "首页"),
    ],
)
def test_a_title_is_picked_by_language(render, lang, english, expected):
    assert render("{{ pick('首页', english) }}", lang=lang, english=english) == expected


def test_a_page_of_one_language_never_shows_up_in_another(app, client):
    for lang, words in (("zh", "查验证书"), ("en", "Verify a certificate"), ("zh", "查验证书")):
        client.set_cookie("lang", lang)
        assert words in client.get("/verify").text
