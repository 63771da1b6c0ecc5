UPDATE calls SET about = left(retell::json #>> '{call_analysis,call_summary}', 200)
-- PostgreSQL reads no JSON that has a NUL somewhere: such a call goes without.
WHERE CASE WHEN position('\u0000' IN retell) > 0 THEN FALSE
    ELSE retell::json #>> '{call_analysis,call_summary}' <> '' END
    AND {rows};
