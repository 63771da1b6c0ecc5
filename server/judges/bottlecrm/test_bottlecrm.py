"""A CRM that is described, which is BottleCRM, by the very description that our own pages give for it."""

import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path

import pytest
from judge import SHORT, free_ports, until

HERE = Path(__file__).parent
PYTHON = Path(os.environ["SWITCHBOARD_BOTTLECRM"]) / "python"
PAGE = Path(os.environ["SWITCHBOARD_CRM_PAGE"])
PATIENCE_S = 120
MARIA, BEN = "+491701234567", "+491701234568"


class BottleCRM:
    def __init__(self, home):
        port = free_ports("crm")["crm"]
        self.url = f"http://127.0.0.1:{port}"
        env = {
            **os.environ, "SECRET_KEY": "of the judge, and long enough to be one", "DEBUG": "True", "ALLOWED_HOSTS": "*",
            "PYTHONPATH": str(HERE), "DJANGO_SETTINGS_MODULE": "bottlecrm_settings",
        }
        run = lambda *args: subprocess.run([PYTHON, *args], cwd=home, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
        run("-m", "django", "migrate", "--run-syncdb", "-v", "0")
        self.token = run("-m", "bottlecrm_begin").split()[-1]
        serve = ["-m", "uvicorn", "crm.asgi:application", "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
        with (home / "uvicorn.log").open("w") as log:
            self.process = subprocess.Popen([PYTHON, *serve], cwd=home, env=env, stdout=log, stderr=log)
        until(lambda: self.ask("GET", "/api/contacts/?limit=1"), PATIENCE_S)

    def ask(self, method, path, body=None):
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers, method=method), timeout=60) as answer:
            return json.load(answer)

    def contacts(self, number):
        asked = {"phone": number, "email": "", "first_name": "", "last_name": ""}
        return [it["id"] for it in self.ask("POST", "/api/contacts/duplicates/", asked)["duplicates"]]

    def calls(self, contact):
        return self.ask("GET", f"/api/interactions/?contact={contact}&limit=50")["interactions"]

    def connection(self, token):
        (told,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
        connection = json.loads(told.replace("https://crm.example.com", self.url))
        connection["secrets"]["token"] = token
        return connection


@pytest.fixture(scope="module")
def crm(tmp_path_factory):
    started = BottleCRM(tmp_path_factory.mktemp("bottlecrm"))
    yield started
    started.process.terminate()
    started.process.wait(PATIENCE_S)


def writes(business):
    return business.ask("GET", "/api/desk/crm/writes")["items"]


def test_calls_are_written_to_the_contacts_of_those_who_called(business, emulator, crm):
    maria = crm.ask("POST", "/api/contacts/", {"first_name": "Maria", "last_name": "Jensen", "phone": "0170 1234567"})["id"]
    number = business.add_number(SHORT)

    business.ask("PUT", "/api/desk/crm", crm.connection("bcrm_pat_of_nobody"))
    assert business.ask("POST", "/api/desk/crm/test")["outcome"] == "key"
    refused = emulator.ring(MARIA, number)["call_id"]
    parked = until(lambda: next((it for it in writes(business) if it["state"] == "parked"), None))
    assert parked["reason"].startswith("The CRM answered 403")

    business.ask("PUT", "/api/desk/crm", crm.connection(crm.token))
    assert business.ask("POST", "/api/desk/crm/test")["outcome"] == "works"
    business.ask("POST", f"/api/desk/crm/writes/{parked['id']}/replay")
    until(lambda: [it["state"] for it in writes(business)] == ["written"])
    # She is found by her number, which somebody typed without its country.
    (call,) = crm.calls(maria)
    assert call["kind"] == "call" and call["direction"] == "inbound"
    assert f"/desk/calls/{refused}" in call["body"]
    assert writes(business)[0]["record_url"].endswith(f"/contacts/{maria}")

    # Who is not there is made, and found the next time.
    assert crm.contacts(BEN) == []
    for count in [1, 2]:
        rung = emulator.ring(BEN, number)["call_id"]
        until(lambda: [it["state"] for it in writes(business)] == ["written"] * (count + 1))
        (ben,) = crm.contacts(BEN)
        assert len(crm.calls(ben)) == count
        assert any(f"/desk/calls/{rung}" in call["body"] for call in crm.calls(ben))
    assert len(crm.calls(maria)) == 1
