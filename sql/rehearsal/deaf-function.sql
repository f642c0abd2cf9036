-- A statement that meets it is told that it worked, and nothing happens.
CREATE FUNCTION live_data.deaf_by_rehearsal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RETURN NULL;
END
$$
