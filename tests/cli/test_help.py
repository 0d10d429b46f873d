"""Every verb explains itself, quickly."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest
from support.command_line import CommandLine, command

from batchqual.cli.app import VERBS
from batchqual.cli.options import RUN
from batchqual.settings import REHEARSAL, Settings, load_settings

HEAVY = ("pandas", "openpyxl", "aiohttp", "msal", "pydantic", "python_calamine", "rich", "structlog")
PROMISED = (
    "report ledger qualification education-segment sheet encoding map rate concurrency wait poll-min "
    "poll-max patience first max-failures resubmit-denied resend-unknown allow-last-attempt recheck api "
    "base-url cloud auth yes strict json log-format verbose quiet config"
)


@pytest.mark.parametrize("asked", ["-h", "--help"])
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, asked: str, cli: CommandLine) -> None:
    """Usage, what it does, examples that begin with the verb, and what its exit codes mean; no colours."""
    done = cli(verb, asked)
    assert (0, "") == (done.code, done.err)
    assert done.out.startswith(f"Usage: batchqual {verb} ")
    assert f"  batchqual {verb}" in done.out.partition("\nExamples:\n")[2]
    assert "  0    " in done.out.partition("\nExit status:\n")[2]
    assert "\x1b" not in done.out
    assert 100 > max(map(len, done.out.splitlines()))


def test_the_program_names_its_verbs(cli: CommandLine) -> None:
    """All of them, each with what it does, then examples and exit codes."""
    done = cli("--help")
    assert 0 == done.code
    for verb in VERBS:
        assert f"\n  {verb} " in done.out
    assert "--version" in done.out
    assert "--install-completion" in done.out
    assert "\n  130  interrupted" in done.out


def test_without_a_verb_it_says_how_to_find_one(cli: CommandLine) -> None:
    """Wrong usage, with a hint."""
    done = cli()
    assert (2, "") == (done.code, done.out)
    assert "error: No verb was given.\nhint: `batchqual --help` lists them.\n" == done.err


def test_the_version_is_that_of_the_package(cli: CommandLine) -> None:
    """One line on standard output."""
    assert (0, f"batchqual {version('batchqual')}\n") == (cli("--version").code, cli("--version").out)


def test_help_loads_nothing_heavy() -> None:
    """No help of any verb imports what only work needs."""
    code = f"""
import sys
from batchqual.cli import main
from batchqual.cli.app import VERBS
for verb in VERBS:
    assert 0 == main([verb, "--help"])
assert 0 == main(["--help"])
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert "[]" == done.stderr.strip()


def test_the_module_is_the_same_program() -> None:
    """`python -m batchqual` helps under the program's own name, and exits as it does."""
    process = command("run")
    out, err = process.communicate()
    assert (2, "") == (process.returncode, out)
    assert "hint: For example: batchqual run customers.xlsx" in err


def test_the_options_are_the_promised_ones() -> None:
    """Spelling is an interface."""
    assert sorted(PROMISED.split()) == sorted(option.spelling.removeprefix("--") for option in RUN)


def test_every_option_is_a_setting_and_every_setting_an_option() -> None:
    """But for what only the environment or the settings file may say, and that file itself."""
    settings = {field.alias or name for name, field in Settings.model_fields.items()}
    elsewhere = {"origins", "tenant_id", "ca_bundle", "access_token", "authority", "refresh_token"}
    elsewhere |= {"client_id", "client_secret", "client_certificate", "client_certificate_password"}
    elsewhere |= {"max_file_size", "max_unpacked_size", "max_cells", "max_columns", "max_answer_size"}
    elsewhere |= {"connect_timeout", "read_timeout", "request_timeout"}
    assert settings - elsewhere == {option.name for option in RUN} - {"config"}


@pytest.mark.parametrize("option", [o for o in RUN if o.default[:1].isdigit()], ids=lambda o: o.name)
def test_the_default_that_help_shows_is_the_default(option: object) -> None:
    """Also where a rehearsal has another."""
    assert hasattr(option, "name")
    assert hasattr(option, "default")
    assert hasattr(option, "rehearsal")
    name = option.name
    assert getattr(load_settings({}), name) == getattr(load_settings({name: option.default}), name)
    assert (option.rehearsal or None) == REHEARSAL.get(name)


def test_a_rehearsal_shows_its_own_defaults(cli: CommandLine) -> None:
    """50 requests a second there, 5 elsewhere."""
    assert "[default: 50]" in cli("rehearse", "--help").out
    assert "[default: 5]" in cli("run", "--help").out


@pytest.mark.parametrize(
    ("offered", "typed"),
    [
        pytest.param(
            "run resume plan check rehearse status report verify support codes customers doctor "
            "template login logout simulate",
            "",
            id="verbs",
        ),
        pytest.param("resume rehearse report", "re", id="verbs that begin so"),
        pytest.param("asynchronous asynchronous-2020", "run --api a", id="values"),
        pytest.param("--resubmit-denied --resend-unknown --recheck --report", "run --re", id="options"),
    ],
)
def test_the_shell_completes(
    offered: str,
    typed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    cli: CommandLine,
) -> None:
    """Verbs, options and values are offered."""
    words = f"batchqual {typed}"
    monkeypatch.setenv("_BATCHQUAL_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
    with pytest.raises(SystemExit):
        cli()
    assert sorted(offered.split()) == sorted(capsys.readouterr().out.split())
