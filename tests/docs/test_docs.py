"""What the documentation promises is there: commands parse, links lead somewhere, options are told."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib import import_module

import pytest
from support.house import ROOT, house
from support.pages import Page, commands, exit_codes, lost_links, make_targets, options, pages, verbs

import batchqual
from batchqual import errors

README = next(page for page in pages() if page.name == "README.md")
REFERENCE = [page for page in pages() if page.name.startswith("docs/reference/")]
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

#: What the exit codes mean is a promise; these are not raised as errors.
OUTCOMES = {0, 3, 4, 130}

every_page = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)


def _wrong(page: Page) -> list[str]:
    found = []
    for command in commands(page):
        if command.verb and command.verb not in verbs():
            found.append(f"{command.line}: no verb {command.verb}")
        else:
            known = options(command.verb)
            found += [f"{command.line}: no option {one}" for one in command.options if one not in known]
    return found


def _errors() -> list[type[errors.BatchqualError]]:
    return [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.BatchqualError)
    ]


@every_page
def test_commands_parse(page: Page) -> None:
    """Every call of batchqual on this page names a verb and options that exist."""
    assert [] == _wrong(page)


@every_page
def test_targets_exist(page: Page) -> None:
    """Every `make` on this page names a target of the Makefile."""
    assert set() == make_targets(page) - TARGETS


@every_page
def test_links_lead_somewhere(page: Page) -> None:
    """Every link of this page that stays in the project finds its file and its heading."""
    assert [] == lost_links(page)


@every_page
def test_python_examples_are_python(page: Page) -> None:
    """Every Python example on this page parses, and the public names it uses exist."""
    for block in page.blocks("python", "py"):
        tree = compile(block, page.name, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        used = set(re.findall(r"\bbatchqual\.([A-Za-z_]\w*)", block))
        assert set() == used - set(dir(batchqual)) - {one.part for one in house()}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "batchqual":
                source = import_module(str(node.module))
                assert [] == [alias.name for alias in node.names if not hasattr(source, alias.name)]


def test_the_first_screen_has_the_two_commands() -> None:
    """Whoever opens the README sees how to try it and how to test it without scrolling."""
    first_screen = Page("README.md", "\n".join(README.text.splitlines()[:40]))
    assert {"demo", "test"} <= make_targets(first_screen)


def test_every_exit_code_is_told_and_no_other() -> None:
    """Each table of exit codes in the documentation is complete, and the reference has one."""
    promised = {one.exit_code for one in _errors()} | OUTCOMES
    tables = [(page.name, codes) for page in pages() for codes in exit_codes(page)]
    assert [] == [(name, codes ^ promised) for name, codes in tables if codes != promised]
    assert [name for name, _codes in tables if name.startswith("docs/reference/")]


def test_every_verb_and_option_has_its_place_in_the_reference() -> None:
    """What help lists is explained in docs/reference."""
    told = "\n".join(page.text for page in REFERENCE)
    assert [] == [verb for verb in verbs() if f"batchqual {verb}" not in told]
    long = {option for verb in ("", *verbs()) for option in options(verb) if option.startswith("--")}
    assert [] == sorted(option for option in long if not re.search(rf"(?<![\w-]){option}(?![\w-])", told))


def test_every_page_can_be_reached() -> None:
    """From the README, following links, one comes to every page of docs."""
    by_name = {page.name: page for page in pages()}
    reached, waiting = set[str](), ["README.md"]
    while waiting:
        page = by_name[waiting.pop()]
        reached.add(page.name)
        targets = re.findall(r"\]\(([^)#\s:]+)", page.prose)
        there = [(ROOT / page.name).parent.joinpath(target).resolve() for target in targets]
        names = [path.relative_to(ROOT).as_posix() for path in there if path.is_relative_to(ROOT)]
        waiting += [name for name in names if name in by_name and name not in reached]
    assert [] == sorted(name for name in by_name.keys() - reached if name.startswith("docs/"))


def test_the_changelog_knows_this_version() -> None:
    """The newest version in CHANGELOG.md is the one that pyproject.toml names."""
    versions = re.findall(
        r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == versions[0]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param("```sh\nbatchqual fly customers.xlsx\n```", "no verb fly", id="verb"),
        pytest.param("```console\n$ batchqual run a.xlsx --raet 5\n```", "no option --raet", id="option"),
        pytest.param("```sh\ncat a | batchqual check - --nope=1\n```", "no option --nope", id="in a pipe"),
        pytest.param("```sh\nbatchqual run a.xlsx \\\n  --nope\n```", "no option --nope", id="second line"),
        pytest.param("Say `batchqual run --nope` and wait.", "no option --nope", id="inline"),
        pytest.param(
            "```sh\nBATCHQUAL_RATE=2 .venv/bin/batchqual run -Z\n```", "no option -Z", id="environment"
        ),
    ],
)
def test_a_wrong_command_is_seen(text: str, finding: str) -> None:
    """A command that the program would refuse is found, wherever it stands on a page."""
    (found,) = _wrong(Page("a.md", text))
    assert finding in found


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("[x](docs/nowhere.md)", id="file"),
        pytest.param("![x](nowhere.png)", id="picture"),
        pytest.param("[x](#nowhere)", id="heading"),
    ],
)
def test_a_lost_link_is_seen(link: str) -> None:
    """A link that leads nowhere is found; one to a heading of the page is not lost."""
    assert 1 == len(lost_links(Page("README.md", f"# The place\n\n[y](#the-place) {link}\n")))


def test_tables_of_codes_and_targets_are_read() -> None:
    """The readers of pages see what is on them."""
    page = Page(
        "a.md", "| Exit code | means |\n|---|---|\n| 0 | well |\n| `13` | stopped |\n\nSay `make fly`.\n"
    )
    assert [{0, 13}] == exit_codes(page)
    assert {"fly"} == make_targets(page)
