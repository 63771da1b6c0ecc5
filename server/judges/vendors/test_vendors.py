"""The doubles of CRMs and of providers of text messages, judged by the vendors' own clients; what our server asks,
judged by the vendors' own types; and what the vendors tell us, signed by their own libraries."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from judge import SHORT, until

HERE = Path(__file__).parent
PATIENCE_S = 60
ANA, BEN = "+34612345678", "+4915112345678"


def node(script, *arguments):
    done = subprocess.run(["node", HERE / script, *arguments], cwd=HERE, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()


class Doubles:
    def __init__(self):
        program = os.environ["SWITCHBOARD_DOUBLES"]
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.where = json.loads(self.process.stdout.readline())

    def end(self):
        """What they were asked, and what of it they did not take."""
        told, _ = self.process.communicate(timeout=PATIENCE_S)
        return json.loads(told)


@pytest.fixture
def doubles():
    started = Doubles()
    yield started
    started.process.kill()
    started.process.wait()


def test_the_vendors_own_clients_are_content_with_the_doubles(doubles):
    print(node("clients.mjs", json.dumps(doubles.where)))


def test_what_we_ask_is_as_the_vendors_types_have_it(business, emulator, doubles):
    number = business.add_number(SHORT)
    written = 0
    for crm in ["hubspot", "pipedrive", "salesforce"]:
        business.ask("PUT", "/api/desk/crm", doubles.where[crm]["connection"])
        assert business.ask("POST", "/api/desk/crm/test")["outcome"] == "works"
        for caller in [ANA, BEN]:
            assert emulator.ring(caller, number)
            written += 1
            until(lambda: [it["state"] for it in business.ask("GET", "/api/desk/crm/writes")["items"]].count("written") == written)
    for provider, secret in [("twilio", "auth_token"), ("vonage", "signature_secret")]:
        connection = doubles.where[provider]["connection"]
        business.ask("PUT", "/api/desk/sms-settings", connection)
        business.ask("POST", "/api/desk/sms", {"to": ANA, "body": provider})

        def stands(state):
            newest = business.ask("GET", "/api/desk/sms")["items"][0]
            return (newest["state"], newest["body"]) == (state, provider)

        until(lambda: stands("sent"))
        # What became of it, as they tell it.
        inbound = business.ask("GET", "/api/desk/sms-settings")["inbound_url"]
        receipt, id = inbound.replace("/inbound", "/receipt"), {"twilio": "SM", "vonage": "uuid-"}[provider] + provider
        assert node("callback.mjs", provider, receipt, "another secret", id) == "401"
        assert stands("sent")
        assert node("callback.mjs", provider, receipt, connection["secrets"][secret], id) == "200"
        assert stands("delivered")
    told = doubles.end()
    assert [it["refused"] for it in told.values()] == [[]] * 5
    print(node("compile.mjs", json.dumps(told)))
