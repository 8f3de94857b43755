/*
 * schema_pg.c: the tables for PostgreSQL.
 *
 * What they hold is said in schema_sqlite.c. The first script makes all of them as they were at
 * version 11; each that follows is the twin of the SQLite migration of the same number. One that
 * has shipped is never edited.
 *
 * Texts are compared byte by byte, as in SQLite, whatever
 * the language of the database. Numbers are 64 bits.
 */
#include "core/store/schema.h"

static const char version_11[] =
    "CREATE DOMAIN sky_text AS TEXT COLLATE \"C\";"

    /* version: of the schema; holder and number: see pg_open.h. */
    "CREATE TABLE sky_store ("
    "  id BIGINT PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL, holder sky_text NOT NULL,"
    "  number BIGINT NOT NULL) WITH (fillfactor = 10);"
    "INSERT INTO sky_store (id, version, holder, number) VALUES (1, 11, '', 0);"

    "CREATE FUNCTION sha256_link(previous BYTEA, number BIGINT, bytes BYTEA) RETURNS BYTEA"
    "  LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE"
    "  AS 'SELECT sha256(previous || int8send(number) || bytes)';"

    "CREATE TABLE setting (key sky_text PRIMARY KEY, value sky_text NOT NULL);"

    "CREATE TABLE document (id sky_text PRIMARY KEY, name sky_text NOT NULL UNIQUE,"
    "  root sky_text NOT NULL, content_id sky_text NOT NULL, source_bytes BIGINT NOT NULL,"
    "  source_mtime_ms BIGINT NOT NULL, learned_ms BIGINT NOT NULL);"
    "CREATE INDEX document_by_root ON document (root);"
    "CREATE INDEX document_by_content ON document (content_id);"

    "CREATE TABLE content (id sky_text PRIMARY KEY, source_hash BYTEA NOT NULL,"
    "  extractor BIGINT NOT NULL, title sky_text NOT NULL, mime sky_text NOT NULL,"
    "  language sky_text NOT NULL, text sky_text NOT NULL, headings sky_text NOT NULL,"
    "  UNIQUE (source_hash, extractor));"

    "CREATE TABLE chunk (id BIGINT PRIMARY KEY, content_id sky_text NOT NULL,"
    "  ordinal BIGINT NOT NULL, start_at BIGINT NOT NULL, end_at BIGINT NOT NULL,"
    "  name sky_text NOT NULL, title sky_text NOT NULL, heading sky_text NOT NULL,"
    "  text sky_text NOT NULL, UNIQUE (content_id, ordinal));"

    "CREATE TABLE vector (chunk_id BIGINT NOT NULL, model sky_text NOT NULL,"
    "  ordinal BIGINT NOT NULL, start_at BIGINT NOT NULL, end_at BIGINT NOT NULL,"
    "  data BYTEA NOT NULL, PRIMARY KEY (chunk_id, model, ordinal));"

    "CREATE TABLE conversation (id sky_text PRIMARY KEY, owner sky_text NOT NULL,"
    "  title sky_text NOT NULL, created_ms BIGINT NOT NULL, updated_ms BIGINT NOT NULL);"
    "CREATE INDEX conversation_by_time ON conversation (owner, updated_ms);"

    "CREATE TABLE message (id sky_text PRIMARY KEY, conversation_id sky_text NOT NULL,"
    "  role sky_text NOT NULL, text sky_text NOT NULL, created_ms BIGINT NOT NULL,"
    "  answered BIGINT, receipt sky_text, vote BIGINT NOT NULL DEFAULT 0,"
    "  replaced BIGINT NOT NULL DEFAULT 0);"
    "CREATE INDEX message_by_conversation ON message (conversation_id, id);"

    "CREATE TABLE cache (id sky_text PRIMARY KEY, key_hash BYTEA NOT NULL UNIQUE,"
    "  scope_hash BYTEA NOT NULL, question sky_text NOT NULL, answered BIGINT NOT NULL,"
    "  answer sky_text NOT NULL, model sky_text NOT NULL, vector BYTEA,"
    "  created_ms BIGINT NOT NULL, owner sky_text NOT NULL DEFAULT '');"
    "CREATE INDEX cache_by_scope ON cache (scope_hash, created_ms);"

    "CREATE TABLE cache_source (cache_id sky_text NOT NULL, content_id sky_text NOT NULL,"
    "  PRIMARY KEY (content_id, cache_id));"

    "CREATE TABLE telemetry (id sky_text PRIMARY KEY, at_ms BIGINT NOT NULL,"
    "  owner sky_text NOT NULL, route sky_text NOT NULL, level sky_text NOT NULL,"
    "  provider sky_text NOT NULL, why_stopped sky_text NOT NULL, answered BIGINT NOT NULL,"
    "  tokens_in BIGINT NOT NULL, tokens_out BIGINT NOT NULL, cost_microusd BIGINT NOT NULL,"
    "  latency_ms BIGINT NOT NULL, first_token_ms BIGINT NOT NULL,"
    "  confidence DOUBLE PRECISION NOT NULL, estimated BIGINT NOT NULL DEFAULT 0);"
    "CREATE INDEX telemetry_by_time ON telemetry (at_ms);"

    "CREATE TABLE sentence (chunk_id BIGINT NOT NULL, model sky_text NOT NULL,"
    "  data BYTEA NOT NULL, PRIMARY KEY (chunk_id, model));"

    "CREATE TABLE account (id sky_text PRIMARY KEY, email sky_text NOT NULL UNIQUE,"
    "  name sky_text NOT NULL, role sky_text NOT NULL, tier sky_text NOT NULL,"
    "  password sky_text NOT NULL, created_ms BIGINT NOT NULL,"
    "  disabled BIGINT NOT NULL DEFAULT 0, totp BYTEA, totp_on BIGINT NOT NULL DEFAULT 0,"
    "  totp_step BIGINT NOT NULL DEFAULT 0, version BIGINT NOT NULL DEFAULT 0,"
    "  changed_ms BIGINT NOT NULL DEFAULT 0, team sky_text NOT NULL DEFAULT '');"

    "CREATE TABLE recovery (account_id sky_text NOT NULL, code_hash BYTEA NOT NULL,"
    "  PRIMARY KEY (account_id, code_hash));"

    "CREATE TABLE login (id sky_text PRIMARY KEY, account_id sky_text NOT NULL,"
    "  turn BIGINT NOT NULL, agent sky_text NOT NULL, address sky_text NOT NULL,"
    "  created_ms BIGINT NOT NULL, used_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL,"
    "  ended_ms BIGINT NOT NULL DEFAULT 0, cookie BYTEA, by_file BIGINT NOT NULL DEFAULT 0);"
    "CREATE INDEX login_by_account ON login (account_id, ended_ms, used_ms);"
    "CREATE INDEX login_by_end ON login (ended_ms);"

    "CREATE TABLE invite (code_hash BYTEA PRIMARY KEY, role sky_text NOT NULL,"
    "  created_by sky_text NOT NULL, created_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL,"
    "  used_by sky_text NOT NULL DEFAULT '');"
    "CREATE UNIQUE INDEX login_by_cookie ON login (cookie);"

    "CREATE TABLE reset (code_hash BYTEA PRIMARY KEY, account_id sky_text NOT NULL UNIQUE,"
    "  created_by sky_text NOT NULL, created_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL);"
    "CREATE INDEX cache_by_owner ON cache (owner);"
    "CREATE INDEX conversation_by_owner ON conversation (owner, id);"
    "CREATE INDEX telemetry_by_owner ON telemetry (owner, id);"

    "CREATE TABLE api_key (id sky_text PRIMARY KEY, account_id sky_text NOT NULL,"
    "  name sky_text NOT NULL, token_hash BYTEA NOT NULL, scopes BIGINT NOT NULL,"
    "  minute BIGINT NOT NULL, created_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL,"
    "  used_ms BIGINT NOT NULL DEFAULT 0);"
    "CREATE INDEX api_key_by_account ON api_key (account_id, id);"

    "CREATE TABLE tier (name sky_text PRIMARY KEY, ask_minute BIGINT NOT NULL,"
    "  read_minute BIGINT NOT NULL, write_minute BIGINT NOT NULL, tokens_day BIGINT NOT NULL,"
    "  microusd_month BIGINT NOT NULL, level_max BIGINT NOT NULL, keys_max BIGINT NOT NULL,"
    "  body_max BIGINT NOT NULL);"

    "CREATE TABLE team (id sky_text PRIMARY KEY, name sky_text NOT NULL UNIQUE,"
    "  created_ms BIGINT NOT NULL);"
    "CREATE INDEX account_by_team ON account (team);"
    "CREATE INDEX account_by_tier ON account (tier);"

    "CREATE TABLE budget (id sky_text PRIMARY KEY, name sky_text NOT NULL,"
    "  kind sky_text NOT NULL, subject sky_text NOT NULL, level BIGINT NOT NULL,"
    "  unit sky_text NOT NULL, period sky_text NOT NULL, cap BIGINT NOT NULL,"
    "  created_by sky_text NOT NULL, created_ms BIGINT NOT NULL);"
    "CREATE INDEX budget_by_subject ON budget (kind, subject);"

    "CREATE TABLE budget_period (budget_id sky_text NOT NULL, starts_ms BIGINT NOT NULL,"
    "  spent BIGINT NOT NULL, reserved BIGINT NOT NULL, PRIMARY KEY (budget_id, starts_ms));"

    "CREATE TABLE hold (id sky_text PRIMARY KEY, account_id sky_text NOT NULL,"
    "  key_id sky_text NOT NULL, level BIGINT NOT NULL, microusd BIGINT NOT NULL,"
    "  tokens BIGINT NOT NULL, made_ms BIGINT NOT NULL);"

    "CREATE TABLE hold_part (hold_id sky_text NOT NULL, budget_id sky_text NOT NULL,"
    "  starts_ms BIGINT NOT NULL, unit sky_text NOT NULL, amount BIGINT NOT NULL,"
    "  PRIMARY KEY (hold_id, budget_id));"

    "CREATE TABLE provider (id sky_text PRIMARY KEY, name sky_text NOT NULL UNIQUE,"
    "  base_url sky_text NOT NULL, key sky_text NOT NULL, rank BIGINT NOT NULL,"
    "  enabled BIGINT NOT NULL, first_ms BIGINT NOT NULL, whole_ms BIGINT NOT NULL,"
    "  calls_max BIGINT NOT NULL, changed_ms BIGINT NOT NULL);"

    "CREATE TABLE provider_model (provider_id sky_text NOT NULL, ordinal BIGINT NOT NULL,"
    "  name sky_text NOT NULL, level BIGINT NOT NULL, price_in BIGINT NOT NULL,"
    "  price_out BIGINT NOT NULL, context BIGINT NOT NULL, output_max BIGINT NOT NULL,"
    "  PRIMARY KEY (provider_id, ordinal));"

    "CREATE TABLE telemetry_sum (step_s BIGINT NOT NULL, at_ms BIGINT NOT NULL,"
    "  level sky_text NOT NULL, outcome sky_text NOT NULL, class BIGINT NOT NULL,"
    "  answers BIGINT NOT NULL, latency_ms BIGINT NOT NULL, tokens_in BIGINT NOT NULL,"
    "  tokens_out BIGINT NOT NULL, cost_microusd BIGINT NOT NULL, PRIMARY KEY (step_s, at_ms,"
    "  level, outcome, class));"

    "CREATE TABLE sprint (id sky_text PRIMARY KEY, name sky_text NOT NULL,"
    "  goal sky_text NOT NULL, starts_on sky_text NOT NULL, ends_on sky_text NOT NULL,"
    "  version BIGINT NOT NULL, changed_ms BIGINT NOT NULL);"

    "CREATE TABLE sprint_item (id sky_text PRIMARY KEY, sprint_id sky_text NOT NULL,"
    "  title sky_text NOT NULL, status sky_text NOT NULL, assignee sky_text NOT NULL,"
    "  starts_on sky_text NOT NULL, ends_on sky_text NOT NULL, position BIGINT NOT NULL,"
    "  version BIGINT NOT NULL, changed_ms BIGINT NOT NULL);"
    "CREATE INDEX sprint_item_by_sprint ON sprint_item (sprint_id, position);"

    "CREATE TABLE cost_import (number BIGINT PRIMARY KEY, id sky_text NOT NULL UNIQUE,"
    "  name sky_text NOT NULL, created_by sky_text NOT NULL, created_ms BIGINT NOT NULL,"
    "  rows BIGINT NOT NULL, first_on sky_text NOT NULL, last_on sky_text NOT NULL);"

    "CREATE TABLE cost_row (day sky_text NOT NULL, service sky_text NOT NULL,"
    "  currency sky_text NOT NULL, import BIGINT NOT NULL, micro BIGINT NOT NULL,"
    "  PRIMARY KEY (day, service, currency, import));"
    "CREATE INDEX cost_row_by_import ON cost_row (import);"

    "CREATE TABLE prompt_version (version BIGINT PRIMARY KEY, text sky_text NOT NULL,"
    "  note sky_text NOT NULL, created_by sky_text NOT NULL, created_ms BIGINT NOT NULL);"

    "CREATE TABLE price (model sky_text PRIMARY KEY, in_microusd BIGINT NOT NULL,"
    "  out_microusd BIGINT NOT NULL, changed_ms BIGINT NOT NULL);"
    "CREATE INDEX message_by_vote ON message (vote, id) WHERE vote <> 0;"
    "CREATE INDEX cache_by_question ON cache USING hash (question);"

    "CREATE TABLE audit (seq BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL,"
    "  actor sky_text NOT NULL, name sky_text NOT NULL, login sky_text NOT NULL,"
    "  key_id sky_text NOT NULL, address sky_text NOT NULL, request sky_text NOT NULL,"
    "  act sky_text NOT NULL, object sky_text NOT NULL, outcome sky_text NOT NULL,"
    "  detail sky_text NOT NULL, hash BYTEA NOT NULL);"
    "CREATE INDEX audit_by_act ON audit (act, seq);"
    "CREATE INDEX audit_by_actor ON audit (actor, seq);"

    "CREATE TABLE audit_head (id BIGINT PRIMARY KEY, seq BIGINT NOT NULL, hash BYTEA NOT NULL,"
    "  base_seq BIGINT NOT NULL, base_hash BYTEA NOT NULL);"

    "CREATE TABLE idempotency (id BYTEA PRIMARY KEY, account sky_text NOT NULL,"
    "  print BYTEA NOT NULL, at_ms BIGINT NOT NULL, status BIGINT NOT NULL,"
    "  type sky_text NOT NULL, body BYTEA NOT NULL);"
    "CREATE INDEX idempotency_by_account ON idempotency (account, at_ms);"
    "CREATE INDEX idempotency_by_time ON idempotency (at_ms);"

    /* How often rows of a model came or went. */
    "CREATE FUNCTION sky_vector_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN"
    "  INSERT INTO setting (key, value)"
    "    VALUES ('vectors.' || coalesce(new.model, old.model), '1')"
    "    ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(setting.value AS BIGINT) + 1 AS TEXT);"
    "  RETURN NULL; END $$;"
    "CREATE TRIGGER vector_changed AFTER INSERT OR DELETE ON vector"
    "  FOR EACH ROW EXECUTE FUNCTION sky_vector_changed();"
    "CREATE FUNCTION sky_chunk_removed() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN"
    "  DELETE FROM vector WHERE chunk_id = old.id;"
    "  DELETE FROM sentence WHERE chunk_id = old.id; RETURN NULL; END $$;"
    "CREATE TRIGGER chunk_removed AFTER DELETE ON chunk"
    "  FOR EACH ROW EXECUTE FUNCTION sky_chunk_removed();"

    "INSERT INTO tier (name, ask_minute, read_minute, write_minute, tokens_day, microusd_month,"
    "  level_max, keys_max, body_max) VALUES"
    "  ('free', 20, 1200, 120, 200000, 0, 2, 2, 1048576),"
    "  ('pro', 120, 6000, 600, 5000000, 20000000, 4, 20, -1),"
    "  ('team', 300, 12000, 1200, 20000000, 100000000, 5, 50, -1),"
    "  ('owner', -1, -1, -1, -1, -1, 5, -1, -1);"
    "INSERT INTO audit_head (id, seq, hash, base_seq, base_hash)"
    "  VALUES (1, 0, decode(repeat('00', 32), 'hex'), 0, decode(repeat('00', 32), 'hex'));";

