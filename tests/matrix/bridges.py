"""Plays mautrix bridges against a Synapse on the loopback, with the standard library alone. Reads
one JSON array a line, ["call", argument, …], and answers each with one line of JSON. Names and
shapes follow the bridgev2 framework of mautrix-go. Arguments: port."""

import hashlib
import hmac
import http.client
import json
import random
import sys
import urllib.parse

PORT = int(sys.argv[1])
NAME = "onebox.test"
APPS = {
    "facebook": ("facebookgo", "Facebook Messenger"),
    "instagram": ("instagramgo", "Instagram"),
    "whatsapp": ("whatsapp", "WhatsApp"),
    "signal": ("signal", "Signal"),
    "telegram": ("telegram", "Telegram"),
}
PUPPET = "as-doublepuppet"
HIDE = {"com.beeper.exclude_from_timeline": True}


def call(method, path, body=None, token=None, user=None, ok=(200,), **query):
    if user:
        query["user_id"] = user
    if query:
        path += "?" + urllib.parse.urlencode(query)
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    link = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    link.request(method, path, None if body is None else json.dumps(body), headers)
    answer = link.getresponse()
    out = json.loads(answer.read() or b"{}")
    link.close()
    if answer.status not in ok:
        raise RuntimeError(f"{method} {path}: {answer.status} {out}")
    return out


def v3(*parts):
    return "/_matrix/client/v3/" + "/".join(urllib.parse.quote(p, safe="") for p in parts)


def mxid(local):
    return f"@{local}:{NAME}"


def token(app):
    return "as-" + app


def bot(app):
    return mxid(app + "bot")


def register(name):
    nonce = call("GET", "/_synapse/admin/v1/register")["nonce"]
    mac = hmac.new(b"test-registration", digestmod=hashlib.sha1)
    mac.update(b"\0".join([nonce.encode(), name.encode(), f"pw-{name}".encode(), b"notadmin"]))
    call("POST", "/_synapse/admin/v1/register", {
        "nonce": nonce, "username": name, "password": f"pw-{name}", "admin": False,
        "mac": mac.hexdigest()})
    return mxid(name)


made = set()


def ghost(app, user, name):
    """Somebody of an app, or its bot."""
    if user not in made:
        made.add(user)
        call("POST", v3("register"), {"type": "m.login.application_service", "inhibit_login": True,
             "username": user[1:].split(":")[0]}, token(app), ok=(200, 400))
        call("PUT", v3("profile", user, "displayname"), {"displayname": name}, token(app), user)
    return user


def profile(user, fields):
    """Fields of one's own (MSC4133), as bridges of mautrix write them into a ghost's profile."""
    for name, value in fields.items():
        call("PUT", v3("profile", user, name), {name: value}, PUPPET, user)


def portal(app, user, channel, name, kind="", ghosts=(), levels=None, join=True, request=False,
           meta=False, features=None, encrypted=False):
    """A portal as a bridge makes it. `ghosts`: pairs of remote id and name."""
    protocol, display = APPS[app]
    ghost(app, bot(app), display + " bridge bot")
    said = {"id": "meta", "displayname": "Meta"} if meta else {"id": protocol, "displayname": display}
    info = {"bridgebot": bot(app), "creator": bot(app), "protocol": said,
            "channel": {"id": channel, "displayname": name, "fi.mau.receiver": "me"},
            "com.beeper.room_type.v2": kind}
    if request:
        info["channel"]["com.beeper.message_request"] = True
    key = f"{NAME}/{app}"
    able = {"reply": 2, "edit": 2, "delete": 2, "reaction": 2, **(features or {})}
    state = [
        {"type": "io.element.functional_members", "state_key": "",
         "content": {"service_members": [bot(app)]}},
        {"type": "uk.half-shot.bridge", "state_key": key, "content": info},
        {"type": "m.bridge", "state_key": key, "content": info},
        {"type": "com.beeper.room_features", "state_key": key, "content": able},
        {"type": "m.room.name", "state_key": "", "content": {"name": name, **HIDE}},
        {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "public"}},
    ]
    if encrypted:
        state.append({"type": "m.room.encryption", "state_key": "",
                      "content": {"algorithm": "m.megolm.v1.aes-sha2"}})
    room = call("POST", v3("createRoom"), {
        "preset": "private_chat", "is_direct": kind == "dm", "initial_state": state,
        "power_level_content_override": levels or {}}, token(app), bot(app))["room_id"]
    for remote, called in ghosts:
        someone = ghost(app, mxid(f"{app}_{remote}"), called)
        call("POST", v3("rooms", room, "join"), {}, token(app), someone)
    if join:
        call("POST", v3("rooms", room, "join"), {}, PUPPET, user)
    else:
        call("PUT", v3("rooms", room, "state", "m.room.member", user),
             {"membership": "invite", "is_direct": kind == "dm"}, token(app), bot(app))
    return room


