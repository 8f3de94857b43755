/*
 * schema_sqlite.c: the tables, as numbered migrations for SQLite.
 *
 * A migration that has shipped is never edited; a new one is appended. Each runs in one transaction
 * together with the bump of PRAGMA user_version. Tables hold plain columns that PostgreSQL has too;
 * what is SQLite's alone (the FTS5 table and its triggers) is here and in ai/index only.
 *
 * Times are milliseconds since 1970 (…_ms), text offsets are bytes of UTF-8, ids of type TEXT are
 * core_id_new()'s.
 */
#include "core/store/schema.h"

static const char first_light[] =
    /* Small facts about this data folder, such as the generation of the knowledge. */
    "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL);"

    /* Browser sessions; only the hash of the cookie is kept. */
    "CREATE TABLE session ("
    "  token_hash BLOB PRIMARY KEY, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL);"

    /* One row per learned path or URL. Documents of equal content share one `content` row. */
    "CREATE TABLE document ("
    "  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, root TEXT NOT NULL,"
    "  content_id TEXT NOT NULL, source_bytes INTEGER NOT NULL, source_mtime_ms INTEGER NOT NULL,"
    "  learned_ms INTEGER NOT NULL);"
    "CREATE INDEX document_by_root ON document (root);"
    "CREATE INDEX document_by_content ON document (content_id);"

    /* Extracted text, stored once. headings is JSON: [{\"start\",\"level\",\"text\"}]. extractor is the
       version of the extraction code: a newer one reads the source again. */
    "CREATE TABLE content ("
    "  id TEXT PRIMARY KEY, source_hash BLOB NOT NULL, extractor INTEGER NOT NULL,"
    "  title TEXT NOT NULL, mime TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL,"
    "  headings TEXT NOT NULL, UNIQUE (source_hash, extractor));"

    /* Passages of a content; start_at/end_at into content.text. heading = path of headings joined by ' > '.
       name = file name without suffix of the first document (a keyword field). */
    "CREATE TABLE chunk ("
    "  id INTEGER PRIMARY KEY, content_id TEXT NOT NULL, ordinal INTEGER NOT NULL,"
    "  start_at INTEGER NOT NULL, end_at INTEGER NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL,"
    "  heading TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (content_id, ordinal));"

    /* Embedding windows of a chunk by model ('minilm',
     * 'e5', …); data = 16-bit floats, unit length. */
    "CREATE TABLE vector ("
    "  chunk_id INTEGER NOT NULL, model TEXT NOT NULL, ordinal INTEGER NOT NULL,"
    "  start_at INTEGER NOT NULL, end_at INTEGER NOT NULL, data BLOB NOT NULL,"
    "  PRIMARY KEY (chunk_id, model, ordinal)) WITHOUT ROWID;"

    /* How often rows of a model came or went: the index compares it with its file's. */
    "CREATE TRIGGER vector_added AFTER INSERT ON vector BEGIN"
    "  INSERT INTO setting (key, value) VALUES ('vectors.' || new.model, '1')"
    "    ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1; END;"
    "CREATE TRIGGER vector_removed AFTER DELETE ON vector BEGIN"
    "  INSERT INTO setting (key, value) VALUES ('vectors.' || old.model, '1')"
    "    ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1; END;"

    "CREATE VIRTUAL TABLE chunk_fts USING fts5(name, title, heading, text, content='chunk',"
    "  content_rowid='id', tokenize='porter unicode61 remove_diacritics 2');"
    "CREATE TRIGGER chunk_added AFTER INSERT ON chunk BEGIN"
    "  INSERT INTO chunk_fts (rowid, name, title, heading, text)"
    "    VALUES (new.id, new.name, new.title, new.heading, new.text); END;"
    "CREATE TRIGGER chunk_removed AFTER DELETE ON chunk BEGIN"
    "  INSERT INTO chunk_fts (chunk_fts, rowid, name, title, heading, text)"
    "    VALUES ('delete', old.id, old.name, old.title, old.heading, old.text);"
    "  DELETE FROM vector WHERE chunk_id = old.id; END;"

    "CREATE TABLE conversation ("
    "  id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL,"
    "  created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL);"
    "CREATE INDEX conversation_by_time ON conversation (owner, updated_ms);"
    "CREATE TABLE message ("
    "  id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL, role TEXT NOT NULL, text TEXT NOT NULL,"
    "  created_ms INTEGER NOT NULL, answered INTEGER, receipt TEXT, vote INTEGER NOT NULL DEFAULT 0,"
    "  replaced INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX message_by_conversation ON message (conversation_id, id);"

    /* L0. key_hash covers scope, model, level_max, conversation context and the normalised
       question. scope_hash the same without the question: the semantic cache compares within it.
       answer = JSON of answer, sources, level. */
    "CREATE TABLE cache ("
    "  id TEXT PRIMARY KEY, key_hash BLOB NOT NULL UNIQUE, scope_hash BLOB NOT NULL,"
    "  question TEXT NOT NULL, answered INTEGER NOT NULL, answer TEXT NOT NULL, model TEXT NOT NULL,"
    "  vector BLOB, created_ms INTEGER NOT NULL);"
    "CREATE INDEX cache_by_scope ON cache (scope_hash, created_ms);"
    "CREATE TABLE cache_source ("
    "  cache_id TEXT NOT NULL, content_id TEXT NOT NULL, PRIMARY KEY (content_id, cache_id))"
    "  WITHOUT ROWID;"

    /* One row per answered request, for cost and quality. */
    "CREATE TABLE telemetry ("
    "  id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, owner TEXT NOT NULL, route TEXT NOT NULL,"
    "  level TEXT NOT NULL, provider TEXT NOT NULL, why_stopped TEXT NOT NULL, answered INTEGER NOT NULL,"
    "  tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost_microusd INTEGER NOT NULL,"
    "  latency_ms INTEGER NOT NULL, first_token_ms INTEGER NOT NULL, confidence REAL NOT NULL);"
    "CREATE INDEX telemetry_by_time ON telemetry (at_ms);";

