-- The one login that REC.IO knows: main_app reads user_no '0001' and nothing else.
-- $1 user_id, $2 first name, $3 last name, $4 e-mail, $5 phone or NULL, $6 bcrypt hash.
-- master_admin is what REC.IO's own set-up gives the owner: its page shows the administration to nobody else.
-- A row that is there stays as it is; then nothing is returned.
INSERT INTO users.user_info_0001
  (user_no, user_id, first_name, last_name, email, phone, account_type, password_hash, is_active)
VALUES
  ('0001', $1, $2, $3, $4, $5, 'master_admin', $6, true)
ON CONFLICT (user_no) DO NOTHING
RETURNING user_no
