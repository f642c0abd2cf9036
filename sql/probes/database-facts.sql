-- The database as its owner sees it, asked inside it.
SELECT pg_get_userbyid(d.datdba) AS owner, pg_encoding_to_char(d.encoding) AS encoding
FROM pg_database d
WHERE d.datname = current_database()
