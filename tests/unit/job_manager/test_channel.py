"""Messages over a socket pair."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from core.job_manager.channel import Channel, channel_pair


@pytest.fixture
def pair() -> Iterator[tuple[Channel, Channel]]:
    ours, theirs = channel_pair()
    with theirs:
        yield ours, Channel(theirs)
    ours.close()


def test_messages_arrive_whole_and_in_order(pair: tuple[Channel, Channel]) -> None:
    ours, theirs = pair
    for number in range(3):
        ours.send({"n": number, "text": "ä"})

    assert [message["n"] for message in theirs.receive_available()] == [0, 1, 2]
    assert theirs.receive_available() == []


def test_a_message_of_megabytes_arrives(pair: tuple[Channel, Channel]) -> None:
    ours, theirs = pair
    sender = threading.Thread(target=theirs.send, args=({"text": "x" * 3_000_000},))
    sender.start()

    message = ours.receive()
    sender.join()
    assert message is not None
    assert len(message["text"]) == 3_000_000


def test_the_end_of_the_other_side_is_seen_after_its_last_words(pair: tuple[Channel, Channel]) -> None:
    ours, theirs = pair
    theirs.send({"is": "end"})
    theirs.close()

    assert ours.receive() == {"is": "end"}
    assert ours.receive() is None
    assert ours.is_closed()
    assert not ours.send({})


def test_what_is_no_message_is_refused(pair: tuple[Channel, Channel]) -> None:
    ours, theirs = pair
    os.write(theirs.fileno(), b"\x00\x00\x00\x02no")

    with pytest.raises(ValueError, match="invalid literal"):
        ours.receive_available()


def test_a_length_that_nobody_means_is_refused(pair: tuple[Channel, Channel]) -> None:
    ours, theirs = pair
    os.write(theirs.fileno(), b"garbage, and more")

    with pytest.raises(ValueError, match="was announced"):
        ours.receive_available()


def test_a_descriptor_that_was_closed_or_replaced_is_noticed() -> None:
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    assert channel.is_intact()

    os.dup2(theirs.fileno(), ours.fileno())
    assert not channel.is_intact()
    ours.close()
    theirs.close()
