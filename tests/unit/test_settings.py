"""Settings: flag over environment over file over default; wrong values are named with their place."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import pytest

from batchqual.clouds import CLOUDS
from batchqual.durations import Threshold
from batchqual.errors import UsageError
from batchqual.model import EducationSegment, Qualification
from batchqual.settings import REHEARSAL, Settings, load_settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(
    flags: dict[str, object] | None = None,
    environ: dict[str, str] | None = None,
    defaults: dict[str, object] | None = None,
) -> Settings:
    """Settings without anything of this machine."""
    return load_settings(flags or {}, environ=environ or {}, defaults=defaults)


def refusal(flags: dict[str, object] | None = None, environ: dict[str, str] | None = None) -> UsageError:
    """How it is refused."""
    with pytest.raises(UsageError) as caught:
        load(flags, environ)
    return caught.value


@pytest.mark.parametrize(
    ("value", "name"),
    [
        pytest.param(5.0, "rate", id="rate"),
        pytest.param(16, "concurrency", id="concurrency"),
        pytest.param(3600.0, "wait", id="wait"),
        pytest.param(30.0, "poll_min", id="poll-min"),
        pytest.param(3600.0, "poll_max", id="poll-max"),
        pytest.param(60.0, "patience", id="patience"),
        pytest.param(None, "first", id="first"),
        pytest.param(Threshold(share=0.25), "max_failures", id="max-failures"),
        pytest.param(False, "resubmit_denied", id="resubmit-denied"),
        pytest.param(30 * 86_400.0, "recheck", id="recheck"),
        pytest.param("asynchronous", "api", id="api"),
        pytest.param("global", "cloud", id="cloud"),
        pytest.param(False, "yes", id="yes"),
        pytest.param(False, "strict", id="strict"),
        pytest.param("text", "log_format", id="log-format"),
    ],
)
def test_defaults_are_the_promised_ones(value: object, name: str) -> None:
    """Nothing said: the defaults of the reference."""
    assert value == getattr(load(), name)
    assert "default" == load().origin_of(name)


def test_rehearsal_is_quick() -> None:
    """Its defaults give way like any other to what the user says."""
    settings = load({"rate": "7"}, defaults=dict(REHEARSAL))
    assert (7.0, 120.0, 0.2, 2.0, 2.0) == (
        settings.rate,
        settings.wait,
        settings.poll_min,
        settings.poll_max,
        settings.patience,
    )
    assert ("--rate", "default") == (settings.origin_of("rate"), settings.origin_of("wait"))


def test_the_nearer_word_wins(elsewhere: Path) -> None:
    """Flag over environment over file over default, and each value knows where it came from."""
    (elsewhere / "batchqual.toml").write_text('rate = 1\nwait = "2h"\nconcurrency = 3\n', encoding="utf-8")
    settings = load({"rate": "3"}, {"BATCHQUAL_RATE": "2", "BATCHQUAL_WAIT": "3h"})
    assert (3.0, 10_800.0, 3, 60.0) == (
        settings.rate,
        settings.wait,
        settings.concurrency,
        settings.patience,
    )
    assert ["--rate", "BATCHQUAL_WAIT", "batchqual.toml", "default"] == [
        settings.origin_of(name) for name in ("rate", "wait", "concurrency", "patience")
    ]


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        pytest.param(None, "rate", "none", id="no ceiling"),
        pytest.param(0.5, "rate", "0.5", id="a slow pace"),
        pytest.param(math.inf, "wait", "forever", id="for ever"),
        pytest.param(0.0, "wait", "0", id="no wait"),
        pytest.param(Qualification.GCC, "qualification", "gcc", id="qualification by its short name"),
        pytest.param(EducationSegment.K12, "education_segment", "k-12", id="segment in a usual spelling"),
        pytest.param(Threshold(count=10), "max_failures", "10", id="a number of failures"),
        pytest.param({"customer_id": "Tenant"}, "map", ["customer_id=Tenant"], id="map, repeated"),
        pytest.param(
            {"customer_id": "T", "website": "S"}, "map", "customer_id=T\nwebsite=S\n", id="map, lines"
        ),
        pytest.param({"website": "Site"}, "map", {"website": "Site"}, id="map, a table"),
        pytest.param((Path("a.xlsx"), Path("b.csv")), "report", ["a.xlsx", "b.csv"], id="reports"),
        pytest.param((Path("a"), Path("b")), "report", f"a{os.pathsep}b", id="reports as one text"),
        pytest.param(
            "00000000-0000-4000-8000-0000000000ab",
            "tenant_id",
            "{00000000-0000-4000-8000-0000000000AB}",
            id="tenant in its one spelling",
        ),
        pytest.param(True, "yes", "true", id="a switch from the environment"),
    ],
)
def test_values_are_read(value: object, name: str, text: object) -> None:
    """Text becomes what it means; what has its type already stays as it is."""
    settings = load({name: text})
    assert value == getattr(settings, name)
    again = load({name: getattr(settings, name)}) if getattr(settings, name) is not None else settings
    assert value == getattr(again, name)


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        pytest.param("--rate: abc is not a number of requests a second", {"rate": "abc"}, id="rate"),
        pytest.param("--rate: 0 is out of range", {"rate": "0"}, id="no rate"),
        pytest.param("--rate: nan is out of range", {"rate": "nan"}, id="rate that is no number"),
        pytest.param("--concurrency:", {"concurrency": "many"}, id="concurrency"),
        pytest.param("--poll-min: must be more than 0", {"poll_min": "0"}, id="poll without a break"),
        pytest.param("--poll-min is longer than --poll-max", {"poll_min": "2h"}, id="bounds"),
        pytest.param("--wait: soon is not a duration", {"wait": "soon"}, id="duration"),
        pytest.param("--patience: forever is not a duration", {"patience": "forever"}, id="not for ever"),
        pytest.param("--max-failures: 200% is neither", {"max_failures": "200%"}, id="threshold"),
        pytest.param("--map: “tenant” is not FIELD=HEADING", {"map": ["tenant"]}, id="map"),
        pytest.param("is mapped twice", {"map": ["website=a", "website=b"]}, id="map twice"),
        pytest.param("--api: Input should be 'asynchronous'", {"api": "soap"}, id="api"),
        pytest.param("--qualification: “None”", {"qualification": "None"}, id="qualification"),
        pytest.param("--education-segment: “nursery”", {"education_segment": "nursery"}, id="segment"),
        pytest.param("--first:", {"first": "-1"}, id="first"),
    ],
)
def test_wrong_values_are_named_with_their_place(words: str, flags: dict[str, object]) -> None:
    """The option as the user typed it, what is wrong, and what would be right."""
    assert words in refusal(flags).message
    assert 2 == refusal(flags).exit_code


def test_the_place_of_a_wrong_value_may_be_the_environment_or_a_file(elsewhere: Path) -> None:
    """Whoever set it wrong finds it; several are told at once."""
    (elsewhere / "mine.toml").write_text('wait = "soon"\n', encoding="utf-8")
    message = refusal({"config": "mine.toml"}, {"BATCHQUAL_RATE": "quick"}).message
    assert "BATCHQUAL_RATE: quick is not a number" in message
    assert "mine.toml: soon is not a duration" in message


@pytest.mark.parametrize(
    ("words", "content"),
    [
        pytest.param("cannot be read", "rate = = 5\n", id="no TOML"),
        pytest.param("does not exist: ratte", "ratte = 5\n", id="unknown name"),
        pytest.param("does not exist: xyzzy", "xyzzy = 5\n", id="name like nothing"),
        pytest.param("holds access_token, which is a secret", 'access_token = "x"\n', id="secret"),
    ],
)
def test_settings_files_are_strict(words: str, content: str, elsewhere: Path) -> None:
    """A slip in a file is told, not passed over."""
    (elsewhere / "batchqual.toml").write_text(content, encoding="utf-8")
    assert words in refusal().message


def test_a_slip_in_a_settings_file_gets_a_suggestion(elsewhere: Path) -> None:
    """The nearest name, or else where the names are."""
    file = elsewhere / "batchqual.toml"
    file.write_text("ratte = 5\n", encoding="utf-8")
    assert "Did you mean rate?" == refusal().hint
    file.write_text("xyzzy = 5\n", encoding="utf-8")
    assert "names" in refusal().hint


def test_a_settings_file_that_is_named_must_be_there() -> None:
    """The usual one may be missing, a named one may not."""
    assert 5.0 == load().rate
    assert "nowhere.toml cannot be read" in refusal({"config": "nowhere.toml"}).message
    assert "nowhere.toml cannot be read" in refusal(environ={"BATCHQUAL_CONFIG": "nowhere.toml"}).message


def test_a_settings_file_may_begin_with_a_mark(elsewhere: Path) -> None:
    """Windows editors write a byte order mark."""
    (elsewhere / "batchqual.toml").write_text("rate = 2\n", encoding="utf-8-sig")
    assert 2.0 == load().rate


def test_a_token_never_shows() -> None:
    """It comes from the environment alone, and no picture of the settings holds it."""
    settings = load(environ={"BATCHQUAL_ACCESS_TOKEN": "very-secret"})
    assert settings.access_token is not None
    assert "very-secret" == settings.access_token.get_secret_value()
    assert "very-secret" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_what_was_not_typed_is_not_said() -> None:
    """None, and nothing given of what may be repeated, leave the environment's word standing."""
    settings = load({"rate": None, "report": [], "map": ()}, {"BATCHQUAL_RATE": "2"})
    assert 2.0 == settings.rate


