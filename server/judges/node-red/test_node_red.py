"""A flow of Node-RED that hears of calls by an outgoing webhook, verifies it, and works with them by the REST API."""

import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from judge import SHORT, free_ports, until

HERE = Path(__file__).parent
PATIENCE_S = 60
CALLER = "+491701234567"


@pytest.fixture
def endpoint(business, tmp_path):
    """The business's endpoint, which is a flow."""
    port = free_ports("flow")["flow"]
    told = {"url": f"http://127.0.0.1:{port}/hook", "description": "Node-RED", "events": ["call.ended", "call.analyzed"]}
    made = business.ask("POST", "/api/desk/webhook-endpoints", told)
    scopes = ["calls:read", "calls:write", "contacts:write"]
    key = business.ask("POST", "/api/desk/api-keys", {"name": "Node-RED", "scopes": scopes})["secret"]
    env = {**os.environ, "NODE_RED_PORT": str(port), "NODE_RED_HOME": str(tmp_path), "SWITCHBOARD_URL": business.url}
    env |= {"SWITCHBOARD_WEBHOOK_SECRET": made["secret"], "SWITCHBOARD_API_KEY": key}
    log = tmp_path / "node-red.log"
    with log.open("w") as out:
        command = ["node", HERE / "node_modules/node-red/red.js", "--settings", HERE / "settings.js"]
        running = subprocess.Popen(command, env=env, cwd=HERE, stdout=out, stderr=out)
    until(lambda: "Started flows" in log.read_text())
    try:
        yield {**made, "url": told["url"]}
    finally:
        running.terminate()
        running.wait(PATIENCE_S)
        print(log.read_text())


def test_a_flow_hears_of_a_call_and_works_with_it(business, emulator, endpoint):
    id = endpoint["endpoint"]["id"]
    number = business.add_number(SHORT)
    call = emulator.ring(CALLER, number)["call_id"]
    said = until(lambda: (it := business.ask("GET", f"/api/desk/calls/{call}/wrap-up"))["note"] and it)
    assert said["tags"] == ["node-red"]
    summary = business.ask("GET", f"/api/desk/calls/{call}")["analysis_summary"]
    assert said["note"] == f"ended: {summary}"

    def notifications():
        return business.ask("GET", f"/api/desk/webhook-endpoints/{id}/notifications")["items"]

    until(lambda: [it["state"] for it in notifications()] == ["delivered"] * 2)

    # What is sent again is done once: by the same Idempotency-Key.
    analyzed = next(it for it in notifications() if it["event_type"] == "call.analyzed")
    business.ask("POST", f"/api/desk/webhook-endpoints/{id}/notifications/{analyzed['id']}/replay")
    until(lambda: all(it["state"] == "delivered" for it in notifications()) and len(notifications()) >= 2)
    met = business.ask("GET", "/api/desk/contacts")["items"]
    assert [(it["phone"], it["name"]) for it in met] == [(CALLER, "Met by Node-RED")]

    # What somebody else signed is not taken.
    forged = urllib.request.Request(endpoint["url"], json.dumps({"type": "call.analyzed"}).encode(), {"content-type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(forged, timeout=PATIENCE_S)
    assert refused.value.code == 401
