"""Authors write Markdown; what comes out is HTML without script, style or frames."""

import pytest
from markupsafe import Markup

from lms.http.markdown import render, render_inline


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("## 申请", '<h2 id="申请">申请</h2>'),
        ("**必须**", "<p><strong>必须</strong></p>"),
        ("- 一\n- 二", "<ul>\n<li>一</li>\n<li>二</li>\n</ul>"),
        ("1. 一\n2. 二", "<ol>\n<li>一</li>\n<li>二</li>\n</ol>"),
        ('!!! note "提示"\n    先核实。', '<p class="admonition-title">提示</p>'),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
    ],
)
def test_what_authors_write(text, html):
    assert html in render(text)


def test_a_table_keeps_its_alignment_without_style():
    html = render("| 项 | 数 |\n| --- | ---: |\n| 低保 | 3 |\n")
    assert '<td align="right">3</td>' in html
    assert "style" not in html
    assert '<table tabindex="0">' in html, "it scrolls on a phone: the keyboard must reach it"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//elsewhere.example/x.js></SCRIPT>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<iframe src='//elsewhere.example'></iframe>",
        "<p style='position:fixed'>x</p>",
        "<style>body{display:none}</style>",
        "<svg onload=alert(1)></svg>",
        "<form action='//elsewhere.example'><input name=password></form>",
        "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
        "<div class=x onclick=alert(1)>x</div>",
        "<details ontoggle=alert(1) open>",
        "<base href='//elsewhere.example'>",
        "<meta http-equiv=refresh content='0;url=//elsewhere.example'>",
        "`<script>`",  # a text about it is a text
        "[x]: javascript:alert(1)\n[x]",
    ],
)
def test_nothing_of_it_runs(text):
    html = render(text).lower()
    for bad in ("<script", "<iframe", "<style", "<svg", "<form", "<input", "<base", "<meta", "<math", "style=", "javascript:", 'href="data:'):  # fmt: skip
        assert bad not in html
    assert " on" not in "".join(part.partition(">")[0] for part in html.split("<")[1:])


def test_a_text_is_rendered_once():
    assert render("同一段") is render("同一段")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("低保**申请**", "低保<strong>申请</strong>"),
        ("一\n\n二", "<p>一</p>\n<p>二</p>"),  # two paragraphs stay two
        ("- 一", "<ul>\n<li>一</li>\n</ul>"),
        ("", ""),
        ("<script>x</script>", ""),
    ],
)
def test_a_short_text_has_no_paragraph_around_it(text, html):
    assert render_inline(text) == html
    assert isinstance(render_inline(text), Markup)
