"""Plays whoever knows people: a CAS, an OAuth 2.0 authorization server to which Synapse delegates,
a page that says where a homeserver is, and the browser that goes from one to the other. Reads one
JSON array a line, ["call", argument, …], and answers each with one line of JSON. The certificate
for the https part is made with what Synapse brings along; the rest is the standard library."""

import base64
import datetime
import hashlib
import html
import http.client
import http.server
import ipaddress
import json
import re
import secrets
import ssl
import sys
import tempfile
import threading
import urllib.parse

NAME = "onebox.test"
SECRET = "shared-secret"
# Who is at the browser, and what becomes of it.
mood = {"who": "sam", "refuse": False, "stale": False, "lifetime": 3600, "server": 0}
clients, codes, access, refresh, revoked = {}, {}, {}, {}, []


def synapse(method, path, body=None, token=SECRET):
    link = http.client.HTTPConnection("127.0.0.1", mood["server"], timeout=60)
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + token}
    link.request(method, path, None if body is None else json.dumps(body), headers)
    answer = link.getresponse()
    out = answer.read()
    link.close()
    if answer.status not in (200, 201, 204):
        raise RuntimeError(f"{method} {path}: {answer.status} {out}")
    return json.loads(out or b"{}")


def metadata():
    me, safe = f"http://localhost:{PORT}", f"https://127.0.0.1:{SAFE}"
    return {
        "issuer": me + "/", "authorization_endpoint": me + "/authorize",
        "token_endpoint": me + "/oauth2/token", "registration_endpoint": me + "/oauth2/registration",
        # Programs give tokens back over https alone.
        "revocation_endpoint": safe + "/oauth2/revoke",
        "account_management_uri": me + "/account/",
        "response_types_supported": ["code"], "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
    }


