"""`configure` and its neighbours: from the environment to a log group, and harmless without one."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

import inferwatch
from inferwatch import wiring
from inferwatch.capture.default import DEFAULT
from inferwatch.ship.send import Answer, Transport
from inferwatch.testing import recording

LOCAL = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def unconfigured(monkeypatch):
    """No configuration, before and after."""
    monkeypatch.setattr(DEFAULT, "recorder", None)
    monkeypatch.setattr(DEFAULT, "stand_in", None)
    monkeypatch.setattr(DEFAULT, "retired", ())
    yield
    for recorder in (DEFAULT.recorder, *DEFAULT.retired):
        if isinstance(recorder, wiring.Pipeline):
            recorder.shipper.close(0)


def call():
    with inferwatch.inference("chat", provider="p", model="m") as one:
        one.finish("stop")


def test_arguments_win_over_the_environment():
    """Each of the five."""
    target = wiring.resolve(
        {
            "INFERWATCH_LOG_GROUP": "/env",
            "INFERWATCH_LOG_STREAM": "env",
            "INFERWATCH_SERVICE": "env",
            "AWS_REGION": "env-1",
            "AWS_ENDPOINT_URL": "http://env",
        },
        service="a",
        log_group="/a",
        log_stream="s",
        region="a-1",
        endpoint_url="http://a",
    )

    assert (target.service, target.log_group, target.log_stream) == ("a", "/a", "s")
    assert (target.region, target.endpoint_url) == ("a-1", "http://a")


def test_the_environment_serves_what_is_not_given():
    """As `inferwatch env` prints it; the service's own endpoint variable wins, an empty one is unset."""
    target = wiring.resolve(
        {
            "INFERWATCH_LOG_GROUP": "/env",
            "INFERWATCH_LOG_STREAM": "",
            "INFERWATCH_SERVICE": "shop",
            "AWS_DEFAULT_REGION": "env-2",
            "AWS_ENDPOINT_URL": "http://all",
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "http://logs",
        }
    )

    assert (target.service, target.log_group, target.log_stream) == ("shop", "/env", "{service}/{host}/{pid}")
    assert (target.region, target.endpoint_url) == ("env-2", "http://logs")


def test_on_loopback_a_missing_region_is_us_east_1_and_said(caplog):
    """Once for each configuration."""
    target = wiring.resolve({}, log_group="/a", endpoint_url=LOCAL)

    assert target.region == "us-east-1"
    assert caplog.messages == [f"no AWS region is set: using `us-east-1` for {LOCAL}"]


def test_the_region_may_come_from_the_aws_profile():
    """As every AWS tool reads it."""
    Path(os.environ["AWS_CONFIG_FILE"]).write_text("[default]\nregion = eu-north-1\n")

    inferwatch.configure(log_group="/a")

    assert DEFAULT.recorder.shipper._target.region == "eu-north-1"


def test_a_first_call_does_not_wait_for_the_aws_profile(monkeypatch):
    """Reading it takes a quarter of a second, and may be in an event loop: the sender asks for it."""
    monkeypatch.setenv("INFERWATCH_LOG_GROUP", "/env")
    monkeypatch.setattr(wiring, "profile_region", lambda: pytest.fail("read in the application's thread"))

    call()

    assert inferwatch.stats().accepted == 1
    assert DEFAULT.recorder.shipper._target.region is None


def test_the_stream_in_the_environment_is_a_name_and_no_template():
    """A stack exported it, so it exists, braces and all; an argument is a template."""
    environ = {"INFERWATCH_LOG_STREAM": "a{b}"}

    from_environment = wiring.resolve(environ, log_group="/a", region="r")
    given = wiring.resolve(environ, log_group="/a", region="r", log_stream="{host}-{pid}")

    assert from_environment.stream_name(host="h", pid=1, task="t") == "a{b}"
    assert given.stream_name(host="h", pid=1, task="t") == "h-1"


def test_no_region_off_loopback_is_refused():
    """With what to do."""
    with pytest.raises(inferwatch.UsageError, match="no AWS region is known: give"):
        inferwatch.configure(log_group="/a")


def test_no_log_group_is_refused_with_the_three_ways():
    """In the program, in the environment, from a stack."""
    with pytest.raises(inferwatch.UsageError) as raised:
        inferwatch.configure(endpoint_url=LOCAL)

    for way in ("inferwatch.configure(log_group=", "INFERWATCH_LOG_GROUP=", "inferwatch env"):
        assert way in str(raised.value)


def test_a_call_without_configuration_is_harmless_and_said_once(caplog):
    """Counted, too."""
    call()
    call()

    assert inferwatch.flush() == inferwatch.Report()
    assert inferwatch.stats().unrecorded == 2
    assert len(caplog.messages) == 1
    assert "no log group is known" in caplog.text


def test_a_call_configures_itself_from_the_environment(monkeypatch):
    """Where that names a log group; nothing answers on port 9, so the record waits."""
    monkeypatch.setenv("INFERWATCH_LOG_GROUP", "/env")
    monkeypatch.setenv("AWS_ENDPOINT_URL", LOCAL)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    call()

    assert inferwatch.stats().accepted == 1
    report = inferwatch.flush(0.05)
    assert (report.sent, report.waiting) == (0, 1)


