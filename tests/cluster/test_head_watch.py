"""Whether somebody still listens where the head of a cluster was."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from a2c_ray.cluster import head_watch
from a2c_ray.cluster.head_watch import watching_head


class Context:
    def __init__(self, port: int) -> None:
        self.gcs_address = f"127.0.0.1:{port}"


@pytest.fixture
def head(monkeypatch):
    """A socket that stands for the head."""
    monkeypatch.setattr(head_watch, "LOOK_S", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        monkeypatch.setattr(head_watch.ray, "get_runtime_context", lambda: Context(port))
        yield listening


def test_a_head_that_is_gone_is_told_once(head):
    told = []
    gone = threading.Event()
    with watching_head(None, lambda: (told.append(1), gone.set())):
        assert not gone.wait(0.2)
        head.close()
        assert gone.wait(5)
        time.sleep(0.1)
    assert told == [1]


def test_a_head_that_comes_back_in_time_is_not_gone(head, monkeypatch):
    monkeypatch.setattr(head_watch, "MOST_MISSED", 1000)
    port = head.getsockname()[1]
    gone = threading.Event()
    with watching_head(None, gone.set):
        head.close()
        time.sleep(0.1)
        monkeypatch.setattr(head_watch, "MOST_MISSED", 20)
        with socket.create_server(("127.0.0.1", port)):
            assert not gone.wait(1)
        assert gone.wait(5)


def test_nobody_is_told_once_it_has_ended(head):
    gone = threading.Event()
    with watching_head(None, gone.set):
        pass
    head.close()
    assert not gone.wait(0.2)


def test_clients_of_ray_are_left_alone(monkeypatch):
    monkeypatch.setattr(head_watch.ray, "get_runtime_context", pytest.fail)
    with watching_head("ray://somewhere:10001", pytest.fail):
        pass