def plain(user, name=None, content=None, invite=()):
    """A room without a bridge, made by a user."""
    body = {"preset": "private_chat", "invite": list(invite), **(content or {})}
    if name:
        body["name"] = name
    return call("POST", v3("createRoom"), body, PUPPET, user)["room_id"]


def send(room, as_token, sender, content, kind="m.room.message", ts=None):
    query = {"ts": ts} if ts else {}
    return call("PUT", v3("rooms", room, "send", kind, f"t{random.getrandbits(64):x}"), content,
                as_token, sender, **query)["event_id"]


def say(app, room, remote, text):
    return send(room, token(app), mxid(f"{app}_{remote}"), {"msgtype": "m.text", "body": text})


def say_many(app, room, remote, count):
    return [say(app, room, remote, f"{remote} {n}") for n in range(count)]


def raw(app, room, sender, kind, content):
    return send(room, token(app), sender, content, kind)


def puppet(room, user, text):
    """I spoke on my phone."""
    return send(room, PUPPET, user, {"msgtype": "m.text", "body": text,
                                     "fi.mau.double_puppet_source": "mautrix"})


def state(app, room, kind, key, content):
    return call("PUT", v3("rooms", room, "state", kind, key), content, token(app), bot(app))


def rename(app, room, user, member):
    """Somebody says of themselves what they like."""
    return call("PUT", v3("rooms", room, "state", "m.room.member", user), member, token(app), user)


def act(as_token, sender, room, what, body=None):
    """kick, ban, leave, join"""
    return call("POST", v3("rooms", room, what), body or {}, as_token, sender)


def redact(app, room, sender, event):
    return call("PUT", v3("rooms", room, "redact", event, f"t{random.getrandbits(64):x}"), {},
                token(app), sender)["event_id"]


def receipt(app, room, sender, event):
    return call("POST", v3("rooms", room, "receipt", "m.read", event), {}, token(app), sender)


def typing(app, room, sender):
    return call("PUT", v3("rooms", room, "typing", sender), {"typing": True, "timeout": 20000},
                token(app), sender)


def management(app, user, login_state):
    room = call("POST", v3("createRoom"), {"preset": "trusted_private_chat", "is_direct": True,
                "invite": [user], "name": APPS[app][1] + " bridge bot"}, token(app), bot(app))["room_id"]
    act(PUPPET, user, room, "join")
    send(room, token(app), bot(app), {"msgtype": "m.text", "body": "State update",
                                      "fi.mau.bridge_state": login_state})
    return room


def messages(room, user):
    """Every message of a room on the server, oldest first."""
    found, at = [], None
    while True:
        query = {"from": at} if at else {}
        page = call("GET", v3("rooms", room, "messages"), None, PUPPET, user, dir="b", limit=100, **query)
        found += [e for e in page["chunk"] if e["type"] in ("m.room.message", "m.reaction")]
        at = page.get("end")
        if not at or not page["chunk"]:
            return [{"id": e["event_id"], "sender": e["sender"], "content": e["content"]}
                    for e in reversed(found)]


def backed_up(user):
    """So many message keys of a user are on the server, sealed."""
    path = "/_matrix/client/v3/room_keys/version"
    return call("GET", path, None, PUPPET, user, ok=(200, 404)).get("count", 0)


def vouched_for(user):
    """Of each device of a user: whether the account's own key has signed it."""
    found = call("POST", v3("keys", "query"), {"device_keys": {user: []}}, PUPPET, user)
    master = found["self_signing_keys"][user]["keys"]
    return [any(key in device["signatures"][user] for key in master)
            for device in found["device_keys"][user].values()]


def crowd(user, count):
    """So many messages between devices wait for every device of a user."""
    for n in range(count):
        call("PUT", v3("sendToDevice", "onebox.test.crowd", f"t{random.getrandbits(64):x}"),
             {"messages": {user: {"*": {"n": n}}}}, PUPPET, user)


def push_rule(user, kind, name, rule):
    """Sets a rule of what calls a user, or takes it away."""
    path = v3("pushrules", "global", kind, name)
    if rule is None:
        return call("DELETE", path, None, PUPPET, user)
    return call("PUT", path, rule, PUPPET, user)


def silence(user, silent):
    """Nothing calls a user any more."""
    path = v3("pushrules", "global", "override", ".m.rule.master", "enabled")
    return call("PUT", path, {"enabled": silent}, PUPPET, user)


def drop_tokens(user):
    """Every device of a user is signed out, as a server's administrator does it."""
    for device in call("GET", v3("devices"), None, PUPPET, user)["devices"]:
        call("DELETE", v3("devices", device["device_id"]), {}, PUPPET, user)


for line in sys.stdin:
    name, *arguments = json.loads(line)
    named = arguments.pop() if arguments and isinstance(arguments[-1], dict) and "**" in arguments[-1] else {}
    named.pop("**", None)
    try:
        print(json.dumps({"ok": globals()[name](*arguments, **named)}), flush=True)
    except Exception as e:  # the test wants to know, whatever it was
        print(json.dumps({"error": f"{name}: {e!r}"}), flush=True)
