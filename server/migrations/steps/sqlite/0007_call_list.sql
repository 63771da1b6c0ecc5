UPDATE calls SET number_tail =
    substr(CASE direction WHEN 'outbound' THEN to_number ELSE from_number END, -4)
WHERE {rows};
