-- How the analysis of a call begins: what the list says it was about.
ALTER TABLE calls ADD COLUMN about TEXT;
