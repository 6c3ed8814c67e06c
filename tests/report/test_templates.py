"""The page in a browser, Debian's chromium."""

import re
import shutil

import pytest

from lamina.inspection import Diagnosis, Finding, Remedy
from lamina.report import make_report

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium")

FINDINGS = [
    Finding("overfitting", severity, "The network learns by heart.", {"gap": 0.5}, (Remedy("Use dropout."),))
    for severity in ("severe", "warning", "info")
]
#: every visible text with its colour, the colours that it is painted on, the innermost first, and its size
TEXTS = """
() => [...document.querySelectorAll('body *')].filter(e =>
    [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && e.checkVisibility()
).map(e => {
    const grounds = [], style = getComputedStyle(e);
    for (let at = e; at; at = at.parentElement) grounds.push(getComputedStyle(at).backgroundColor);
    const colour = e instanceof SVGElement ? style.fill : style.color;
    return [e.textContent.trim().slice(0, 30), colour, grounds];
})
"""
OPEN_ALL = "() => document.querySelectorAll('details').forEach(d => d.open = true)"


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def reports(wine, diabetes, hostile_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    model, flow, X, y = wine
    make_report(model, folder / "wine.html", X, y, gradient_flow=flow, diagnosis=Diagnosis(FINDINGS))
    make_report(*diabetes[:1], folder / "diabetes.html", *diabetes[1:])
    return {"wine": folder / "wine.html", "diabetes": folder / "diabetes.html", "hostile": hostile_run / "report.html"}


@pytest.fixture
def opened(browser, reports):
    """Open a report; whatever the page complains of or asks the network for fails the test."""
    contexts, complaints = [], []

    def open_report(name, width=1200, scheme="light"):
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        address = reports[name].as_uri()
        page.on("request", lambda request: request.url in (address, "data:,") or complaints.append(request.url))
        page.goto(address)
        return page

    yield open_report
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("name", ["wine", "diabetes", "hostile"])
def test_the_pictures_are_there(opened, name):
    page = opened(name)
    charts = page.locator("svg.chart")
    assert charts.count() >= 3
    for chart in charts.all():
        box = chart.bounding_box()
        assert box["width"] > 250
        assert box["height"] > 60
    drawn = page.eval_on_selector_all("svg.chart path.line", "paths => paths.map(p => p.getTotalLength())")
    assert drawn
    assert min(drawn) > 0


@pytest.mark.parametrize("name", ["wine", "diabetes", "hostile"])
def test_a_phone_scrolls_down_only(opened, name):
    page = opened(name, width=360)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate("document.body.scrollWidth") == 360


@pytest.mark.parametrize("width", [360, 1200])
def test_long_names_stay_in_their_cells(opened, width):
    page = opened("hostile", width=width)
    page.evaluate(OPEN_ALL)
    beyond = "cells => cells.filter(c => c.scrollWidth > c.clientWidth + 1).map(c => c.textContent)"
    assert page.locator("th", has_text="xxxxxxxx").count() > 0
    assert page.eval_on_selector_all("tbody th, td:not(.number)", beyond) == []


def test_hostile_names_are_texts(opened):
    page = opened("hostile")
    page.evaluate(OPEN_ALL)
    assert page.locator("script, img, i, b").count() == 0
    assert "onerror=alert(6)" in page.locator("h1").inner_text()
    assert page.get_by_text("<script>alert(1)</script>").count() > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["wine", "diabetes"])
def test_texts_are_readable_by_day_and_night(opened, name, scheme):
    page = opened(name, scheme=scheme)
    page.evaluate(OPEN_ALL)
    texts = page.evaluate(TEXTS)
    assert len(texts) > 100
    grounds = [painted(colours) for _, _, colours in texts]
    assert (sum(grounds[0]) < 384) is (scheme == "dark")
    poor = [
        (text, colour) for (text, colour, _), ground in zip(texts, grounds) if contrast(rgba(colour)[:3], ground) < 4.5
    ]
    assert poor == []
    lines = page.eval_on_selector_all("path.line", "paths => paths.map(p => getComputedStyle(p).stroke)")
    assert all(
        contrast(rgba(line)[:3], painted(["rgb(27, 31, 36)" if scheme == "dark" else "rgb(255, 255, 255)"])) > 3
        for line in lines
    )


def test_the_keyboard_reaches_everything(opened):
    page = opened("wine", width=360)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    reached = set()
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            summary = page.evaluate("document.activeElement.textContent")
            if summary in reached:
                break
            reached.add(summary)
            was_open = page.evaluate("document.activeElement.parentElement.open")
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.parentElement.open") is not was_open
    assert len(reached) == len(set(page.locator("summary").all_text_contents()))


def test_every_picture_has_a_table(opened):
    page = opened("wine")
    for section in page.locator("section:has(svg.chart)").all():
        assert section.locator("details table").count() == 1


def rgba(colour):
    """Red, green and blue from 0 to 255, and opacity, of a computed CSS colour."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", colour.replace("srgb", ""))]
    if colour.startswith("color("):
        numbers[:3] = [255 * number for number in numbers[:3]]
    return (*numbers[:3], numbers[3] if len(numbers) > 3 else 1.0)


def painted(colours):
    """The colour that layers give together, the innermost first."""
    seen = (255.0, 255.0, 255.0)
    for *colour, opacity in map(rgba, reversed(colours)):
        seen = tuple(opacity * new + (1 - opacity) * old for new, old in zip(colour, seen, strict=True))
    return seen


def contrast(one, other):
    """The contrast ratio of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast_is_that_of_the_standard():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)
    assert painted(["rgba(0, 0, 0, 0.5)", "rgb(200, 100, 0)"]) == (100, 50, 0)
