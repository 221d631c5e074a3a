"""`contact-billing report` as a user runs it: a file, or a page that is served and renews itself."""

import http.client
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.services.process import HOST, await_that, free_ports
from tests.support.command import command
from tests.support.desk import AGENTS, Desk
from tests.support.process import COMMAND
from tests.support.records import DATE

WRONG = {
    ("--out", "r.html", "--serve"): "either --out, the page's file, or --serve",
    (): "either --out, the page's file, or --serve",
    ("--out", "r.html", "--listen", "127.0.0.1:1"): "--listen goes with --serve",
    ("--out", "r.html", "--from", "2026-03-02", "--to", "2026-03-01"): "--from is after --to; exchange them",
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return released(tmp_path / "data")


def released(root: Path) -> Desk:
    """A desk that has released one call."""
    desk = Desk(root)
    desk.deliver("")
    assert desk.release(AGENTS).new
    return desk


def test_a_page_is_written_and_its_links_lead_to_the_files(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "pages" / "report.html"
    done = command("report", "--data", desk.root, "--role", "billing", "--out", out, "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == {"page": str(out), "role": "billing", "bytes": out.stat().st_size}
    link = f"../data/release/billing_date%3D{DATE}/v0001/billing.csv"
    assert f'href="{link.replace("%3D", "=")}"' in out.read_text()
    assert (out.parent / link.replace("%3D", "=")).is_file()


def test_without_a_role_it_is_the_operators(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert command("report", "--data", desk.root, "--out", out).code == 0
    assert "<h1>Flow" in out.read_text()


def test_links_lead_where_the_settings_say(desk: Desk, tmp_path: Path) -> None:
    config, out = tmp_path / "s.toml", tmp_path / "report.html"
    config.write_text('[report]\nlinks = "https://files.example/release/"\n')
    assert command("report", "--config", config, "--data", desk.root, "--role", "billing", "--out", out).code == 0
    assert f'href="https://files.example/release/billing_date={DATE}/v0001/manifest.json"' in out.read_text()


@pytest.mark.parametrize("options", WRONG)
def test_what_is_asked_wrongly_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = command("report", "--data", tmp_path, *options)
    assert (done.code, done.out, list(tmp_path.iterdir())) == (2, "", [])
    assert done.err.count("\n") == 1 and WRONG[options] in done.err


def test_an_address_is_a_host_and_a_port(tmp_path: Path) -> None:
    done = command("report", "--data", tmp_path, "--serve", "--listen", "here")
    assert (done.code, done.out) == (2, "")
    assert "'here' is not an address, such as 127.0.0.1:9300" in done.err


def test_without_places_it_says_how_to_name_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = command("report", "--out", "r.html")
    assert (done.code, list(tmp_path.iterdir())) == (2, [])
    assert (
        "no data location: set storage.ledger, storage.release, storage.audit in the settings file, or pass --data"
        in done.err
    )


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where one process serves a page to all tests that only look at it."""
    folder = tmp_path_factory.mktemp("served")
    with served(released(folder / "data").root, folder) as port:
        yield port


def test_a_served_page_renews_itself_when_a_release_changes(desk: Desk, tmp_path: Path) -> None:
    with served(desk.root, tmp_path) as port:
        status, page = get(port, "/")
        assert (status, b">v0001<" in page, b'http-equiv="refresh"' in page) == (200, True, True)
        assert get(port, "/")[1] == page
        desk.deliver('ContactId = "late"')
        assert desk.release(AGENTS).new
        assert b">v0002<" in get(port, "/")[1]
        lines = get(port, f"/release/billing_date={DATE}/v0002/billing.csv")
        assert lines == (200, desk.files()[f"billing_date={DATE}/v0002/billing.csv"])


@pytest.mark.parametrize(
    "path",
    ["/ledger/ledger.json", f"/release/billing_date={DATE}/latest.json", "/release/../ledger/ledger.json", "/x"],
)
def test_nothing_else_is_served(port: int, path: str) -> None:
    assert get(port, path)[0] == 404
    # Others of these places are there to be had.
    assert get(port, f"/release/billing_date={DATE}/v0001/manifest.json")[0] == 200


def test_it_answers_to_its_own_name_alone(port: int) -> None:
    assert get(port, "/", "elsewhere.example")[0] == 421
    assert get(port, "/", f"localhost:{port}")[0] == 200


@contextmanager
def served(root: Path, folder: Path) -> Iterator[int]:
    """Where a process serves a page, which ends well when it is told to; its signals need a process of its own."""
    [port] = free_ports(1)
    options = ("--data", root, "--role", "billing", "--serve", "--listen", f"{HOST}:{port}")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([COMMAND, "report", *options], stdout=log, stderr=log)
        try:
            await_that("the page is served", lambda: get(port, "/")[0] == 200, 60, folder / "log")
            yield port
        finally:
            process.terminate()
            code = process.wait(timeout=30)
    assert code == 0
    assert (folder / "log").read_text().startswith(f"http://{HOST}:{port}/: the page for billing, ")


def get(port: int, path: str, host: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", path, headers={"Host": host or f"{HOST}:{port}"})
    answer = connection.getresponse()
    return answer.status, answer.read()
