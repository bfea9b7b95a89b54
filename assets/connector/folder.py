#!/usr/bin/env python3
"""A connector for onebox in plain Python: chats over a shared folder.

Each folder in it is a thread, each file `<milliseconds>-<who>-<key>.txt` in that a message. Let
Syncthing, a USB stick or a file server carry it, and whoever has this program talks to you.
Standard library only; the contract is README.md beside this file.
"""
import json
import os
import re
import select
import sys
import time

EVERY = 0.4  # seconds between looks into the folder
NAME = re.compile(r"(\d{1,15})-([^-/]{1,60})-([\w-]{1,80})\.txt")


def tell(**news):
    sys.stdout.write(json.dumps(news, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def record(what, **fields):
    tell(news="record", app="folder", record={"record": what, **fields})


def clean(name):
    return re.sub(r"[^\w ]", "", name)[:60] or "me"


class Folder:
    def __init__(self):
        self.root = self.me = self.state = None
        self.told, self.whole = set(), False

    def ask(self, problem=None):
        more = {"problem": problem} if problem else {}
        tell(news="ask", id="folder", kind="text", text="Which folder is shared?", **more)

    def answer(self, order):
        if order["value"] is None:
            return tell(news="link", state="signed-out", why="no folder was chosen")
        if order["id"] == "folder":
            self.root = os.path.expanduser(order["value"])
            if not os.path.isdir(self.root):
                return self.ask(f"{self.root} is no folder")
            return tell(news="ask", id="name", kind="text", text="What is your name there?")
        self.me = clean(order["value"])
        with open(self.state, "w", encoding="utf-8") as f:
            json.dump([self.root, self.me], f)
        self.online()

    def online(self):
        record("account", source="folder", key=self.root, name=self.me, me_names=[self.me])
        tell(news="link", state="online", me=self.me)

    def look(self):
        if not self.me:
            return
        for thread in sorted(e.name for e in os.scandir(self.root) if e.is_dir()):
            found = [NAME.fullmatch(f) for f in sorted(os.listdir(os.path.join(self.root, thread)))]
            new = [m for m in found if m and (thread, m[0]) not in self.told]
            if not new and (thread, "") in self.told:
                continue
            self.told.add((thread, ""))
            record("thread", thread=thread, title=thread, kind="group", origin="Shared folder",
                   live={"can": ["send", "reply"]})
            for m in new:
                self.message(thread, m)
        if not self.whole:
            self.whole = True
            tell(news="all-threads")

    def message(self, thread, m):
        with open(os.path.join(self.root, thread, m[0]), encoding="utf-8", errors="replace") as f:
            text = f.read(100_000)
        self.told.add((thread, m[0]))
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(int(m[1]) / 1000))
        mine = {"client_key": m[3]} if m[2] == self.me else {}
        record("message", thread=thread, id=m[0], sender=m[2], text=text,
               sent_at=f"{at}.{int(m[1]) % 1000:03}Z", **mine)

    def send(self, order):
        # The key is in the name: the same order twice is the same file.
        folder = os.path.join(self.root, order["thread"])
        known = [f for f in os.listdir(folder) if f.endswith(f"-{order['key']}.txt")]
        name = known[0] if known else f"{time.time_ns() // 1_000_000}-{self.me}-{order['key']}.txt"
        if not known:
            with open(os.path.join(folder, name + ".part"), "w", encoding="utf-8") as f:
                f.write(order["text"])
            os.rename(os.path.join(folder, name + ".part"), os.path.join(folder, name))
        tell(news="outcome", key=order["key"], state="done", id=name)

    def take(self, order):
        kind = order.get("order")
        if kind == "hello":
            tell(news="hello", version=1, name="Shared folder", can=["send", "reply"],
                 idempotent=True)
            self.state = os.path.join(order["state_dir"], "folder.json")
            try:
                with open(self.state, encoding="utf-8") as f:
                    self.root, self.me = json.load(f)
                self.online()
            except (OSError, ValueError):
                self.ask()
        elif kind == "answer":
            self.answer(order)
        elif kind == "send":
            try:
                self.send(order)
            except OSError as e:
                tell(news="outcome", key=order["key"], state="failed", why=str(e.strerror))
        elif kind == "ping":
            tell(news="pong", n=order["n"])
        elif kind == "sign-out":
            if os.path.exists(self.state):
                os.remove(self.state)
            tell(news="link", state="signed-out")
        return kind != "stop"


def main():
    folder, rest = Folder(), b""
    while True:
        ready, _, _ = select.select([0], [], [], EVERY)
        if ready:
            chunk = os.read(0, 65536)
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if not folder.take(json.loads(line)):
                    return
        folder.look()


if __name__ == "__main__":
    main()