static const char sentences[] =
    /* A small vector for each sentence of a chunk (ai/find/sentence_vector.h). They are made together with
       the vectors of the windows, so those are made again. */
    "CREATE TABLE sentence ("
    "  chunk_id INTEGER NOT NULL, model TEXT NOT NULL, data BLOB NOT NULL,"
    "  PRIMARY KEY (chunk_id, model));"
    "CREATE TRIGGER chunk_sentences_removed AFTER DELETE ON chunk BEGIN"
    "  DELETE FROM sentence WHERE chunk_id = old.id; END;"
    "DELETE FROM vector;";

static const char accounts[] =
    /* People and programs that ask. The account of the owner has the id 'owner', as what was asked before
       there were accounts has. email is in lower case; password is a PHC string of Argon2id. */
    "CREATE TABLE account ("
    "  id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL,"
    "  tier TEXT NOT NULL, password TEXT NOT NULL, created_ms INTEGER NOT NULL,"
    "  disabled INTEGER NOT NULL DEFAULT 0,"
    /* The secret of the second factor, sealed; whether
     * it was confirmed; the step of the last code. */
    "  totp BLOB, totp_on INTEGER NOT NULL DEFAULT 0, totp_step INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE recovery ("
    "  account_id TEXT NOT NULL, code_hash BLOB NOT NULL, PRIMARY KEY (account_id, code_hash));"

    /* A login lives as long as its refresh token is
     * exchanged for the next; turn says how often it was. */
    "CREATE TABLE login ("
    "  id TEXT PRIMARY KEY, account_id TEXT NOT NULL, turn INTEGER NOT NULL, agent TEXT NOT NULL,"
    "  address TEXT NOT NULL, created_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL,"
    "  expires_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX login_by_account ON login (account_id, ended_ms, used_ms);"
    "CREATE INDEX login_by_end ON login (ended_ms);"

    /* used_by stays empty until somebody registers with it. */
    "CREATE TABLE invite ("
    "  code_hash BLOB PRIMARY KEY, role TEXT NOT NULL, created_by TEXT NOT NULL,"
    "  created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, used_by TEXT NOT NULL DEFAULT '');";

static const char browsers[] =
    /* A login of a browser has the hash of its cookie, others have tokens. by_file: it began with the owner's token
       or a login address. */
    "ALTER TABLE login ADD COLUMN cookie BLOB;"
    "ALTER TABLE login ADD COLUMN by_file INTEGER NOT NULL DEFAULT 0;"
    "CREATE UNIQUE INDEX login_by_cookie ON login (cookie);"
    "INSERT INTO login (id, account_id, turn, agent, address, created_ms, used_ms, expires_ms, cookie, by_file)"
    "  SELECT lower(substr(hex(token_hash), 1, 26)), 'owner', 0, '', '', created_ms, created_ms, expires_ms,"
    "    token_hash, 1 FROM session;"
    "DROP TABLE session;"
    /* How often an account changed, and when it last did. */
    "ALTER TABLE account ADD COLUMN version INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN changed_ms INTEGER NOT NULL DEFAULT 0;";