def test_a_wrong_environment_does_not_reach_the_application(monkeypatch, caplog):
    """The sentence of the refusal is logged once instead."""
    monkeypatch.setenv("INFERWATCH_LOG_GROUP", "not a name")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    call()
    call()

    assert inferwatch.stats().unrecorded == 2
    assert [message for message in caplog.messages if "log group 'not a name'" in message] == caplog.messages
    assert len(caplog.messages) == 1


def test_configuring_after_the_first_calls_takes_effect():
    """What came before stays lost, and counted."""
    call()
    inferwatch.configure(log_group="/a", endpoint_url=LOCAL, region="r")
    call()

    stats = inferwatch.stats()
    assert (stats.unrecorded, stats.accepted) == (1, 1)


def test_calls_under_way_survive_configuring_again():
    """They end where they began: counted and flushed with those of the new configuration."""
    with inferwatch.inference("chat", provider="p", model="m") as lost:
        lost.finish("stop")
    inferwatch.configure(log_group="/a", endpoint_url=LOCAL, region="r")
    with inferwatch.inference("chat", provider="p", model="m"):
        inferwatch.configure(log_group="/b", endpoint_url=LOCAL, region="r")
        inferwatch.configure(log_group="/c", endpoint_url=LOCAL, region="r")
        call()

    stats = inferwatch.stats()
    assert (stats.accepted, stats.spooled, stats.dropped, stats.unrecorded) == (2, 2, 0, 1)
    assert inferwatch.flush(0).waiting == 2


def test_a_flush_reaches_every_configuration(monkeypatch):
    """Each has a record, which goes to its own group."""
    posted = []

    def post(self, operation, body, *, timeout_s=None):
        posted.append(json.loads(body)["logGroupName"])
        return Answer(200, b"{}", "request-1")

    monkeypatch.setattr(Transport, "post", post)
    for group in ("/a", "/b"):
        inferwatch.configure(log_group=group, endpoint_url=LOCAL, region="r", linger_s=60)
        call()

    report = inferwatch.flush()

    assert report == inferwatch.Report(sent=2)
    assert sorted(posted) == ["/a", "/b"]
    assert inferwatch.stats().delivered == 2


def test_a_logging_handler_that_raises_does_not_reach_a_call_without_configuration(monkeypatch):
    """Even the sentence about the missing log group may fail."""
    monkeypatch.setattr(logging.getLogger("inferwatch"), "handlers", [Broken()])

    call()

    assert inferwatch.stats().unrecorded == 1


class Broken(logging.Handler):
    """A handler whose disk is full."""

    def emit(self, record):
        raise OSError("no space left")


def test_a_recording_needs_no_configuration(monkeypatch):
    """It does not configure anything on the way either."""
    monkeypatch.setenv("INFERWATCH_LOG_GROUP", "/env")

    with recording() as records:
        call()

    assert [record["status"] for record in records] == ["ok"]
    assert DEFAULT.recorder is None
    assert inferwatch.stats().unrecorded == 0


@pytest.mark.parametrize(
    ("argv0", "name"),
    [
        ("/srv/shop.py", "shop"),
        ("/srv/shop/__main__.py", "shop"),
        ("-c", "python"),
        ("", "python"),
    ],
)
def test_the_service_is_the_program_unless_named(monkeypatch, argv0, name):
    """Something true rather than something empty."""
    monkeypatch.setattr(sys, "argv", [argv0])

    assert wiring.resolve({}, log_group="/a", region="r").service == name


def test_importing_imports_no_third_party_package():
    """In a process of its own: everything loaded comes with Python or is ours."""
    script = (
        "import sys; before = set(sys.modules); import inferwatch; "
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(names - sys.stdlib_module_names))"
    )

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "['inferwatch']"


@pytest.mark.slow
def test_a_stream_left_open_at_exit_is_sent(tmp_path):
    """The last record of a program: abandoned, and flushed with the rest. Nothing answers, so it is said."""
    script = (
        "import inferwatch, openai, threading\n"
        "from http.server import BaseHTTPRequestHandler, HTTPServer\n"
        "class Handler(BaseHTTPRequestHandler):\n"
        "    def do_POST(self):\n"
        "        self.rfile.read(int(self.headers['Content-Length']))\n"
        "        self.send_response(200)\n"
        "        self.send_header('Content-Type', 'text/event-stream')\n"
        "        self.end_headers()\n"
        "    def log_message(self, *args): pass\n"
        "server = HTTPServer(('127.0.0.1', 0), Handler)\n"
        "threading.Thread(target=server.serve_forever, daemon=True).start()\n"
        f"inferwatch.configure(log_group='/a', endpoint_url={LOCAL!r}, region='r')\n"
        "url = f'http://127.0.0.1:{server.server_port}'\n"
        "client = inferwatch.instrument(openai.OpenAI(api_key='k', base_url=url))\n"
        "stream = client.chat.completions.create(model='m', messages=[], stream=True)\n"
        "assert inferwatch.stats().accepted == 0\n"
    )

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert "1 record not delivered before closing: no answer from http://127.0.0.1:9/" in result.stderr