def test_the_address_is_that_of_the_cloud_unless_one_is_named() -> None:
    """A cloud by its name, an address by itself."""
    assert CLOUDS["global"].api == load().address
    assert CLOUDS["china"].api == load({"cloud": "china"}).address
    assert "http://127.0.0.1:1" == load({"base_url": "http://127.0.0.1:1"}).address


@pytest.mark.parametrize(
    ("needed", "api"), [(True, "asynchronous"), (False, "asynchronous-2020"), (False, "synchronous")]
)
def test_only_the_present_contract_needs_a_segment(needed: bool, api: str) -> None:
    """The older ones do not know segments."""
    assert needed is load({"api": api}).segment_required


@pytest.mark.parametrize("flags", [{"rate": "none"}, {"patience": "29s"}])
def test_what_is_safe_with_a_simulator_only_is_refused_elsewhere(flags: dict[str, object]) -> None:
    """No ceiling, and a patience below half a minute, are for loopback."""
    settings = load(flags)
    settings.check_for(loopback=True)
    with pytest.raises(UsageError) as caught:
        settings.check_for(loopback=False)
    assert caught.value.hint


def test_the_defaults_are_safe_everywhere() -> None:
    """Nothing needs to be said for the real service."""
    load({"patience": "30s"}).check_for(loopback=False)


