"""Opens report pages in Chromium and checks one thing about them.

    browser.py CHECK FOLDER [--screenshots FOLDER]

page_browser_test.cpp writes the pages into FOLDER. Exit code 77: there is no Chromium.
"""

import argparse
import http.server
import pathlib
import re
import shutil
import sys
import threading
import time
import urllib.parse

from playwright.sync_api import sync_playwright

NO_BROWSER = 77
CHECKS = {}
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


def check(function):
    CHECKS[function.__name__] = function
    return function


def require(holds, what):
    if not holds:
        raise AssertionError(what)


def require_equal(found, expected, what):
    require(found == expected, f"{what}: {found!r}, not {expected!r}")


class Session:
    """A browser, and what its pages did that they should not."""

    def __init__(self, browser, folder, screenshots):
        self.browser, self.folder, self.screenshots = browser, folder, screenshots
        self.requests, self.complaints, self.opened = [], [], set()

    def open(self, name, viewport=DESK, **options):
        page = self.browser.new_page(viewport=viewport, **options)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: message.type in ("error", "warning")
                and self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append("dialog " + dialog.message))
        address = name if "://" in name else (self.folder / f"{name}.html").as_uri()
        self.opened.add(address)
        page.goto(address)
        return page

    def picture(self, page, name, **options):
        if self.screenshots:
            page.screenshot(path=str(self.screenshots / f"{name}.png"), **options)

    def require_calm(self):
        require(not self.complaints, f"the browser complained: {self.complaints}")
        strange = [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]
        require(not strange, f"requests: {strange}")
        files = {url.split("#")[0] for url in self.requests if url.startswith("file:")}
        require(files <= self.opened, f"files: {files - self.opened}")


def draw_all(page):
    for chart in page.locator("#figures .chart").all():
        chart.scroll_into_view_if_needed()
        chart.locator(".main-svg").first.wait_for()


def axis(page, chart, name):
    return page.locator("#figures .chart").nth(chart).evaluate(
        f"({{_fullLayout: {{{name}: axis}}}}) => ({{type: axis.type, range: axis.range}})")


def wait_for_text(page, selector, start):
    for _ in range(100):
        if page.locator(selector).text_content().startswith(start):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{selector} never starts with {start}")


def shown_column(page, index):
    return page.locator("#cells tbody tr:not([hidden])").evaluate_all(
        f"rows => rows.map(row => row.cells[{index}].textContent)")


