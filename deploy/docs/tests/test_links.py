"""Every relative link of every page leads somewhere, and every picture can be drawn."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from babyowl_local.catalogue import CHECKOUT

_CODE = re.compile(r"^ *(```+).*?^ *\1 *$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)|^\[[^\]]+\]: *(\S+)", re.MULTILINE)
_HEADING = re.compile(r"^#+ +(.+?) *#*$", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")


def pages(root: Path) -> Iterator[Path]:
    """The checkout's Markdown files; nothing of what tools and platform keep in hidden folders."""
    for path in sorted(root.rglob("*.md")):
        if not any(part.startswith(".") or part == "node_modules" for part in path.relative_to(root).parts):
            yield path


def dead_links(page: Path) -> list[str]:
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    links = [inline or reference for inline, reference in _LINK.findall(text)]
    return [link for link in links if not _ELSEWHERE.match(link) and not leads_somewhere(page, link)]


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    if not target.exists():
        return False
    return not anchor or (target.suffix == ".md" and anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    """Headings, as GitHub makes anchors of them."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


_PICTURE = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NODE = re.compile(r"\b(\w+)(?=[\[({])")
_RESERVED = {"class", "classDef", "click", "default", "direction", "end", "graph", "linkStyle", "style", "subgraph"}


def undrawable(page: Path) -> set[str]:
    """Words of Mermaid's own that are used as names of nodes: one made a syntax error of the whole house."""
    pictures = _PICTURE.findall(page.read_text(encoding="utf-8"))
    return {name for picture in pictures for name in _NODE.findall(picture)} & _RESERVED


def test_there_are_pages() -> None:
    found = {str(page.relative_to(CHECKOUT)) for page in pages(CHECKOUT)}
    assert {"README.md", "docs/tutorial/first-class.md", "services/class/README.md", "gateway/README.md"} <= found


@pytest.mark.parametrize("page", list(pages(CHECKOUT)), ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_all_its_links_lead_somewhere(page: Path) -> None:
    assert dead_links(page) == []


@pytest.mark.parametrize("page", list(pages(CHECKOUT)), ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_its_pictures_can_be_drawn(page: Path) -> None:
    assert undrawable(page) == set()


def test_a_picture_that_can_not_be_drawn_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```mermaid\nflowchart LR\n    apps([apps]) --> class[seats]\n```\n", encoding="utf-8")
    assert undrawable(page) == {"class"}


def test_a_dead_link_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# Where we are, now\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[ok](there.md) [too](there.md#where-we-are-now) [far](https://example.org/x) `[code](not-a-link.md)`\n"
        "```sh\n[fenced](neither.md)\n```\n[gone](gone.md) [no such heading](there.md#elsewhere) [up](../gone)\n"
        "[named][it]\n\n[it]: lost.md\n",
        encoding="utf-8",
    )
    assert dead_links(page) == ["gone.md", "there.md#elsewhere", "../gone", "lost.md"]
