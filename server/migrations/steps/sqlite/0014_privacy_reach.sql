UPDATE outgoing_events SET call_id = json_extract(payload, '$.call_id')
WHERE json_valid(payload) AND {rows};