static const char leaving[] =
    /* A secret that sets another password once. */
    "CREATE TABLE reset ("
    "  code_hash BLOB PRIMARY KEY, account_id TEXT NOT NULL UNIQUE, created_by TEXT NOT NULL,"
    "  created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL);"
    /* Whose an answer in the cache is, so that it can be
     * forgotten with them; of the old ones nobody knows. */
    "DELETE FROM cache_source;"
    "DELETE FROM cache;"
    "ALTER TABLE cache ADD COLUMN owner TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX cache_by_owner ON cache (owner);"
    "CREATE INDEX conversation_by_owner ON conversation (owner, id);"
    "CREATE INDEX telemetry_by_owner ON telemetry (owner, id);";

static const char spending[] =
    /* Keys of programs; only the hash of a key is kept. scopes: bits of account_scope. expires_ms 0: never;
       minute: requests it may make in one, -1: as many as its account. */
    "CREATE TABLE api_key ("
    "  id TEXT PRIMARY KEY, account_id TEXT NOT NULL, name TEXT NOT NULL, token_hash BLOB NOT NULL,"
    "  scopes INTEGER NOT NULL, minute INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    "  expires_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX api_key_by_account ON api_key (account_id, id);"

    /* What an account may do by its account.tier; -1: without limit. */
    "CREATE TABLE tier ("
    "  name TEXT PRIMARY KEY, ask_minute INTEGER NOT NULL, read_minute INTEGER NOT NULL,"
    "  write_minute INTEGER NOT NULL, tokens_day INTEGER NOT NULL, microusd_month INTEGER NOT NULL,"
    "  level_max INTEGER NOT NULL, keys_max INTEGER NOT NULL, body_max INTEGER NOT NULL);"
    "INSERT INTO tier (name, ask_minute, read_minute, write_minute, tokens_day, microusd_month,"
    "  level_max, keys_max, body_max) VALUES"
    "  ('free', 20, 1200, 120, 200000, 0, 2, 2, 1048576),"
    "  ('pro', 120, 6000, 600, 5000000, 20000000, 4, 20, -1),"
    "  ('team', 300, 12000, 1200, 20000000, 100000000, 5, 50, -1),"
    "  ('owner', -1, -1, -1, -1, -1, 5, -1, -1);"
    "UPDATE account SET tier = 'owner' WHERE role = 'owner';"

    /* Accounts that share budgets; an account is in one at most. */
    "CREATE TABLE team ("
    "  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL);"
    "ALTER TABLE account ADD COLUMN team TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX account_by_team ON account (team);"
    "CREATE INDEX account_by_tier ON account (tier);"

    /* kind: 'all', 'account', 'key' or 'team', and whose (empty for 'all'); level -1: every
     * level. */
    "CREATE TABLE budget ("
    "  id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,"
    "  level INTEGER NOT NULL, unit TEXT NOT NULL, period TEXT NOT NULL, cap INTEGER NOT NULL,"
    "  created_by TEXT NOT NULL, created_ms INTEGER NOT NULL);"
    "CREATE INDEX budget_by_subject ON budget (kind, subject);"

    /* What a budget holds in one day or month (UTC): spent, and set aside for what is under way. What a tier
       grants an account is counted under 'tier:<unit>:<account>'. */
    "CREATE TABLE budget_period ("
    "  budget_id TEXT NOT NULL, starts_ms INTEGER NOT NULL, spent INTEGER NOT NULL,"
    "  reserved INTEGER NOT NULL, PRIMARY KEY (budget_id, starts_ms));"

    /* What was set aside for one call, and in which budgets, in the budget's unit. */
    "CREATE TABLE hold ("
    "  id TEXT PRIMARY KEY, account_id TEXT NOT NULL, key_id TEXT NOT NULL, level INTEGER NOT NULL,"
    "  microusd INTEGER NOT NULL, tokens INTEGER NOT NULL, made_ms INTEGER NOT NULL);"
    "CREATE TABLE hold_part ("
    "  hold_id TEXT NOT NULL, budget_id TEXT NOT NULL, starts_ms INTEGER NOT NULL,"
    "  unit TEXT NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (hold_id, budget_id));";

