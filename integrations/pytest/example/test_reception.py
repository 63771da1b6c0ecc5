SCRIPT = """
name = "Reception"
[[steps]]
agent = "Sunrise Dental, hello?"
[[steps]]
end = "agent_hangup"
"""


def test_we_hear_of_a_call_also_when_we_were_down(business, emulator, webhooks):
    webhooks.status = 503
    call = emulator.ring("+491701234567", business.add_number(SCRIPT))
    missed = webhooks.received("call.ended")
    webhooks.status = 204
    assert webhooks.received("call.ended")["id"] == missed["id"]
    assert missed["call_id"] == call["call_id"]