def challenge(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def tokens(grant):
    one, two = "mat_" + secrets.token_hex(8), "mar_" + secrets.token_hex(8)
    access[one], refresh[two] = grant, grant
    return 200, {"access_token": one, "refresh_token": two, "token_type": "Bearer",
                 "expires_in": mood["lifetime"], "scope": grant["scope"]}


def wrong(error, **more):
    return 400, {"error": error, **more}


def token(form):
    if form["client_id"] not in clients:
        return wrong("invalid_client")
    if form["grant_type"] == "refresh_token":
        grant = refresh.pop(form["refresh_token"], None)
        return tokens(grant) if grant else wrong("invalid_grant")
    grant = codes.pop(form["code"], None)
    if not grant or mood["stale"] or grant["redirect_uri"] != form["redirect_uri"] \
            or grant["client_id"] != form["client_id"] \
            or grant["challenge"] != challenge(form["code_verifier"]):
        return wrong("invalid_grant")
    local, device = grant["who"], grant["device"]
    synapse("POST", "/_synapse/mas/provision_user", {"localpart": local})
    synapse("POST", "/_synapse/mas/upsert_device", {"localpart": local, "device_id": device})
    return tokens(grant)


def revoke(form):
    grant = access.get(form["token"])
    if grant:
        revoked.append(grant["device"])
        finish(grant)
    return 200, {}


def finish(grant):
    for known in (access, refresh):
        for name in [n for n, g in known.items() if g["device"] == grant["device"]]:
            del known[name]
    synapse("POST", "/_synapse/mas/delete_device",
            {"localpart": grant["who"], "device_id": grant["device"]})


def introspect(form):
    grant = access.get(form["token"])
    if not grant:
        return 200, {"active": False}
    return 200, {"active": True, "scope": grant["scope"], "username": grant["who"],
                 "sub": "id-" + grant["who"], "expires_in": mood["lifetime"]}


def registration(body):
    back = [urllib.parse.urlsplit(u) for u in body["redirect_uris"]]
    here = all(u.scheme == "http" and u.hostname == "127.0.0.1" for u in back)
    # As the real service's policy has it.
    if body.get("application_type") != "native" or not here or body.get("token_endpoint_auth_method") != "none" \
            or not body.get("client_uri", "").startswith("https://"):
        return wrong("invalid_client_metadata")
    name = "client-" + secrets.token_hex(4)
    clients[name] = body
    return 201, {"client_id": name, "client_id_issued_at": 1}


def authorize(query):
    client = clients.get(query["client_id"])
    if not client or query["redirect_uri"] not in client["redirect_uris"] \
            or query["response_type"] != "code" or query["code_challenge_method"] != "S256":
        return wrong("invalid_request")
    answer = {"state": query["state"]}
    if mood["refuse"]:
        answer["error"] = "access_denied"
    else:
        code = answer["code"] = secrets.token_hex(8)
        device = re.search(r"client:device:(\S+)", query["scope"])
        codes[code] = {
            "client_id": query["client_id"], "redirect_uri": query["redirect_uri"],
            "challenge": query["code_challenge"], "scope": query["scope"],
            "device": device[1], "who": mood["who"], "hint": query.get("login_hint")}
    return 303, query["redirect_uri"] + "?" + urllib.parse.urlencode(answer)


def cas(query):
    more = urllib.parse.urlencode({"ticket": "ST-" + mood["who"]})
    return 302, query["service"] + ("&" if "?" in query["service"] else "?") + more


def validate(query):
    who = query["ticket"].removeprefix("ST-")
    return 200, f"<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'>" \
                f"<cas:authenticationSuccess><cas:user>{who}</cas:user></cas:authenticationSuccess>" \
                f"</cas:serviceResponse>"


GET = {
    "/.well-known/matrix/client":
        lambda _: (200, {"m.homeserver": {"base_url": f"http://127.0.0.1:{mood['server']}/"}}),
    "/.well-known/openid-configuration": lambda _: (200, metadata()),
    "/authorize": authorize, "/cas/login": cas, "/cas/proxyValidate": validate,
}
POST = {"/oauth2/registration": registration, "/oauth2/token": token, "/oauth2/revoke": revoke,
        "/oauth2/introspect": introspect}


class Door(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, table, given):
        path = urllib.parse.urlsplit(self.path).path
        try:
            status, body = table[path](given) if path in table else (404, {})
        except Exception as e:  # the test wants to know, whatever it was
            print(f"door: {path}: {e!r}", file=sys.stderr, flush=True)
            status, body = 500, {}
        self.send_response(status)
        if status in (302, 303):
            self.send_header("Location", body)
            body = ""
        raw = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_header("Content-Type", "text/xml" if isinstance(body, str) else "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def do_GET(self):
        query = urllib.parse.urlsplit(self.path).query
        self.answer(GET, dict(urllib.parse.parse_qsl(query)))

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = "json" not in self.headers["Content-Type"]
        self.answer(POST, dict(urllib.parse.parse_qsl(raw)) if form else json.loads(raw))


def certificate():
    """A certificate for the loopback with its key, and the authority that is to be trusted: PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.datetime.now(datetime.timezone.utc)

    def make(name, issuer, key, by, *more):
        built = x509.CertificateBuilder().subject_name(name).issuer_name(issuer)
        built = built.public_key(key.public_key()).serial_number(x509.random_serial_number())
        built = built.not_valid_before(now - datetime.timedelta(days=1))
        built = built.not_valid_after(now + datetime.timedelta(days=1))
        for extension, critical in more:
            built = built.add_extension(extension, critical)
        return built.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def called(name):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])

    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    top, leaf = called("played authority"), called("127.0.0.1")
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    trust = make(top, top, authority, authority, (x509.BasicConstraints(True, None), True))
    own = make(leaf, top, key, authority, (here, False)) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return trust.decode(), own


def listen(wrapped=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    if wrapped:
        server.socket = wrapped.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def port():
    return PORT


def trust():
    return TRUST


def set(name, value):
    mood[name] = value


def get(url):
    parts = urllib.parse.urlsplit(url)
    link = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    link.request("GET", parts.path + ("?" + parts.query if parts.query else ""))
    answer = link.getresponse()
    page = answer.read().decode(errors="replace")
    link.close()
    return answer.status, answer.getheader("Location"), page


def browse(url):
    """Goes where a browser would; the page at the end."""
    for _ in range(12):
        status, onward, page = get(url)
        # Synapse asks whether the program may be signed in.
        asked = re.search(r'<a href="([^"]*loginToken=[^"]*)"', page)
        if status in (301, 302, 303, 307):
            url = urllib.parse.urljoin(url, onward)
        elif asked:
            url = html.unescape(asked[1])
        else:
            return {"status": status, "page": page}
    raise RuntimeError("round and round")


def forge(link):
    """Another page of the browser answers in the door's stead."""
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query))
    return [get(query["redirect_uri"] + "?code=forged&state=forged")[0],
            get(query["redirect_uri"] + "?code=forged")[0]]


def end(who):
    """Every session of somebody is ended, as they can do it on their account's page."""
    for grant in {g["device"]: g for g in refresh.values() if g["who"] == who}.values():
        finish(grant)


def given_back():
    return revoked


def hints():
    return [g["hint"] for g in access.values()]


def devices(who):
    path = "/_matrix/client/v3/devices?" + urllib.parse.urlencode({"user_id": f"@{who}:{NAME}"})
    return [d["device_id"] for d in synapse("GET", path, token="as-doublepuppet")["devices"]]


TRUST, own = certificate()
wrap = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
with tempfile.NamedTemporaryFile() as file:
    file.write(own)
    file.flush()
    wrap.load_cert_chain(file.name)
PORT, SAFE = listen(), listen(wrap)
for line in sys.stdin:
    name, *arguments = json.loads(line)
    try:
        print(json.dumps({"ok": globals()[name](*arguments)}), flush=True)
    except Exception as e:  # the test wants to know, whatever it was
        print(json.dumps({"error": f"{name}: {e!r}"}), flush=True)