static const char providers[] =
    /* Who answers on remote levels, the lowest rank first. key is a reference (env:NAME, file:/path), never
       the key; times in milliseconds. */
    "CREATE TABLE provider ("
    "  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, base_url TEXT NOT NULL, key TEXT NOT NULL,"
    "  rank INTEGER NOT NULL, enabled INTEGER NOT NULL, first_ms INTEGER NOT NULL,"
    "  whole_ms INTEGER NOT NULL, calls_max INTEGER NOT NULL, changed_ms INTEGER NOT NULL);"
    /* Prices in microusd a million tokens. */
    "CREATE TABLE provider_model ("
    "  provider_id TEXT NOT NULL, ordinal INTEGER NOT NULL, name TEXT NOT NULL,"
    "  level INTEGER NOT NULL, price_in INTEGER NOT NULL, price_out INTEGER NOT NULL,"
    "  context INTEGER NOT NULL, output_max INTEGER NOT NULL, PRIMARY KEY (provider_id, ordinal));"
    /* The provider did not tell its tokens: they were estimated. */
    "ALTER TABLE telemetry ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0;";

static const char telemetry_sums[] =
    /* The rows of telemetry added up (ai/telemetry.c): by minutes for the last hours (step_s 60), by
       quarters of an hour for as long as the rows are kept (900). class is a class of latencies, eight to
       an octave, of which percentiles are made. */
    "CREATE TABLE telemetry_sum ("
    "  step_s INTEGER NOT NULL, at_ms INTEGER NOT NULL, level TEXT NOT NULL, outcome TEXT NOT NULL,"
    "  class INTEGER NOT NULL, answers INTEGER NOT NULL, latency_ms INTEGER NOT NULL,"
    "  tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost_microusd INTEGER NOT NULL,"
    "  PRIMARY KEY (step_s, at_ms, level, outcome, class)) WITHOUT ROWID;"
    "INSERT INTO telemetry_sum SELECT 900, at_ms - at_ms % 900000, level,"
    "  CASE WHEN why_stopped = 'error' THEN 'failed' WHEN why_stopped = 'cancelled' THEN 'cancelled'"
    "    WHEN answered = 1 THEN 'answered' ELSE 'refused' END," STORE_SCHEMA_LATENCY_CLASS ","
    "  COUNT(*), SUM(latency_ms), SUM(tokens_in), SUM(tokens_out), SUM(cost_microusd)"
    "  FROM telemetry GROUP BY 1, 2, 3, 4, 5;";

static const char dashboard[] =
    /* What administrators edit. A version grows with each
     * change. Dates are texts, "2026-01-31" or empty. */
    "CREATE TABLE sprint ("
    "  id TEXT PRIMARY KEY, name TEXT NOT NULL, goal TEXT NOT NULL, starts_on TEXT NOT NULL,"
    "  ends_on TEXT NOT NULL, version INTEGER NOT NULL, changed_ms INTEGER NOT NULL);"
    "CREATE TABLE sprint_item ("
    "  id TEXT PRIMARY KEY, sprint_id TEXT NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL,"
    "  assignee TEXT NOT NULL, starts_on TEXT NOT NULL, ends_on TEXT NOT NULL,"
    "  position INTEGER NOT NULL, version INTEGER NOT NULL, changed_ms INTEGER NOT NULL);"
    "CREATE INDEX sprint_item_by_sprint ON sprint_item (sprint_id, position);"

    /* Costs from elsewhere, in millionths. Of several
     * imports that hold a row the last one's counts. */
    "CREATE TABLE cost_import ("
    "  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    "  created_by TEXT NOT NULL, created_ms INTEGER NOT NULL, rows INTEGER NOT NULL,"
    "  first_on TEXT NOT NULL, last_on TEXT NOT NULL);"
    "CREATE TABLE cost_row ("
    "  day TEXT NOT NULL, service TEXT NOT NULL, currency TEXT NOT NULL, import INTEGER NOT NULL,"
    "  micro INTEGER NOT NULL, PRIMARY KEY (day, service, currency, import)) WITHOUT ROWID;"
    "CREATE INDEX cost_row_by_import ON cost_row (import);"

    /* The system prompt, each version that was saved; an empty text is the program's own. What a token of a
       local model costs, in millionths of a dollar for a million of them. */
    "CREATE TABLE prompt_version ("
    "  version INTEGER PRIMARY KEY, text TEXT NOT NULL, note TEXT NOT NULL,"
    "  created_by TEXT NOT NULL, created_ms INTEGER NOT NULL);"
    "CREATE TABLE price ("
    "  model TEXT PRIMARY KEY, in_microusd INTEGER NOT NULL, out_microusd INTEGER NOT NULL,"
    "  changed_ms INTEGER NOT NULL);"

    /* For answers voted down: whether one like them is still given. */
    "CREATE INDEX message_by_vote ON message (vote, id) WHERE vote <> 0;"
    "CREATE INDEX cache_by_question ON cache (question);";

