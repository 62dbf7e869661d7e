"""Four workers of a real gunicorn, forked after the application was loaded; one of them is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import inferwatch
from inferwatch.ship.rescue import Rescuer

pytestmark = pytest.mark.slow

SOURCE = Path(inferwatch.__file__).parents[1]

# Each answer says who gave it, once its record has been accepted.
APPLICATION = """
import os
import inferwatch

inferwatch.configure(service="web", log_group="/app", region="r", linger_s=0.05)
with inferwatch.inference("chat", provider="p", model="loaded"):
    pass

def app(environ, start_response):
    number = environ["PATH_INFO"][1:]
    with inferwatch.inference("chat", provider="p", model=number):
        pass
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
"""


@pytest.fixture(scope="module")
def gunicorn(tmp_path_factory):
    """Where it is installed: into a folder of its own."""
    folder = tmp_path_factory.mktemp("gunicorn")
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "install", "--quiet", "--target", str(folder), "gunicorn==27.0.1"]
    if not uv.exists() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("gunicorn cannot be installed here")
    return folder


@pytest.fixture
def serve(gunicorn, logs, tmp_path):
    """`serve()` is the running server and its address."""
    (tmp_path / "web.py").write_text(APPLICATION)
    environ = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, (SOURCE, gunicorn, tmp_path))),
        "AWS_ENDPOINT_URL": logs.url,
        "INFERWATCH_SPOOL_DIR": str(tmp_path / "spool"),
    }
    running = []

    def start():
        options = ["--workers", "4", "--preload", "--bind", "127.0.0.1:0", "web:app"]
        command = [sys.executable, "-m", "gunicorn", *options]
        process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
        running.append(process)
        said = next(line for line in process.stderr if "Listening at" in line)
        return process, said.split("Listening at: ")[1].split(" ")[0]

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stderr.close()


def ask(url, numbers):
    """Who answered each."""
    found = []
    for number in numbers:
        with urllib.request.urlopen(f"{url}/{number}", timeout=30) as answer:
            found.append(int(answer.read()))
    return found


def test_four_workers_lose_nothing_though_one_is_killed(serve, logs, tmp_path):
    """What each accepted arrives, once; nobody sends what the parent had."""
    process, url = serve()
    first = ask(url, range(100))
    os.kill(first[-1], signal.SIGKILL)
    second = ask(url, range(100, 200))
    process.terminate()
    process.wait(30)

    found = Rescuer(endpoint_url=logs.url, patience_s=5).rescue(tmp_path / "spool")

    models = [record["model"] for record in logs.records()]
    assert len({*first, *second}) > 1
    assert set(models) == {"loaded", *map(str, range(200))}
    assert models.count("loaded") == 1
    assert len(models) - len(set(models)) <= max(len(batch["logEvents"]) for batch in logs.batches)
    assert (found.left, found.damaged, found.held) == (0, [], [])
    seqs = {(record["writer"], record["seq"]): record["model"] for record in logs.records()}
    assert len(seqs) == len(set(models))
