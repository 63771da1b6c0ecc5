-- How the analysis of a call begins: what the list says it was about.
ALTER TABLE calls ADD COLUMN about TEXT;
UPDATE calls SET about = left(retell::json #>> '{call_analysis,call_summary}', 200)
WHERE retell::json #>> '{call_analysis,call_summary}' <> '';
