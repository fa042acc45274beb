"""The pages in a real browser, without a network."""

import re
import shutil
import subprocess

import numpy as np
import pytest

from image_gan.enhance import pages
from image_gan.pictures import Picture
from spacy_topics.html_pages.topic_map import topic_map
from spacy_topics.html_pages.topics import topics_page

pytestmark = pytest.mark.browser

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--virtual-time-budget=5000"]


def dom(page, tmp_path):
    """The page's DOM after its scripts have run, with no name resolving to anything."""
    if BROWSER is None:
        pytest.fail("this check needs chromium: apt-get install chromium")
    (tmp_path / "page.html").write_text(page, "utf8")
    command = [BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND"]
    run = subprocess.run(
        [*command, "--dump-dom", f"file://{tmp_path / 'page.html'}"], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout


def test_topic_map_draws_its_topics(model, tmp_path):
    """The search fades topics, an arrow key chooses the next one, the slider ranks words."""
    script = """<script>
    at("search").value = "background";
    at("search").dispatchEvent(new Event("input"));
    dots[chosen].dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));
    at("relevance").value = 1;
    at("relevance").dispatchEvent(new Event("input"));
    </script>"""
    examples = [{"topic": 0, "id": "r1", "share": 0.5, "text": "<i>Tacos</i>"}]
    shares = [{"by": "city", "names": ["Leeds", "Phoenix"], "shares": np.full((2, model.num_topics), 0.25)}]
    found = dom(topic_map(model, examples, shares).replace("</body>", script + "</body>"), tmp_path)
    dots = re.findall(r'<g class="(dot[^"]*)"', found)
    assert len(dots) == model.num_topics
    assert sum("faded" in dot for dot in dots) == model.num_topics - 1
    assert "chosen" in dots[0]  # the background is the last one, and the first one follows it
    assert model.top_words(0, 1, relevance=1)[0] in found.split('id="words"')[1][:300]
    assert "&lt;i&gt;Tacos&lt;/i&gt;" in found
    assert "Share by city" in found


def test_page_colours_terms(nlp, model, tmp_path):
    found = dom(topics_page(model, [nlp("The <b> tacos </b> & salsa.")]), tmp_path)
    assert found.count("<mark") == 2
    assert "&lt;b&gt;" in found


def test_slider_moves(tmp_path):
    picture = Picture(np.zeros((20, 30, 3), np.uint8))
    script = """<script>
    const slider = document.querySelector("input");
    slider.value = 25;
    slider.dispatchEvent(new Event("input"));
    window.onload = () => document.title = [...document.images].map(image => image.naturalWidth).join();
    </script>"""
    page = pages.PAGE_START + pages.figure("<i>a</i>", picture, picture) + script + pages.PAGE_END
    found = dom(page, tmp_path)
    assert "--at: 25%" in found
    assert "<title>30,30</title>" in found
    assert "&lt;i&gt;a&lt;/i&gt;" in found