def test_settings_do_not_change() -> None:
    """A run cannot be told otherwise while it runs."""
    with pytest.raises(ValueError, match="frozen"):
        load().rate = 1.0  # type: ignore[misc]  # that it must not be written is what is tested


@pytest.mark.parametrize(
    ("notes", "name"),
    [
        pytest.param(
            ("BATCHQUAL_RAET is no setting of batchqual; did you mean BATCHQUAL_RATE?",),
            "BATCHQUAL_RAET",
            id="a slip",
        ),
        pytest.param(("BATCHQUAL_XYZZY is no setting of batchqual.",), "BATCHQUAL_XYZZY", id="like none"),
        pytest.param((), "BATCHQUAL_CLIENT_CERTIFICATE_PASSWORD", id="for signing in"),
        pytest.param((), "BATCHQUAL_TENANT_ID", id="a setting without a flag"),
        pytest.param((), "OTHER_RAET", id="of somebody else"),
    ],
)
def test_a_variable_that_is_no_setting_is_noted(notes: tuple[str, ...], name: str) -> None:
    """With the name that is most like it; it changes nothing, and its value is not told."""
    value = "00000000-0000-4000-8000-00000000aaaa"
    settings = load(environ={name: value})
    assert notes == settings.notes == settings.model_copy(update={"rate": 1.0}).notes
    assert 5.0 == settings.rate


def test_every_variable_of_the_sources_is_known() -> None:
    """No name that the program, its documentation or its Makefile speaks of is taken for a slip."""
    root = Path(__file__).parents[2]
    sources = [
        root / "Makefile",
        root / "README.md",
        *root.glob("docs/**/*.md"),
        *root.glob("batchqual/**/*.py"),
    ]
    words = " ".join(path.read_text(encoding="utf-8") for path in sources)
    # _BATCHQUAL_COMPLETE, of completion in a shell, begins otherwise
    named = set(re.findall(r"(?<![A-Z_])BATCHQUAL_[A-Z_]*[A-Z]", words))
    assert "BATCHQUAL_CONFIG" in named
    settings = {f"BATCHQUAL_{field.alias or name}".upper() for name, field in Settings.model_fields.items()}
    assert () == load(environ=dict.fromkeys(named - settings - {"BATCHQUAL_CONFIG"}, "x")).notes
