-- Whose an agent of the server's account is. Until now nobody said, and public
-- keys and routing rules took any: the agents that only one business names are
-- its own. Those that several name, an operator assigns. What they are called,
-- Retell tells within the hour.
INSERT INTO agents (tenant_id, id, name, updated_at)
SELECT MIN(named.tenant_id), named.agent_id, named.agent_id, 0
FROM (
    SELECT k.tenant_id, j.value AS agent_id FROM public_keys k, json_each(k.agents) j
        WHERE instr(k.agents, '\u0000') = 0
    UNION
    SELECT tenant_id, json_extract(rule, '$.action.agent_id') FROM routing_rules
        WHERE instr(rule, '\u0000') = 0
    UNION
    SELECT id, default_agent_id FROM tenants
    UNION
    SELECT tenant_id, id FROM agents
) named JOIN tenants t ON t.id = named.tenant_id
WHERE t.retell_key IS NULL AND named.agent_id <> ''
GROUP BY named.agent_id
HAVING COUNT(DISTINCT named.tenant_id) = 1
ON CONFLICT (tenant_id, id) DO NOTHING;
