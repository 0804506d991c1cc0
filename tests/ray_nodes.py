"""Nodes of Ray clusters that tests start with `ray start`, and end."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def head_options(port: int, folder: str, cpus: int) -> tuple[str, ...]:
    """Arguments of a head; paths of sockets are short, so its folder should be."""
    return (
        "--head",
        f"--port={port}",
        f"--ray-client-server-port={free_port()}",
        "--include-dashboard=false",
        f"--num-cpus={cpus}",
        f"--temp-dir={folder}",
    )


@contextmanager
def node(
    log: Path, environment: dict[str, str], *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A node of a Ray cluster, up before the next: they race for ports on one machine."""
    command = [str(Path(sys.executable).with_name("ray")), "start", "--block", *arguments]
    ports = ("--min-worker-port=0", "--max-worker-port=0")  # any that are free
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, *ports], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        while "Ray runtime started" not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def kill_node(process: subprocess.Popen[bytes]) -> None:
    """What `ray stop --force` does, to one node only."""
    own = psutil.Process(process.pid)
    for child in [*own.children(recursive=True), own]:
        child.kill()
    process.wait(60)
