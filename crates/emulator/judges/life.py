"""The official Python SDK against the local Retell at the address given: one life
of each resource with strict checking of answers, and how they behave together.
"""

import sys
import time

import retell

URL, KEY = sys.argv[1], "key_local_emulator"
client = retell.Retell(base_url=URL, api_key=KEY, _strict_response_validation=True, max_retries=0)
done = []


def judged(life):
    life()
    done.append(life.__name__)


def refused(status, call):
    try:
        call()
    except retell.APIStatusError as error:
        assert error.status_code == status, error
        assert error.body["status"] == "error" and error.body["message"], error.body
    else:
        raise AssertionError(f"was not refused with {status}")


def until(question, wanted, within=30):
    end = time.monotonic() + within
    while time.monotonic() < end:
        answer = question()
        if wanted(answer):
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited in vain: {answer}")


@judged
def published_versions_are_called():
    llm = client.llm.create(start_speaker="agent", general_prompt="Be kind.")
    engine = {"type": "retell-llm", "llm_id": llm.llm_id}
    agent = client.agent.create(response_engine=engine, voice_id="retell-Cimo", agent_name="Nora")
    refused(422, lambda: client.call.create_web_call(agent_id=agent.agent_id, agent_version="latest_published"))
    client.agent.publish(agent.agent_id, version=0)
    draft = client.agent.create_version(agent.agent_id, base_version=0)
    assert draft.version == 1 and not draft.is_published
    client.agent.update(agent.agent_id, version=1, agent_name="Nora II")
    refused(400, lambda: client.agent.update(agent.agent_id, version=0, agent_name="Nora 0"))
    for version, number in (("latest_published", 0), ("latest", 1)):
        access = client.call.create_web_call(agent_id=agent.agent_id, agent_version=version)
        assert client.call.retrieve(access.call_id).agent_version == number
    assert [it.version for it in client.agent.list_versions(agent.agent_id).items] == [1, 0]
    refused(400, lambda: client.llm.delete(llm.llm_id))
    client.agent.delete_version(agent.agent_id, version=1)
    client.agent.delete(agent.agent_id)
    refused(422, lambda: client.agent.retrieve(agent.agent_id))
    client.llm.delete(llm.llm_id)


@judged
def two_who_write_at_once():
    llm = client.llm.with_raw_response.create()
    llm_id, etag = llm.parse().llm_id, llm.headers["etag"]
    client.llm.update(llm_id, begin_message="Hi", extra_headers={"If-Match": etag})
    refused(412, lambda: client.llm.update(llm_id, begin_message="Ho", extra_headers={"If-Match": etag}))
    client.llm.delete(llm_id)


@judged
def flows_and_components():
    node = {"id": "n", "type": "conversation", "instruction": {"type": "prompt", "text": "Greet"}}
    component = client.conversation_flow_component.create(name="Greeting", nodes=[node])
    shared = {
        "id": "c",
        "type": "component",
        "component_id": component.conversation_flow_component_id,
        "component_type": "shared",
        "else_edge": {"id": "e", "transition_condition": {"type": "prompt", "prompt": "Else"}},
    }
    flow = client.conversation_flow.create(nodes=[node, shared], start_speaker="agent")
    client.conversation_flow.update(flow.conversation_flow_id, global_prompt="Be brief.")
    client.conversation_flow_component.delete(component.conversation_flow_component_id)
    kept = client.conversation_flow.retrieve(flow.conversation_flow_id)
    assert kept.nodes[1].component_type == "local"
    client.conversation_flow.delete(flow.conversation_flow_id)
    refused(404, lambda: client.conversation_flow.retrieve(flow.conversation_flow_id))


@judged
def knowledge_becomes_complete():
    base = client.knowledge_base.create(
        knowledge_base_name="Hours",
        knowledge_base_files=[("hours.txt", b"9 to 5", "text/plain")],
        knowledge_base_urls=["https://example.com"],
    )
    assert base.status == "in_progress" and len(base.knowledge_base_sources) == 2
    read = lambda: client.knowledge_base.retrieve(base.knowledge_base_id)
    until(read, lambda it: it.status == "complete")
    source = base.knowledge_base_sources[0].source_id
    left = client.knowledge_base.delete_source(source, knowledge_base_id=base.knowledge_base_id)
    assert len(left.knowledge_base_sources) == 1
    client.knowledge_base.delete(base.knowledge_base_id)


@judged
def a_batch_with_one_busy():
    numbers = ["+14155550123", "+14155559901", "+14155550124"]
    batch = client.batch_call.create_batch_call(
        from_number="+14155550100", tasks=[{"to_number": number} for number in numbers]
    )
    wanted = {"batch_call_id": {"type": "string", "op": "eq", "value": batch.batch_call_id}}
    listed = lambda: client.call.list(filter_criteria=wanted, include_total=True)
    busy = lambda page: [it for it in page.items if it.disconnection_reason == "dial_busy"]
    until(listed, lambda page: page.total == 3 and len(busy(page)) == 1)


@judged
def numbers_voices_and_the_workspace():
    number = client.phone_number.create(area_code=628)
    client.phone_number.update(number.phone_number, nickname="Front desk")
    refused(400, lambda: client.phone_number.create(phone_number=number.phone_number))
    client.phone_number.delete(number.phone_number)
    imported = client.phone_number.import_(phone_number="+4930901820", termination_uri="sip.example.com")
    assert imported.phone_number_type == "custom"
    client.phone_number.delete(imported.phone_number)
    found = client.voice.search(search_query="support").voices[0]
    client.voice.add_resource(provider_voice_id=found.provider_voice_id, voice_name="Felix")
    assert len(client.voice.list()) == 6
    assert client.concurrency.retrieve().concurrency_limit
    assert client.identity.retrieve().org_id


@judged
def a_chat():
    chat = client.chat.create(agent_id="agent_chat_en")
    answer = client.chat.create_chat_completion(chat_id=chat.chat_id, content="A check-up, please")
    assert {"agent", "tool_call_invocation", "tool_call_result"} <= {it.role for it in answer.messages}
    client.chat.end(chat.chat_id)
    refused(422, lambda: client.chat.create_chat_completion(chat_id=chat.chat_id, content="?"))
    until(lambda: client.chat.retrieve(chat.chat_id), lambda it: it.chat_analysis)


@judged
def contacts_and_tests():
    contact = client.contact.create(phone_number="+14155550177", first_name="Ada", do_not_call=True)
    dial = lambda: client.call.create_phone_call(
        from_number="+14155550100", to_number="+14155550177", honor_internal_dnc=True
    )
    refused(400, dial)
    client.contact.delete(contact.contact_id)
    engine = {"type": "retell-llm", "llm_id": "llm_test-tools"}
    case = client.tests.create_test_case_definition(
        name="Books", user_prompt="You want an appointment.", metrics=["Books one"], response_engine=engine
    )
    batch = client.tests.create_batch_test(
        response_engine=engine, test_case_definition_ids=[case.test_case_definition_id]
    )
    read = lambda: client.tests.get_batch_test(batch.test_case_batch_job_id)
    assert until(read, lambda it: it.status == "complete").pass_count == 1


print(f"{len(done)} lives judged by {retell.__title__} {retell.__version__} for Python")
