"""A CRM that is described, which is Tryton: its way of asking, its errors and its own form of numbers."""

import base64
import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from judge import SHORT, free_ports, until

PROGRAMS = Path(os.environ["SWITCHBOARD_TRYTON"])
PATIENCE_S = 120
MARIA, BEN = "+491701234567", "+491701234568"
CONF = """
[database]
uri = sqlite://
path = {home}
[web]
listen = 127.0.0.1:{port}
"""


class Tryton:
    def __init__(self, home):
        port = free_ports("crm")["crm"]
        self.url = f"http://127.0.0.1:{port}/crm"
        conf, password = home / "trytond.conf", home / "password"
        conf.write_text(CONF.format(home=home, port=port))
        password.write_text("admin of the judge")
        (home / "crm.sqlite").touch()
        fill = [PROGRAMS / "trytond-admin", "-c", conf, "-d", "crm", "--all", "-u", "party", "--activate-dependencies", "--email", "a@b.example", "-l", "en"]
        subprocess.run(fill, env={**os.environ, "TRYTONPASSFILE": str(password)}, check=True, stderr=subprocess.DEVNULL)
        with (home / "trytond.log").open("w") as log:
            self.process = subprocess.Popen([PROGRAMS / "trytond", "-c", conf, "-d", "crm"], stdout=log, stderr=log)
        session = until(lambda: self.rpc("common.db.login", "admin", {"password": "admin of the judge"}, "en"), PATIENCE_S)
        self.session = base64.b64encode(f"admin:{session[0]}:{session[1]}".encode()).decode()
        application = {"application": "rest", "user": session[0]}
        (made,) = self.rpc("model.res.user.application.create", [application], {})
        (read,) = self.rpc("model.res.user.application.read", [made], ["key", "state"], {})
        assert read["state"] == "validated"
        self.key = read["key"]

    def ask(self, url, body, authorization):
        headers = {"content-type": "application/json", **({"authorization": authorization} if authorization else {})}
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=60) as answer:
            return json.load(answer)

    def rpc(self, method, *params):
        session = getattr(self, "session", None)
        answer = self.ask(f"{self.url}/rpc/", {"id": 1, "method": method, "params": params}, session and f"Session {session}")
        assert "result" in answer, answer
        return answer["result"]

    def rest(self, path, body):
        return self.ask(f"{self.url}/rest/model/{path}", body, f"Bearer {self.key}")

    def parties(self, number):
        domain = [["contact_mechanisms.value_compact", "=", number]]
        return self.rest("party.party/search_read", {"domain": domain, "fields_names": ["name", "phone", "email"]})

    def notes(self, party):
        domain = [["resource", "=", f"party.party,{party}"]]
        return [it["message"] for it in self.rest("ir.note/search_read", {"domain": domain, "fields_names": ["message"]})]

    def connection(self, key):
        model = f"{self.url}/rest/model"
        mechanisms = [{"type": "phone", "value": "{{phone}}"}, {"type": "email", "value": "{{email}}"}]
        provider = {
            "kind": "generic",
            "headers": {"authorization": "Bearer {{secrets.key}}"},
            "test": {"method": "GET", "url": f"{model}/party.party?s=1&f=name"},
            "find_by_phone": {
                "url": f"{model}/party.party/search_read",
                "body": {
                    "domain": [["contact_mechanisms.value_compact", "=", "{{phone}}"]],
                    "fields_names": ["name", "email", "phone", "mobile"],
                },
                "records": "",
                "id": "id",
                "name": "name",
                "email": "email",
                "phones": ["phone", "mobile"],
            },
            "create": {
                "url": f"{model}/party.party",
                "id": "id",
                "body": {"name": "{{name}}", "contact_mechanisms": [["create", mechanisms]]},
            },
            "update": {"method": "PUT", "url": f"{model}/party.party/{{{{record}}}}", "body": {"name": "{{name}}"}},
            "add_activity": {
                "url": f"{model}/ir.note",
                "id": "id",
                "body": {"resource": "party.party,{{record}}", "message": "{{activity.subject}}\n{{activity.text}}"},
            },
            "activities": {
                "url": f"{model}/ir.note/search_read",
                "body": {"domain": [["resource", "=", "party.party,{{record}}"]], "fields_names": ["message"]},
                "items": "",
                "id": "id",
                "text": "message",
            },
            "record_url": f"{self.url}/#crm/model/party.party/{{{{record}}}}",
        }
        return {"provider": provider, "secrets": {"key": key}}


@pytest.fixture(scope="module")
def tryton(tmp_path_factory):
    started = Tryton(tmp_path_factory.mktemp("tryton"))
    yield started
    started.process.terminate()
    started.process.wait(PATIENCE_S)


def writes(business):
    return business.ask("GET", "/api/desk/crm/writes")["items"]


def test_calls_are_written_to_the_parties_of_those_who_called(business, emulator, tryton):
    mechanisms = [{"type": "mobile", "value": "+49 (170) 1234567"}]
    maria = tryton.rest("party.party", {"name": "Maria Jensen", "contact_mechanisms": [["create", mechanisms]]})["id"]
    number = business.add_number(SHORT)

    business.ask("PUT", "/api/desk/crm", tryton.connection("another key"))
    assert business.ask("POST", "/api/desk/crm/test")["outcome"] == "key"
    refused = emulator.ring(MARIA, number)["call_id"]
    parked = until(lambda: next((it for it in writes(business) if it["state"] == "parked"), None))
    assert parked["reason"] == "The CRM answered 401."

    business.ask("PUT", "/api/desk/crm", tryton.connection(tryton.key))
    assert business.ask("POST", "/api/desk/crm/test")["outcome"] == "works"
    business.ask("POST", f"/api/desk/crm/writes/{parked['id']}/replay")
    until(lambda: [it["state"] for it in writes(business)] == ["written"])
    # She is found by the number as Tryton writes it.
    (note,) = tryton.notes(maria)
    assert f"/desk/calls/{refused}" in note
    assert writes(business)[0]["record_url"].endswith(f"/#crm/model/party.party/{maria}")

    # Who is not there is made, without what nobody knows, and found the next time.
    assert tryton.parties(BEN) == []
    for count in [1, 2]:
        call = emulator.ring(BEN, number)["call_id"]
        until(lambda: [it["state"] for it in writes(business)] == ["written"] * (count + 1))
        (ben,) = tryton.parties(BEN)
        assert len(tryton.notes(ben["id"])) == count
        assert any(f"/desk/calls/{call}" in note for note in tryton.notes(ben["id"]))
    assert len(tryton.notes(maria)) == 1
