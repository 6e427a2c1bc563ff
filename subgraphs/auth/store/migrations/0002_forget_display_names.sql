-- serves: >= 0001
-- Display names were kept after the accounts were announced.
UPDATE accounts SET display_name = '' WHERE pending = FALSE AND display_name <> '';
