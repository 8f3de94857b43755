/*
 * handlers.h: every handler of the route table, and the helpers they share. Inside gate only.
 */
#ifndef GATE_HANDLER_HANDLERS_H
#define GATE_HANDLER_HANDLERS_H

#include "core/limits.h"
#include "gate/gate.h"
#include "gate/request.h"

typedef void gate_handler(struct gate_request *r);

gate_handler handle_health, handle_status, handle_checks, handle_nodes, handle_metrics,
    handle_openapi, handle_wellknown;
gate_handler handle_login, handle_session_new, handle_session_get, handle_session_end,
    handle_session_code;
gate_handler handle_auth_register, handle_auth_invite, handle_auth_login, handle_auth_refresh,
    handle_auth_logout, handle_auth_me, handle_auth_sessions, handle_auth_session_end,
    handle_auth_password, handle_auth_totp, handle_auth_totp_confirm, handle_auth_totp_remove,
    handle_auth_step_up, handle_auth_reset, handle_auth_export, handle_auth_change,
    handle_auth_leave, handle_auth_invites, handle_auth_invite_end;
gate_handler handle_people, handle_person_change, handle_person_remove, handle_person_reset,
    handle_person_totp_remove, handle_person_sessions, handle_person_session_end;
gate_handler handle_audit, handle_audit_verify, handle_audit_add;
gate_handler handle_chat_message, handle_chat_vote;
gate_handler handle_history_get, handle_history_remove, handle_history_rename;
gate_handler handle_search, handle_knowledge;
gate_handler handle_documents, handle_document_get, handle_document_remove;
gate_handler handle_learn, handle_job_get, handle_job_cancel;
gate_handler handle_genom_encode, handle_genom_encode_batch, handle_genom_decode,
    handle_genom_decode_batch, handle_genom_translate, handle_genom_lookup, handle_genom_token,
    handle_genom_tokens, handle_genom_nearest, handle_genom_sectors, handle_genom_dictionary,
    handle_genom_stats, handle_genom_health, handle_genom_handshake, handle_genom_encrypt,
    handle_genom_decrypt, handle_genom_intent;
gate_handler handle_keys_get, handle_key_new, handle_key_change, handle_key_revoke,
    handle_admin_keys, handle_admin_key_revoke;
gate_handler handle_budgets, handle_admin_budgets, handle_budget_new, handle_budget_change,
    handle_budget_remove;
gate_handler handle_admin_tiers, handle_tier_put, handle_tier_remove;
gate_handler handle_admin_teams, handle_team_members, handle_team_new, handle_team_rename,
    handle_team_remove, handle_team_join, handle_team_leave;
gate_handler handle_providers, handle_provider_new, handle_provider_change, handle_provider_remove,
    handle_provider_test;
gate_handler handle_sources, handle_source_learn, handle_source_forget, handle_jobs;
gate_handler handle_admin_events, handle_admin_overview, handle_admin_system;
gate_handler handle_admin_config, handle_admin_logs;
gate_handler handle_admin_backup, handle_admin_backup_new;
gate_handler handle_admin_sprints, handle_admin_sprint_get, handle_admin_sprint_add,
    handle_admin_sprint_change, handle_admin_sprint_remove, handle_admin_item_add,
    handle_admin_item_change, handle_admin_item_remove;
gate_handler handle_admin_costs, handle_admin_costs_import, handle_admin_costs_undo,
    handle_admin_cost_imports;
gate_handler handle_admin_usage, handle_admin_levels, handle_admin_votes, handle_admin_cache_remove;
gate_handler handle_admin_prompt, handle_admin_prompt_versions, handle_admin_prompt_save,
    handle_admin_prompt_restore, handle_admin_prompt_preview, handle_admin_prices,
    handle_admin_price_set;
gate_handler handle_openai_chat, handle_openai_embeddings, handle_openai_models,
    handle_openai_model;

/* --- fields.c: reading inputs. Each answers a problem that names the field and returns false when
 * the value is wrong; an absent optional field leaves *ret as it was. ------------------------- */

enum field_need { FIELD_OPTIONAL, FIELD_REQUIRED };
bool field_str(struct gate_request *r, core_json body, const char *name, enum field_need need,
               size_t min, size_t max, struct core_str *ret);
bool field_int(struct gate_request *r, core_json body, const char *name, enum field_need need,
               int64_t min, int64_t max, int64_t *ret);
bool field_double(struct gate_request *r, core_json body, const char *name, double min, double max,
                  double *ret);
bool field_bool(struct gate_request *r, core_json body, const char *name, bool *ret);
/* As field_int() of an optional field, but null is a value too: ACCOUNT_UNLIMITED. ret_given (may
 * be NULL): it is there. */
bool field_limit(struct gate_request *r, core_json body, const char *name, int64_t min, int64_t max,
                 int64_t *ret, bool *ret_given);
/* "L0" … "L5". */
bool field_level(struct gate_request *r, const char *name, struct core_str value, int64_t *ret);
/* No text of a store may hold U+0000: refuses one that does. */
bool field_text(struct gate_request *r, const char *name, struct core_str text);
/* Query values. */
bool query_int(struct gate_request *r, const char *name, int64_t min, int64_t max, int64_t *ret);
bool query_str(struct gate_request *r, const char *name, enum field_need need, size_t max,
               struct core_str *ret);
/* What a list by ids gave as its `next`: one of our ids, or the owner's; may be absent. */
bool query_cursor(struct gate_request *r, const char *name, struct core_str *ret);
/* "30d" */
bool query_days(struct gate_request *r, const char *name, int64_t *ret);
/* "`name` must be …", status 400, as problem or OpenAI error by the route. */
void field_problem(struct gate_request *r, const char *name, const char *must);

/* Who pays for what this request asks. */
struct account_payer payer_of(const struct gate_request *r);
/* "2026-…Z" of wall milliseconds under `key`. */
void out_time(struct core_json_out *o, const char *key, int64_t wall_ms);
/* null for 0, and for ACCOUNT_UNLIMITED. */
void out_time_or_null(struct core_json_out *o, const char *key, int64_t wall_ms);
void out_limit(struct core_json_out *o, const char *key, int64_t value);

/* --- follow.c: what goes on, as events, to whoever accepts them ------------------------------- */

/* Does the client want events? */
bool follow_wanted(struct gate_request *r);
/* What there is to tell now: writes it to `event` and returns the event's name, or NULL when
 * there is nothing. *last, which is false: it is the last, and is sent even if it equals the one
 * before. */
typedef const char *follow_look(struct gate_request *r, void *state, struct core_buf *event,
                                bool *last);
/* Looks now and then every so often, until the reader leaves, may look no longer, the server stops,
 * or what was told was the last. `state` is the request's memory. */
void follow_begin(struct gate_request *r, uint64_t every_ms, follow_look *look, void *state);

/* --- ask.c ------------------------------------------------------------------------------------ */

/* For whatever asks the models: caps *level_max (may be NULL) at what the account's tier allows,
 * counts the request in its budgets, then start(r, arg) on the loop; or answers 402. */
void ask_begin(struct gate_request *r, unsigned *level_max,
               void (*start)(struct gate_request *r, void *arg), void *arg);
/* "knowledge" and "learning": how much is known, and what is being learned. */
void out_knowledge(struct core_json_out *o, const struct ai *ai);
/* Progress of learning as an object of an array or the whole answer. */
void out_job(struct core_json_out *o, const struct ai_job *job);
/* 202 {"job_id"}; `act`, done to `object`, is what began it. */
void reply_job(struct gate_request *r, const char *id, enum account_act act,
               struct core_str object);

#endif
