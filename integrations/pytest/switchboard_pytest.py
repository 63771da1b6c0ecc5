"""Tests of what hangs on a voice agent, without an account at Retell: a local one and a Switchboard."""

import json
import os
import queue
import shutil
import subprocess
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

API_KEY = "key_local_emulator"
EVENTS = ["call.created", "call.started", "call.ended", "call.analyzed", "callback.requested"]
PATIENCE_S = 30
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Server:
    """What speaks JSON over HTTP, and remembers who signed in."""

    def __init__(self, url):
        self.url, self.headers = url, {"origin": url, "content-type": "application/json"}

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, self.headers, method=method)
        with DIRECT.open(request, timeout=PATIENCE_S) as answer:
            if cookie := answer.headers["set-cookie"]:
                self.headers["cookie"] = cookie.split(";")[0]
            return json.loads(answer.read() or "null")


class Emulator(Server):
    """The local Retell, by its control routes."""

    def control(self, method, route, body=None):
        return self.ask(method, f"/_emulator/{route}", body)

    def fault(self, method, path_prefix, **fault):
        """Makes matching requests fail or wait: `status`, `body`, `headers`, `delay_ms`, `times`."""
        self.control("POST", "faults", {"match": {"method": method, "path_prefix": path_prefix}, **fault})

    def ring(self, from_number, to_number):
        """Somebody telephones one of the numbers; nothing when the call is not taken."""
        return self.control("POST", "inbound-call", {"from_number": from_number, "to_number": to_number})


class Stack(Server):
    """A local Retell and a Switchboard on free ports, for all tests."""

    def __init__(self, home):
        self.home, self.running, self.numbers = home, [], 0
        self.env = {"PATH": os.environ["PATH"], "HOME": str(home), "SWITCHBOARD_DATABASE_URL": f"sqlite://{home}/db"}
        self.env |= {name: it for name, it in os.environ.items() if name == "SWITCHBOARD_SITE_DIR"}

    def up(self):
        self.emulator = Emulator(self.start("retell-emulator", "--port", "0", "--api-key", API_KEY))
        self.env |= {"SWITCHBOARD_LISTEN": "127.0.0.1:0", "SWITCHBOARD_SECRET": "of the tests, and long enough to be taken"}
        self.env |= {"RETELL_API_KEY": API_KEY, "RETELL_WEBHOOK_SECRET": API_KEY, "RETELL_BASE_URL": self.emulator.url}
        self.env |= {"SWITCHBOARD_ALLOW_PRIVATE": "127.0.0.1"}
        super().__init__(self.start("switchboard", "serve"))
        self.emulator.control("PUT", "settings", {"webhook_url": f"{self.url}/api/webhooks/retell"})
        return self

    def down(self):
        for process in reversed(self.running):
            process.terminate()
            process.wait(PATIENCE_S)

    def command(self, name, *arguments):
        program = shutil.which(name, path=os.environ.get("SWITCHBOARD_BIN_DIR")) or name
        return {"args": [program, *arguments], "cwd": self.home, "env": self.env}

    def start(self, name, *arguments):
        ready, log = self.home / f"{name}.json", self.home / f"{name}.log"
        with log.open("w") as out:
            command = self.command(name, *arguments, "--ready-file", str(ready))
            self.running.append(subprocess.Popen(**command, stdout=out, stderr=out))
        deadline = time.monotonic() + PATIENCE_S
        while self.running[-1].poll() is None and time.monotonic() < deadline:
            try:
                return json.loads(ready.read_text())["url"]
            except (OSError, ValueError):  # not written, or not to its end
                time.sleep(0.025)
        raise AssertionError(f"{name} does not start; it said:\n{log.read_text()}")

    def run(self, *arguments):
        return subprocess.run(**self.command("switchboard", *arguments), stdout=subprocess.PIPE, text=True, check=True).stdout


class Business(Server):
    """A business of the test's own, as its admin has it at the desk."""

    def __init__(self, stack):
        super().__init__(stack.url)
        self.stack = stack
        self.id = stack.run("tenant", "create", "--name", "Sunrise Dental", "--timezone", "Europe/Berlin").strip()
        email = f"robin@{self.id}.example"
        link = stack.run("user", "create", "--tenant", self.id, "--name", "Robin", "--email", email, "--role", "admin")
        token = link.splitlines()[0].rsplit("/", 1)[1]
        self.ask("POST", f"/api/desk/invitations/{token}", {"password": "three words together"})
        self.ask("PUT", "/api/desk/account", {"retell_key": API_KEY, "webhook_key": API_KEY})

    def add_number(self, script, **fields):
        """A telephone number where an agent answers that follows a script, in the local Retell's TOML."""
        self.stack.numbers += 1
        number, agent = f"+4930231{self.stack.numbers:05}", f"agent_{self.id}_{self.stack.numbers}"
        hook = f"{self.url}/api/webhooks/retell/{self.id}"
        answers = {"inbound_webhook_url": hook, "inbound_agents": [{"agent_id": agent, "weight": 1}]}
        self.stack.emulator.control("POST", "seed", {
            "scenarios": [{"id": agent, "toml": script}],
            "agents": [{"agent_id": agent, "agent_name": agent, "emulator_scenario": agent, **fields}],
            "phone_numbers": [{"phone_number": number, **answers}],
        })
        self.ask("POST", "/api/desk/numbers/import")
        return number


class Taken(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.events.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


class Receiver(ThreadingHTTPServer):
    """A program of the business that gets its events, and answers them with `status`."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Taken)
        self.events, self.status, self.url = queue.Queue(), 204, f"http://127.0.0.1:{self.server_port}/hook"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def received(self, kind):
        """Waits for the next event of a kind, and gives it; those before it are passed over."""
        event = self.events.get(timeout=PATIENCE_S)
        return event if event["type"] == kind else self.received(kind)


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    started = Stack(tmp_path_factory.mktemp("switchboard"))
    try:
        yield started.up()
    finally:
        started.down()


@pytest.fixture
def emulator(stack):
    settings = stack.emulator.control("GET", "settings")
    yield stack.emulator
    stack.emulator.control("DELETE", "faults")
    stack.emulator.control("PUT", "settings", settings)


@pytest.fixture
def business(stack):
    return Business(stack)


@pytest.fixture
def webhooks(business):
    with Receiver() as receiver:
        told = {"url": receiver.url, "description": "Made for a test", "events": EVENTS}
        receiver.secret = business.ask("POST", "/api/desk/webhook-endpoints", told)["secret"]
        yield receiver
        receiver.shutdown()
