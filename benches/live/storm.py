#!/usr/bin/env python3
"""A connector that tells of messages as fast as onebox takes them, in many threads: how does the
screen fare meanwhile? The contract is `assets/connector/README.md`."""

import datetime
import json
import sys

THREADS, MESSAGES = 500, 1_000_000
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def tell(**news):
    sys.stdout.write(json.dumps(news) + "\n")


def record(what, **fields):
    tell(news="record", app="signal", record={"record": what, **fields})


def say(n):
    at = START + datetime.timedelta(seconds=n)
    record("message", thread=f"t{n % THREADS}", id=f"m{n}", sender="ana",
           text=f"message {n} of the storm", sent_at=at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def main():
    sys.stdin.readline()
    tell(news="hello", version=1, name="Storm", release="1", can=["send"], idempotent=True)
    tell(news="link", state="online", me="me")
    record("account", source="signal", key="me", name="Me", me_names=["Me"])
    for n in range(THREADS):
        record("thread", thread=f"t{n}", title=f"Storm {n:03}", kind="direct", origin="Storm",
               live={"can": ["send"]})
        record("participant", thread=f"t{n}", key="ana", name="Ana")
    sys.stdout.flush()
    n = 0
    for line in sys.stdin:
        order = json.loads(line)
        if order["order"] == "stop":
            return
        if order["order"] == "known" and order.get("last"):
            break
    # A real one answers in between; onebox is patient for longer than this lasts.
    while n < MESSAGES:
        say(n)
        n += 1


try:
    main()
except (BrokenPipeError, KeyboardInterrupt):
    pass