# Relative luminance and contrast, as WCAG 2.2 defines them.
def luminance(colour):
    parts = [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def style(page, selector, name):
    return page.locator(selector).first.evaluate(
        f"element => getComputedStyle(element).getPropertyValue('{name}')")


@check
def figures(session):
    page = session.open("study")
    require_equal(page.locator("#claim").inner_text()[:19], "Validation accuracy", "claim")
    drawn = page.locator("#figures .main-svg").count()
    require(drawn < 3 * 3, "charts far below are drawn at once")
    draw_all(page)
    require_equal(page.locator("#figures figure").count(), 4, "figures")
    for figure in page.locator("#figures figure").all():
        chart = figure.locator(".chart")
        if chart.count() == 0:
            require("no cell has a checkpoint" in figure.inner_text(), "the reason is not there")
            continue
        coloured = figure.locator("svg .scatterlayer path, svg .barlayer path, svg .points path")
        require(coloured.count() > 2, "a figure has no marks")
        require(colourful_pixels(chart.screenshot()) > 1000, "a figure is empty")
        require(figure.locator("figcaption").inner_text() != "", "a figure has no caption")
    session.picture(page, "study", full_page=True)


def colourful_pixels(png):
    """Of a picture: those that are no grey, by the browser's own decoder of PNG."""
    from base64 import b64encode
    return pixel_counter.evaluate("""async source => {
      const image = new Image();
      image.src = 'data:image/png;base64,' + source;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      const {data} = context.getImageData(0, 0, image.width, image.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        const channels = [data[i], data[i + 1], data[i + 2]];
        count += Math.max(...channels) - Math.min(...channels) > 40;
      }
      return count;
    }""", b64encode(png).decode())


def point_of(page, chart, trace, value):
    """Where a value of a trace is on the screen."""
    return page.locator("#figures .chart").nth(chart).evaluate("""(chart, [number, value]) => {
      const trace = chart._fullData[number], layout = chart._fullLayout;
      const x = layout['xaxis' + trace.xaxis.slice(1)], y = layout['yaxis' + trace.yaxis.slice(1)];
      const place = chart.getBoundingClientRect();
      return [place.x + x._offset + x.d2p(trace.x[value]),
              place.y + y._offset + y.d2p(trace.y[value])];
    }""", [trace, value])


@check
def pointer(session):
    page = session.open("study")
    chart = page.locator("#figures .chart").nth(1)
    chart.scroll_into_view_if_needed()
    chart.locator(".main-svg").first.wait_for()
    page.mouse.move(*point_of(page, 1, 0, 3))
    read_out = chart.locator(".hoverlayer .hovertext")
    read_out.wait_for()
    text = read_out.text_content()
    for expected in ("add", "training fraction: 0.5", "steps to generalise: 8523", "interval: 65"):
        require(expected in text, f"'{expected}' is not under the pointer: {text}")
    session.picture(page, "pointer")

    require_equal(visible_traces(page, 1), ["add", "divide"], "series")
    chart.locator(".legendtoggle").first.click()
    page.wait_for_timeout(600)  # a second click would isolate
    require_equal(visible_traces(page, 1), ["divide"], "series after a click in the legend")

    # A band goes with its series.
    first = page.locator("#figures .chart").first
    first.scroll_into_view_if_needed()
    require_equal(first.locator(".fills path, .js-fill").count() > 0, True, "a band")
    before = len(visible_traces(page, 0))
    first.locator(".legendtoggle").nth(1).click()
    page.wait_for_timeout(600)
    require_equal(before - len(visible_traces(page, 0)), 3, "band and two lines of the same name")


def visible_traces(page, chart):
    return page.locator("#figures .chart").nth(chart).evaluate(
        "chart => chart._fullData.filter(trace => trace.visible === true).map(trace => trace.name)")


@check
def scales(session):
    page = session.open("study")
    draw_all(page)
    boxes = page.locator("#figures figure").first.get_by_role("checkbox")
    require_equal([box.is_checked() for box in boxes.all()], [True, False, True], "scales")
    require_equal(axis(page, 0, "xaxis")["type"], "log", "x")
    boxes.first.uncheck()
    for name in ("xaxis", "xaxis2"):
        require_equal(axis(page, 0, name)["type"], "linear", name)
    require(axis(page, 0, "xaxis")["range"][1] > 9e4, "the range is still one of exponents")
    boxes.nth(1).check()
    require_equal(axis(page, 0, "yaxis")["type"], "log", "accuracy")
    require(-6 < axis(page, 0, "yaxis")["range"][0] < 0, "the range of accuracies")
    session.picture(page, "scales")
    boxes.nth(1).uncheck()
    low, high = axis(page, 0, "yaxis")["range"]
    require(abs(low + 0.02) < 1e-6 and abs(high - 1.05) < 1e-6, f"the range stays {low}, {high}")
    labels = page.locator("#figures figure").nth(2).locator(".scales label").all_inner_texts()
    require("" not in labels and len(labels) == 6, f"axes of the mixed figure: {labels}")


@check
def sorting(session):
    page = session.open("study")
    heading = page.locator("#cells thead th", has_text="val_accuracy")
    require_equal(heading.get_attribute("aria-sort"), None, "aria-sort at first")
    heading.get_by_role("button").click()
    require_equal(heading.get_attribute("aria-sort"), "ascending", "aria-sort")
    numbers = [float(text) for text in shown_column(page, 4)]
    require_equal(numbers, sorted(numbers), "ascending values")
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    require_equal(heading.get_attribute("aria-sort"), "descending", "aria-sort by the keyboard")
    numbers = [float(text) for text in shown_column(page, 4)]
    require_equal(numbers, sorted(numbers, reverse=True), "descending values")
    page.keyboard.press("Space")
    require_equal(heading.get_attribute("aria-sort"), None, "aria-sort after three")
    require_equal(shown_column(page, 0), [str(i) for i in range(12)], "the order at first")

    steps = page.locator("#cells thead th", has_text="steps_to_generalize").get_by_role("button")
    for _ in range(2):
        steps.click()
        require_equal(shown_column(page, 5)[-3:], ["–"] * 3, "absent values are last")


def filter_rows(page, typed):
    page.locator("#filter").fill(typed)
    page.wait_for_timeout(200)
    return shown_column(page, 0)


@check
def filtering(session):
    page = session.open("study")
    require_equal(page.locator("#count").inner_text(), "12 cells", "count")
    cases = {
        "add": ["0", "3", "6", "9"],
        "ADD 0.35": ["3"],
        "operation.name=add": ["0", "3", "6", "9"],
        "operation.name!=add seed=1": ["1", "11"],
        "val_accuracy>0.9 operation.name=add": ["0", "6", "9"],
        "val_accuracy<=0.123456789": ["3", "7", "11"],
        "steps_to_generalize=none": ["3", "7", "11"],
        "steps_to_generalize!=none seed>=4": ["4", "9"],
        "cell>=10": ["10", "11"],
        'operation.name="x2_plus_y2" seed<1': ["5"],
        "data.train_fraction=0.25": ["1", "10"],
        "nothing_like_it": [],
        "val_accuracy>": [str(i) for i in range(12)],
        "": [str(i) for i in range(12)],
    }
    for typed, expected in cases.items():
        require_equal(filter_rows(page, typed), expected, f"'{typed}'")
    filter_rows(page, "add")
    require_equal(page.locator("#count").inner_text(), "4 of 12 cells", "count")
    require_equal(page.locator("#count").get_attribute("role"), "status", "a live region")
    filter_rows(page, "acuracy>1")
    problem = page.locator("#filter-problem").inner_text()
    require("no column acuracy" in problem, f"the problem: '{problem}'")


@check
def cell(session):
    page = session.open("study")
    filter_rows(page, "divide")
    page.locator("#cells tbody").get_by_role("link", name="4", exact=True).click()
    panel = page.get_by_role("dialog", name="Cell 4")
    panel.locator(".main-svg").first.wait_for()
    require_equal(panel.locator(".scatterlayer .trace").count(), 4, "lines of the curve")
    values = panel.locator("#cell-values").inner_text()
    require("operation.name" in values and "divide" in values, f"values: {values}")
    require(re.search(r"0\.\d{10}", values), "values are rounded")
    session.picture(page, "cell")
    panel.get_by_role("checkbox", name="step").uncheck()
    type_of_x = panel.locator(".chart").evaluate("chart => chart._fullLayout.xaxis.type")
    require_equal(type_of_x, "linear", "the scale")
    page.keyboard.press("Escape")
    require(not panel.is_visible(), "Escape does not close it")
    page.wait_for_url(lambda url: "#" not in url)  # its event comes after it is closed
    require("#" not in page.url, f"the address stays {page.url}")
    require_equal(page.evaluate("document.activeElement.id"), "to-4", "focus")

    filter_rows(page, "")
    page.locator("#to-5").press("Enter")
    require("Nothing was measured yet" in page.get_by_role("dialog").inner_text(), "no curve")
    page.get_by_role("button", name="Close").click()
    page.goto((session.folder / "study.html").as_uri() + "#cell-7")
    page.get_by_role("dialog", name="Cell 7").wait_for()


@check
def themes(session):
    page = session.open("study", color_scheme="light")
    draw_all(page)
    light = style(page, "body", "background-color")
    require_legible(page, "light")
    page.emulate_media(color_scheme="dark")
    dark = style(page, "body", "background-color")
    require(luminance(light) > 0.8 and luminance(dark) < 0.05, f"grounds: {light}, {dark}")
    require_legible(page, "dark")
    session.picture(page, "dark", full_page=True)
    page.get_by_role("button", name="Light theme").click()
    require_equal(style(page, "body", "background-color"), light, "the ground after the switch")
    require_legible(page, "light by the switch")
    page.reload()
    require_equal(style(page, "body", "background-color"), light, "the ground after a reload")
    page.get_by_role("button", name="Dark theme").click()
    require_equal(style(page, "body", "background-color"), dark, "the ground switched back")


def require_legible(page, what):
    grounds = {name: style(page, name, "background-color")
               for name in ("body", "figure", "#verdict")}
    pairs = {"body": "body", "#claim": "body", "h1": "body", "figcaption": "figure",
             "#verdict": "#verdict", "summary": "figure", ".help": "body", "tbody a": "figure",
             ".problem": "figure", "dt": "body", "caption": "figure"}
    for selector, ground in pairs.items():
        ratio = contrast(style(page, selector, "color"), grounds[ground])
        require(ratio >= 4.5, f"{selector} has a contrast of {ratio:.2f} in {what}")
    for selector in (".xtick text", ".legendtext", ".ytitle"):
        ratio = contrast(style(page, "#figures " + selector, "fill"), grounds["figure"])
        require(ratio >= 4.5, f"{selector} has a contrast of {ratio:.2f} in {what}")


@check
def phone(session):
    for name in ("study", "hostile"):
        page = session.open(name, viewport=PHONE, is_mobile=True, has_touch=True)
        draw_all(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        require(width <= PHONE["width"], f"{name} is {width} px wide on a phone")
        session.picture(page, f"phone-{name}", full_page=True)
    page = session.open("study", viewport=PHONE)
    draw_all(page)
    domain = page.locator("#figures .chart").nth(2).evaluate("c => c._fullLayout.xaxis2.domain")
    require_equal(domain, [0, 1], "panels are not in one column")
    scrolls = "element => element.scrollWidth > element.clientWidth"
    require(page.locator(".scroll").evaluate(scrolls), "the table does not scroll by itself")
    page.locator("#to-0").click()
    page.get_by_role("dialog").locator(".main-svg").first.wait_for()
    session.picture(page, "phone-cell")
    inside = page.get_by_role("dialog").evaluate("d => d.scrollWidth <= d.clientWidth")
    require(inside, "the panel of a cell scrolls sideways")


@check
def paper(session):
    page = session.open("study", color_scheme="dark")
    require(page.locator("#figures .chart .main-svg").count() < 9, "all are drawn before")
    page.emulate_media(media="print", color_scheme="dark")
    page.wait_for_timeout(500)
    for chart in page.locator("#figures .chart").all():
        require(chart.locator(".main-svg").count() > 0, "a figure is missing on paper")
    require(luminance(style(page, "body", "background-color")) > 0.8, "paper is dark")
    numbers = luminance(style(page, "#figures .xtick text", "fill"))
    require(numbers < 0.1, "numbers are light on paper")
    require(not page.locator("#filter").is_visible(), "the filter is on paper")
    pdf = page.pdf(format="A4")
    require(pdf.startswith(b"%PDF") and len(pdf) > 30_000, "the PDF is empty")
    if session.screenshots:
        (session.screenshots / "paper.pdf").write_bytes(pdf)
    page.emulate_media(media="screen", color_scheme="dark")
    page.wait_for_timeout(500)
    require(luminance(style(page, "body", "background-color")) < 0.05, "it is light after printing")


@check
def structure(session):
    page = session.open("study")
    draw_all(page)
    require_equal(page.evaluate("document.documentElement.lang"), "en", "lang")
    levels = page.locator("h1, h2, h3, h4").evaluate_all(
        "all => all.filter(h => h.checkVisibility()).map(h => Number(h.tagName[1]))")
    require_equal(levels[0], 1, "the first heading")
    require_equal(levels.count(1), 1, "headings of level 1")
    for before, after in zip(levels, levels[1:]):
        require(after <= before + 1, f"headings skip a level: {levels}")
    nameless = page.locator("button, a, input, summary").evaluate_all("""all => all.filter(e =>
        e.checkVisibility() && !(e.textContent.trim() || e.getAttribute('aria-label') ||
        e.dataset.title || e.title || e.labels?.length)).map(e => e.outerHTML)""")
    require(not nameless, f"without a name: {nameless}")
    require(page.locator("#cells caption").inner_text() != "", "the table has no caption")
    scopeless = page.locator("#cells thead th:not([scope=col])").count()
    require_equal(scopeless, 0, "headings of columns")
    require_equal(page.locator("#cells tbody tr th[scope=row]").count(), 12, "headings of rows")
    for chart in page.locator("#figures .chart").all():
        words = chart.evaluate(
            "c => document.getElementById(c.getAttribute('aria-describedby')).textContent")
        require(words.strip(), "a figure is not told in words")
        require(chart.get_attribute("aria-label"), "a figure has no name")
    require_equal(len(page.evaluate(
        "[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => "
        "all.indexOf(id) !== i && !/^(clip|g)/.test(id))")), 0, "ids that are there twice")

    page.goto(page.url)
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    require(skip.evaluate("element => element === document.activeElement"), "no skip link first")
    page.wait_for_timeout(300)
    require(skip.bounding_box()["y"] >= 0, "the skip link is not seen")
    page.keyboard.press("Enter")
    require_equal(page.evaluate("document.activeElement.id"), "main", "where the skip link leads")
    page.locator("#theme").focus()
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    require_equal(outline, "solid", "the focus is not seen")


@check
def hostile(session):
    page = session.open("hostile")
    draw_all(page)
    page.locator("#cells tbody a").click()
    page.get_by_role("dialog").locator(".main-svg").first.wait_for()
    page.wait_for_timeout(500)
    session.picture(page, "hostile-cell")
    require("onerror" in page.locator("#cell-values").inner_text(), "a value is not seen")
    page.keyboard.press("Escape")
    page.locator("#figures .chart").first.scroll_into_view_if_needed()
    page.mouse.move(*point_of(page, 0, 0, 3))
    page.locator(".hoverlayer .hovertext").first.wait_for()
    session.picture(page, "hostile", full_page=True)
    require_equal(page.evaluate("typeof window.hacked"), "undefined", "window.hacked")
    require_equal(page.locator("body img").count(), 0, "images")
    require_equal(page.locator("[href^='javascript:'], svg a").count(), 0, "links of strangers")
    start, end = "</script><script>window.hacked=1</script", "%{x}</a>&lt;b&gt;"
    drawn = ("#figures .legendtext", "#figures .xtitle", "#figures .ytitle",
             "#figure-categories .xtick text", "#figures .annotation-text",
             "#figures .shape-label text")
    for selector in ("h1", "#claim", "#verdict", "#cells tbody td", "#failures dt",
                     "#provenance dd",
                     "#figures h3", "figcaption", "#figures .hoverlayer .hovertext", *drawn):
        text = page.locator(selector).first.text_content()
        require(start in text and (selector in drawn or end in text), f"{selector}: {text}")


@check
def large(session):
    started = time.monotonic()
    page = session.open("large")
    page.locator("#cells tbody tr").nth(999).wait_for(state="attached")
    page.locator("#figures .main-svg").first.wait_for()
    print(f"opened in {time.monotonic() - started:.2f} s")
    for what in ("sort", "filter"):
        spent = page.evaluate("""what => {
          const start = performance.now();
          if (what === 'sort') document.getElementById('sort-4').click();
          else {
            const filter = document.getElementById('filter');
            filter.value = 'add val_accuracy>0.5';
            filter.dispatchEvent(new Event('input'));
          }
          return new Promise(done => {
            const wait = what === 'sort' ? 0 : 80;
            setTimeout(() => requestAnimationFrame(() => setTimeout(
              () => done(performance.now() - start - wait), 0)), wait);
          });
        }""", what)
        print(f"{what}: {spent:.0f} ms")
        require(spent < 5000, f"{what} takes {spent} ms")
    require_equal(page.locator("#count").inner_text(), "250 of 1,000 cells", "count")
    page.locator("#to-996").click()
    page.get_by_role("dialog", name="Cell 996").locator(".main-svg").first.wait_for()


@check
def empty(session):
    page = session.open("empty")
    require_equal(page.locator("h1").inner_text(), "Nothing yet", "title")
    require_equal(page.locator("#count").inner_text(), "0 cells", "count")
    for part in ("#claim", "#verdict", "#findings-part", "#figures-part", "#failures-part", "#provenance-part"):
        require(not page.locator(part).is_visible(), f"{part} is seen")


class Served(http.server.BaseHTTPRequestHandler):
    """What `groklab report --watch` answers."""

    folder, asked, has_news = None, [], False

    def do_GET(self):
        address = urllib.parse.urlparse(self.path)
        if address.path == "/":
            return self.answer("text/html; charset=utf-8", "first.html")
        since = urllib.parse.parse_qs(address.query, keep_blank_values=True)["since"][0]
        Served.asked.append(since)
        version = "2" if Served.has_news else "1"
        if since != version:
            data = "second.json" if Served.has_news else "first.json"
            return self.answer("application/json", data, version)
        self.send_response(204)
        self.end_headers()

    def answer(self, kind, name, version=""):
        content = (Served.folder / name).read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("ETag", version)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@check
def live(session):
    Served.folder = session.folder
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Served)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}/"
    page = session.open(root)
    draw_all(page)
    page.locator("#sort-4").click()
    filter_rows(page, "val_accuracy>0")
    boxes = page.locator("#figures figure").first.get_by_role("checkbox")
    boxes.first.uncheck()
    chart = page.locator("#figures .chart").first
    chart.scroll_into_view_if_needed()
    place = chart.bounding_box()
    page.mouse.move(place["x"] + 300, place["y"] + 80)
    page.mouse.down()
    page.mouse.move(place["x"] + 500, place["y"] + 140, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    zoomed = axis(page, 0, "yaxis")["range"]
    require(zoomed[1] < 1, f"dragging does not zoom: {zoomed}")
    page.get_by_role("button", name="Dark theme").click()
    wait_for_text(page, "#news", "Live")
    require_equal(page.locator("#verdict").inner_text()[:2], "12", "the verdict before")
    Served.has_news = True
    wait_for_text(page, "#verdict", "13")
    require_equal(page.locator("#cells tbody tr").count(), 13, "rows")
    sorted_by = page.locator("#cells [aria-sort=ascending]")
    require_equal(sorted_by.inner_text(), "val_accuracy", "sorted")
    require_equal(page.locator("#filter").input_value(), "val_accuracy>0", "the filter")
    require_equal(page.locator("#figures figure").count(), 3, "figures")
    require_equal(page.locator("figcaption").first.inner_text(), "Of 4 seeds.", "the caption")
    require_equal(axis(page, 0, "xaxis")["type"], "linear", "the scale")
    require_equal(axis(page, 0, "yaxis")["range"], zoomed, "the zoom")
    require_equal(page.evaluate("document.documentElement.dataset.theme"), "dark", "the theme")
    asked = len(Served.asked)
    page.wait_for_timeout(5500)
    require(len(Served.asked) > asked and Served.asked[-1] == "2", f"asked: {Served.asked}")
    server.shutdown()
    server.server_close()
    wait_for_text(page, "#news", "No longer")
    require(all(url.startswith((root, "data:")) for url in session.requests), f"{session.requests}")
    refused = "ERR_CONNECTION_REFUSED"
    session.complaints = [text for text in session.complaints if refused not in text]
    session.requests.clear()


def browser_path():
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def main():
    global pixel_counter
    parser = argparse.ArgumentParser()
    parser.add_argument("check", choices=CHECKS)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    path = browser_path()
    if path is None:
        return NO_BROWSER
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        pixel_counter = browser.new_page()
        session = Session(browser, arguments.folder, arguments.screenshots)
        try:
            CHECKS[arguments.check](session)
            session.require_calm()
        except AssertionError as error:
            print(error)
            return 1
        finally:
            browser.close()
    return 0


sys.exit(main())
