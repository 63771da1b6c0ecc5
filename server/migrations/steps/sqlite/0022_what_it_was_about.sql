UPDATE calls SET about = substr(json_extract(retell, '$.call_analysis.call_summary'), 1, 200)
WHERE json_extract(retell, '$.call_analysis.call_summary') <> ''
    AND {rows};
