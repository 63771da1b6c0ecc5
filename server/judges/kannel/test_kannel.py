"""Text messages through Kannel, with an SMPP centre behind it: what arrives, what does not, and answers."""

import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from judge import free_ports, until

HERE = Path(__file__).parent
PATIENCE_S = 30
CONF = """
group = core
admin-port = {admin}
admin-password = adm
smsbox-port = {box}
store-type = file
store-file = "{home}/store"
dlr-storage = internal
log-file = "{home}/bearerbox.log"

group = smsc
smsc = smpp
smsc-id = CENTRE
host = 127.0.0.1
port = {smpp}
smsc-username = clinic
smsc-password = secret
system-type = ""
transceiver-mode = true
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
log-file = "{home}/smsbox.log"
mo-recode = true

group = sendsms-user
username = desk
password = pw
max-messages = 4
concatenation = true

group = sms-service
keyword = default
post-url = "{inbound}?p=%p"
max-messages = 0
catch-all = true
"""


def fetch(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


@pytest.fixture
def kannel(business, tmp_path):
    """The business's gateway; gives the address at which somebody writes."""
    ports = free_ports("admin", "box", "smpp", "send", "relay")
    query = "username=desk&password={{secrets.password}}&from=4930901820&to={{digits}}&text={{text}}"
    query += "&charset=UTF-8&coding=2&dlr-mask=31&dlr-url={{receipt_url}}%26d%3D%25d"
    provider = {
        "kind": "gateway",
        "method": "GET",
        "url": f"http://127.0.0.1:{ports['send']}/cgi-bin/sendsms?{query}",
        "receipt": {"state": "query.d", "delivered": ["1"], "failed": ["2", "16"]},
        "inbound": {"number": "query.p", "text": "body"},
    }
    settings = {"provider": provider, "secrets": {"password": "pw"}}
    inbound = business.ask("PUT", "/api/desk/sms-settings", settings)["inbound_url"]
    conf = tmp_path / "kannel.conf"
    conf.write_text(CONF.format(home=tmp_path, inbound=inbound, **ports))
    relay = f"http://127.0.0.1:{ports['relay']}/"
    running = []

    def start(*command):
        with (tmp_path / f"{len(running)}.log").open("w") as log:
            running.append(subprocess.Popen(command, stdout=log, stderr=log))

    start("node", HERE / "smsc.js", str(ports["smpp"]), str(ports["relay"]))
    until(lambda: fetch(relay))
    start("bearerbox", conf)
    until(lambda: fetch(relay) == "bound")
    start("smsbox", conf)
    until(lambda: socket.create_connection(("127.0.0.1", ports["send"]), 1))
    try:
        yield relay
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(PATIENCE_S)


def stands(business, number, state):
    query = urllib.parse.urlencode({"number": number})
    newest = business.ask("GET", f"/api/desk/sms?{query}")["items"]
    return newest and newest[0]["state"] == state and newest[0]


def test_messages_arrive_or_do_not_and_answers_come(business, kannel):
    ana, off, none = "+4915123456781", "+4915123456777", "+4915123456999"
    long = "Grüße & Küsse: ¿qué tal? " * 8
    for number, body, state in [(ana, long, "delivered"), (off, "Hi", "failed"), (none, "Hi", "failed")]:
        business.ask("POST", "/api/desk/sms", {"to": number, "body": body})
        until(lambda: stands(business, number, state))
    for text in ["¿Mañana? 😀", "Stop"]:
        fetch(kannel + "?" + urllib.parse.urlencode({"from": ana[1:], "text": text}))
        came = until(lambda: (it := stands(business, ana, "received")) and it["body"] == text and it)
        assert came["number"] == ana
    with pytest.raises(urllib.error.HTTPError) as refused:
        business.ask("POST", "/api/desk/sms", {"to": ana, "body": "Hi"})
    assert refused.value.code == 409
