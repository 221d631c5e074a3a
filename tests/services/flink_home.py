"""A FLINK_HOME. In: the apache-flink package and options. Out: a folder with Flink, its S3 plugin, and config.yaml."""

import json
import os
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from ruamel.yaml import YAML

from tests.services.process import BUILD, HOST, ROOT, installed

_S3_PLUGIN = "flink-s3-fs-hadoop-1.20.1.jar"
_DEFAULTS = {
    "rest.address": HOST,
    "rest.bind-address": HOST,
    "jobmanager.rpc.address": HOST,
    "jobmanager.bind-host": HOST,
    "taskmanager.host": HOST,
    "taskmanager.bind-host": HOST,
    # Several clusters, a broker and a store share a small machine.
    "jobmanager.memory.process.size": "1024m",
    "taskmanager.memory.process.size": "1900m",
    # Every job that is submitted loads PyFlink's own jar anew, and not all of it is given back.
    "taskmanager.memory.jvm-metaspace.size": "768m",
    # Nothing but Python workers takes managed memory, and they take it from the system: leave more to the heap.
    "taskmanager.memory.managed.size": "128m",
    # A job that needs only some of the slots is spread over all TaskManagers, so that killing any of them hits it.
    "taskmanager.load-balance.mode": "SLOTS",
    # A TaskManager that is killed refuses connections: two heartbeats that fail tell so after 2 seconds.
    "heartbeat.interval": "1 s",
    "heartbeat.rpc-failure-threshold": "2",
    # One that is only slow answers within this time (50 s by default); shorter, and a busy machine loses healthy ones.
    # A TaskManager notices the end of its JobManager by this alone.
    "heartbeat.timeout": "10 s",
    # A TaskManager whose JobManager is gone looks for it again at least so often (10 s by default).
    "cluster.registration.error-delay": "1 s",
    "cluster.registration.max-timeout": "2 s",
    "cluster.registration.refused-registration-delay": "1 s",
    # Tasks that lost their slot are given up after this time instead of 5 minutes.
    "slot.request.timeout": "60 s",
    # A job starts again and again, at once: tests see how it comes back, not how long Flink waits.
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "1000",
    "restart-strategy.fixed-delay.delay": "1 s",
    # How often the numbers are computed anew that the REST interface tells (3 s by default).
    "web.refresh-interval": "1000",
    "rest.cache.checkpoint-statistics.timeout": "500 ms",
}
# The JVM starts in half the time; jobs of tests end before good machine code would pay.
_JVM = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


def make_home(home: Path, options: Mapping[str, str]) -> None:
    """Make the folder; options win over the defaults."""
    plugin = installed(BUILD / "plugins" / "s3" / _S3_PLUGIN, "jars")
    source = _package()
    if not home.exists():
        for name in ("bin", "conf"):
            shutil.copytree(source / name, home / name)
        for name in ("lib", "opt", "plugins"):
            shutil.copytree(source / name, home / name, copy_function=_link)
        (home / "plugins" / "s3").mkdir()
        _link(str(plugin), str(home / "plugins" / "s3" / plugin.name))
        # Sent along with every job, its classes would be loaded for every job, until there is no room for more of them.
        _link(str(installed(BUILD / "connectors.jar", "jars")), str(home / "lib" / "connectors.jar"))
        for script in (home / "bin").iterdir():
            script.chmod(0o755)
        _log_to_console_only(home / "conf" / "log4j-console.properties")
    # What Java must be told to run Flink at all, and how to log.
    shipped = YAML(typ="safe").load(ROOT / "conf" / "flink.yaml")
    settings = _DEFAULTS | {"env.java.opts.all": f"{shipped['env.java.opts.all']} {_JVM}"} | dict(options)
    lines = (f"{key}: {json.dumps(value)}\n" for key, value in settings.items())
    (home / "conf" / "config.yaml").write_text("".join(lines))


def _package() -> Path:
    found = find_spec("pyflink")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent


def _link(source: str, target: str) -> None:
    """A second name for a file that nobody changes, or a copy where there can be none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _log_to_console_only(settings: Path) -> None:
    """One log for each process, its console, which is appended to when the process is started again."""
    lines = (ROOT / "conf" / "log4j-json.properties").read_text().splitlines(keepends=True)
    settings.write_text("".join(line for line in lines if "rolling" not in line))