static const char version_12[] =
    "ALTER TABLE provider ADD COLUMN stop_tokens BIGINT NOT NULL DEFAULT -1;";

static const char version_13[] =
    "CREATE TABLE telemetry_day (day BIGINT NOT NULL, owner sky_text NOT NULL,"
    "  provider sky_text NOT NULL, level sky_text NOT NULL, class BIGINT NOT NULL,"
    "  answers BIGINT NOT NULL, answered BIGINT NOT NULL, latency_ms BIGINT NOT NULL,"
    "  tokens_in BIGINT NOT NULL, tokens_out BIGINT NOT NULL, cost_microusd BIGINT NOT NULL,"
    "  PRIMARY KEY (day, owner, provider, level, class));"
    "CREATE INDEX telemetry_day_by_owner ON telemetry_day (owner);" STORE_SCHEMA_FILL_DAYS
    /* Whoever deletes a row by hand has a search_path of their
     * own: it decides no more which tables a trigger changes. */
    "ALTER FUNCTION sky_vector_changed() SET search_path FROM CURRENT;"
    "ALTER FUNCTION sky_chunk_removed() SET search_path FROM CURRENT;";

static const char version_14[] =
    "CREATE TABLE job (id sky_text NOT NULL, place BIGINT NOT NULL, kind BIGINT NOT NULL,"
    "  what sky_text NOT NULL, begun_ms BIGINT NOT NULL, starts BIGINT NOT NULL,"
    "  PRIMARY KEY (id, place));";

const unsigned store_schema_pg_first = 11;
const char *const store_schema_pg[] = {version_11, version_12, version_13, version_14};
const unsigned store_schema_pg_count = sizeof store_schema_pg / sizeof *store_schema_pg;
