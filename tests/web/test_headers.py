"""What every answer carries: pages, faults and files alike."""

import re
from pathlib import Path

import pytest

from lms.http.headers import CSP, register
from lms.kernel.places import shipped
from lms.web import face

PATHS = [
    "/sign-in",
    "/",  # a redirect
    "/nothing-here",
    "/api/nothing-here",
    "/healthz",
    "/static/css/bixue.css",
    "/static/nothing.css",
    "/bootstrap/static/css/bootstrap.min.css",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_what_a_browser_may_do_with_it(client, path):
    headers = client.get(path, buffered=True).headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_nothing_inline_and_nothing_from_elsewhere_runs():
    rules = dict(part.strip().partition(" ")[::2] for part in CSP.split(";"))
    assert rules["default-src"] == "'self'"
    assert {"object-src", "frame-ancestors"} <= {k for k, v in rules.items() if v == "'none'"}
    assert {"base-uri", "form-action"} <= {k for k, v in rules.items() if v == "'self'"}
    assert "unsafe" not in CSP
    assert "http" not in CSP
    # nothing loosens the default for what runs or dresses
    assert not {"script-src", "style-src", "connect-src"} & set(rules)


@pytest.mark.parametrize("path", ["/sign-in", "/nothing-here", "/"])
def test_pages_are_private_and_asked_for_again(client, path):
    assert client.get(path).headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "path", ["/static/css/bixue.css", "/bootstrap/static/css/bootstrap.min.css"]
)
def test_files_are_kept(client, path):
    assert "max-age=604800" in client.get(path, buffered=True).headers["Cache-Control"]


def test_https_is_kept_to(client):
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers
    secure = client.get("/sign-in", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_pages_travel_compressed(client, coding):
    answer = client.get("/sign-in", headers={"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in answer.headers["Vary"]


TEMPLATES = sorted(shipped("templates").rglob("*.html"))
INLINE = re.compile(r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)  # fmt: skip
FOREIGN = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""")


TAKEN_AWAY = {"own_data/file.html"}
"""Not a page of ours: it is packed into a file and opened where there is no network."""

SENT = [path for path in TEMPLATES if f"{path.parent.name}/{path.name}" not in TAKEN_AWAY]


def places(found):
    """The templates, by room and name, of which something is said."""
    return {f"{path.parent.name}/{path.name}": said for path, said in found if said}


def test_a_template_asks_for_nothing_that_is_forbidden():
    assert places((path, forbidden(path.read_text(encoding="utf-8"))) for path in SENT) == {}


def forbidden(written):
    text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", written, flags=re.DOTALL)
    return INLINE.findall(text) + FOREIGN.findall(text)


def test_a_template_begins_with_its_signature():
    begins = ((path, path.read_text(encoding="utf-8")[:40]) for path in TEMPLATES)
    assert places((path, first) for path, first in begins if not first.startswith("{#-")) == {}


def test_every_form_of_a_template_carries_the_token():
    assert (
        places((path, without_token(path.read_text(encoding="utf-8"))) for path in TEMPLATES) == {}
    )


def without_token(text):
    return [
        form[:200]
        for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL)
        if re.search(r"""method\s*=\s*["']post["']""", form)
        and not re.search(r"hidden_tag\(\)|csrf_token|csrf\(\)", form)
    ]


def test_what_a_template_may_not_say_is_seen():
    assert forbidden('<p style="x">') and forbidden("<script>x</script>")
    assert forbidden('<img src="https://elsewhere/">')
    assert not forbidden('<script src="/static/x.js"></script>{# <style #}')
    assert without_token('<form method="post"></form>')
    assert not without_token('<form method="post">{{ csrf() }}</form><form method="get"></form>')
    assert places([(TEMPLATES[0], []), (TEMPLATES[1], ["x"])])


def test_our_scripts_build_no_html_out_of_text():
    """``innerHTML`` and ``eval`` are how a text becomes a program."""
    risky = re.compile(r"\.(?:innerHTML|outerHTML)\s*=|insertAdjacentHTML|\beval\(|new Function|document\.write")  # fmt: skip
    for path in sorted(Path(face.STATIC).rglob("*.js")):
        assert not risky.findall(path.read_text(encoding="utf-8")), path


def test_a_header_that_a_page_says_itself_is_not_said_twice(client):
    headers = client.get("/verify/BX-0000-0000-0000-0").headers
    assert headers.getlist("Cache-Control") == ["no-store"]
    assert headers.getlist("Content-Security-Policy") == [CSP]


def test_a_page_says_on_what_it_depends(client):
    first = client.get("/sign-in", headers={"Accept-Encoding": "br"})
    again = client.get("/sign-in", headers={"Accept-Encoding": "br"})  # with its cookie now
    for answer in (first, again):
        assert {"Accept-Encoding", "Cookie"} <= set(re.split(r",\s*", answer.headers["Vary"]))


def test_a_fault_of_the_program_is_guarded_too(app):
    def broken():
        raise ZeroDivisionError

    site = type(app)("lms", template_folder=str(shipped("templates")))
    site.add_url_rule("/broken", "broken", broken)
    register(site)
    answer = site.test_client().get("/broken")
    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"] == CSP