static const char audit[] =
    /* What was done, chained by hashes (account/audit.h); key_id names an API key. */
    "CREATE TABLE audit ("
    "  seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, name TEXT NOT NULL,"
    "  login TEXT NOT NULL, key_id TEXT NOT NULL, address TEXT NOT NULL, request TEXT NOT NULL,"
    "  act TEXT NOT NULL, object TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL,"
    "  hash BLOB NOT NULL);"
    "CREATE INDEX audit_by_act ON audit (act, seq);"
    "CREATE INDEX audit_by_actor ON audit (actor, seq);"
    /* One row: the end of the chain, and the end of what was removed for its age. */
    "CREATE TABLE audit_head ("
    "  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
    "  base_seq INTEGER NOT NULL, base_hash BLOB NOT NULL);"
    "INSERT INTO audit_head (id, seq, hash, base_seq, base_hash)"
    "  VALUES (1, 0, zeroblob(32), 0, zeroblob(32));";

static const char idempotency[] =
    /* Answers to requests with an Idempotency-Key (gate/idempotency.c). id and print are hashes: of account and key, and of
       the request. status 0: begun, 1: answered, but not kept. */
    "CREATE TABLE idempotency ("
    "  id BLOB PRIMARY KEY, account TEXT NOT NULL, print BLOB NOT NULL, at_ms INTEGER NOT NULL,"
    "  status INTEGER NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL);"
    "CREATE INDEX idempotency_by_account ON idempotency (account, at_ms);"
    "CREATE INDEX idempotency_by_time ON idempotency (at_ms);";

static const char stopping[] =
    /* What a provider bills at most beyond what came, when
     * nobody takes the answer any more; -1: all of it. */
    "ALTER TABLE provider ADD COLUMN stop_tokens INTEGER NOT NULL DEFAULT -1;";

static const char usage_days[] =
    /* The rows of telemetry added up by days since 1970 (UTC), accounts and models. */
    "CREATE TABLE telemetry_day ("
    "  day INTEGER NOT NULL, owner TEXT NOT NULL, provider TEXT NOT NULL, level TEXT NOT NULL,"
    "  class INTEGER NOT NULL, answers INTEGER NOT NULL, answered INTEGER NOT NULL,"
    "  latency_ms INTEGER NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL,"
    "  cost_microusd INTEGER NOT NULL, PRIMARY KEY (day, owner, provider, level, class))"
    "  WITHOUT ROWID;"
    "CREATE INDEX telemetry_day_by_owner ON telemetry_day (owner);" STORE_SCHEMA_FILL_DAYS;

static const char jobs[] =
    /* Jobs of learning that wait or run (ai/learn/resume.c), a row for each path. */
    "CREATE TABLE job ("
    "  id TEXT NOT NULL, place INTEGER NOT NULL, kind INTEGER NOT NULL, what TEXT NOT NULL,"
    "  begun_ms INTEGER NOT NULL, starts INTEGER NOT NULL, PRIMARY KEY (id, place))"
    "  WITHOUT ROWID;";

/* The pieces are large, for they are merged as they
 * become many; the figure that stays is FTS5's own. */
const char store_schema_sqlite_derive[] =
    "INSERT INTO chunk_fts (chunk_fts, rank) VALUES ('hashsize', 33554432);"
    "INSERT INTO chunk_fts (chunk_fts) VALUES ('rebuild');"
    "INSERT INTO chunk_fts (chunk_fts, rank) VALUES ('hashsize', 1048576);";

const char *const store_schema_sqlite[] = {
    first_light,    sentences, accounts, browsers,    leaving,  spending,   providers,
    telemetry_sums, dashboard, audit,    idempotency, stopping, usage_days, jobs,
};
const unsigned store_schema_sqlite_count = sizeof store_schema_sqlite / sizeof *store_schema_sqlite;
