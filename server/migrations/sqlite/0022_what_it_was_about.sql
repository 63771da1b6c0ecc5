-- How the analysis of a call begins: what the list says it was about.
ALTER TABLE calls ADD COLUMN about TEXT;
UPDATE calls SET about = substr(json_extract(retell, '$.call_analysis.call_summary'), 1, 200)
WHERE json_extract(retell, '$.call_analysis.call_summary') <> '';
