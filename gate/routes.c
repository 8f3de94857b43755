/*
 * routes.c: every route of the server, as data. What may be reached, by whom, with how large a body,
 * and what /openapi.json says of it.
 */
#include "gate/route.h"

#include "core/limits.h"
#include "gate/handler/handlers.h"
#include "gate/schemas.h"

/* A GET without a body. */
#define GET_FOR_(scope_, pattern_, handle_, auth_, id_, query_, response_, summary_)               \
    {.method = "GET",                                                                              \
     .scope = scope_,                                                                              \
     .pattern = pattern_,                                                                          \
     .handle = handle_,                                                                            \
     .auth = auth_,                                                                                \
     .rate = auth_ == GATE_OPEN ? GATE_RATE_NONE : GATE_RATE_READ,                                 \
     .id = id_,                                                                                    \
     .query = query_,                                                                              \
     .response_schema = response_,                                                                 \
     .summary = summary_}
#define GET_(pattern_, handle_, auth_, id_, query_, response_, summary_)                           \
    GET_FOR_(GATE_SCOPE_NONE, pattern_, handle_, auth_, id_, query_, response_, summary_)
/* A change by whom auth_ says; body_ 0 = none. */
#define DO_FOR_(scope_, auth_, method_, pattern_, handle_, body_, id_, request_, response_,        \
                summary_)                                                                          \
    {.method = method_,                                                                            \
     .scope = scope_,                                                                              \
     .pattern = pattern_,                                                                          \
     .handle = handle_,                                                                            \
     .auth = auth_,                                                                                \
     .rate = GATE_RATE_WRITE,                                                                      \
     .body_max = body_,                                                                            \
     .id = id_,                                                                                    \
     .request_schema = request_,                                                                   \
     .response_schema = response_,                                                                 \
     .summary = summary_}

/* A dangerous change by those who steer. */
#define STEP_UP_(auth_, method_, pattern_, handle_, body_, id_, request_, response_, summary_)     \
    {.method = method_,                                                                            \
     .pattern = pattern_,                                                                          \
     .handle = handle_,                                                                            \
     .auth = auth_,                                                                                \
     .step_up = true,                                                                              \
     .rate = GATE_RATE_WRITE,                                                                      \
     .body_max = body_,                                                                            \
     .id = id_,                                                                                    \
     .request_schema = request_,                                                                   \
     .response_schema = response_,                                                                 \
     .summary = summary_}
/* Makes something, and an Idempotency-Key counts. */
#define MAKE_FOR_(scope_, step_up_, auth_, keyed_, pattern_, handle_, id_, request_, response_,    \
                  summary_)                                                                        \
    {.method = "POST",                                                                             \
     .scope = scope_,                                                                              \
     .step_up = step_up_,                                                                          \
     .pattern = pattern_,                                                                          \
     .handle = handle_,                                                                            \
     .auth = auth_,                                                                                \
     .rate = GATE_RATE_WRITE,                                                                      \
     .body_max = GATE_LIMIT_SMALL_BODY,                                                            \
     .keyed = keyed_,                                                                              \
     .id = id_,                                                                                    \
     .request_schema = request_,                                                                   \
     .response_schema = response_,                                                                 \
     .summary = summary_}
#define MAKE_(auth_, keyed_, pattern_, handle_, id_, request_, response_, summary_)                \
    MAKE_FOR_(GATE_SCOPE_NONE, false, auth_, keyed_, pattern_, handle_, id_, request_, response_,  \
              summary_)
#define DO_BY_(auth_, method_, pattern_, handle_, body_, id_, request_, response_, summary_)       \
    DO_FOR_(GATE_SCOPE_NONE, auth_, method_, pattern_, handle_, body_, id_, request_, response_,   \
            summary_)
#define DO_(method_, pattern_, handle_, body_, id_, request_, response_, summary_)                 \
    DO_BY_(GATE_USER, method_, pattern_, handle_, body_, id_, request_, response_, summary_)

/* Codes or decodes: no state changes, so the class of reading. */
#define GENOM_(pattern_, handle_, id_, request_, response_, summary_)                              \
    {.method = "POST",                                                                             \
     .pattern = pattern_,                                                                          \
     .handle = handle_,                                                                            \
     .auth = GATE_USER,                                                                            \
     .rate = GATE_RATE_READ,                                                                       \
     .body_max = GATE_LIMIT_GENOM_BODY,                                                            \
     .scope = ACCOUNT_SCOPE_GENOM,                                                                 \
     .id = id_,                                                                                    \
     .request_schema = request_,                                                                   \
     .response_schema = response_,                                                                 \
     .summary = summary_}

const struct gate_route gate_routes[] = {
    /* --- Without a token ---------------------------------------------------------------------- */
    GET_("/health", handle_health, GATE_OPEN, "health", NULL, SCHEMA_HEALTH,
         "Is the server up, and can it store?"),
    GET_("/.well-known/skynet", handle_wellknown, GATE_OPEN, "wellKnown", NULL, SCHEMA_WELLKNOWN,
         "This node's number, version and public keys"),
    {.method = "GET",
     .pattern = "/login",
     .handle = handle_login,
     .auth = GATE_OPEN,
     .rate = GATE_RATE_LOGIN,
     .id = "login",
     .query = "code:string!",
     .summary = "Follow a one-time login address: sets the session cookie"},
    {.method = "POST",
     .pattern = "/api/session",
     .handle = handle_session_new,
     .auth = GATE_OPEN,
     .rate = GATE_RATE_LOGIN,
     .body_max = GATE_LIMIT_SMALL_BODY,
     .id = "sessionNew",
     .request_schema = SCHEMA_SESSION_NEW,
     .summary = "Exchange the owner's token for a session"},

    /* --- This server -------------------------------------------------------------------------- */
    GET_FOR_(GATE_SCOPE_ANY, "/api/status", handle_status, GATE_USER, "status", NULL, SCHEMA_STATUS,
             "Version, levels, knowledge and how much of it is embedded"),
    {.method = "GET",
     .pattern = "/api/status/checks",
     .handle = handle_checks,
     .auth = GATE_OWNER,
     .scope = ACCOUNT_SCOPE_ADMIN,
     .rate = GATE_RATE_WRITE,
     .id = "checks",
     .response_schema = SCHEMA_CHECKS,
     .summary = "Reads the whole store and index and says whether they are intact and agree"},
    GET_FOR_(GATE_SCOPE_ANY, "/api/nodes", handle_nodes, GATE_MEMBER, "nodes",
             "limit:integer after:string", SCHEMA_NODES, "The nodes known"),
    GET_FOR_(ACCOUNT_SCOPE_ADMIN, "/metrics", handle_metrics, GATE_ADMIN, "metrics", NULL, NULL,
             "Metrics as Prometheus text"),
    GET_FOR_(GATE_SCOPE_ANY, "/openapi.json", handle_openapi, GATE_USER, "openapi", NULL, NULL,
             "This document"),
    GET_FOR_(GATE_SCOPE_ANY, "/api/session", handle_session_get, GATE_USER, "sessionGet", NULL,
             SCHEMA_SESSION, "Who is asking"),
    DO_("DELETE", "/api/session", handle_session_end, 0, "sessionEnd", NULL, NULL,
        "End the browser session"),
    MAKE_(GATE_OWNER, GATE_KEYED_SECRET, "/api/session/code", handle_session_code, "sessionCode",
          NULL, SCHEMA_CODE, "A fresh one-time login address"),

    /* --- Chat --------------------------------------------------------------------------------- */
    {.method = "POST",
     .pattern = "/api/chat/message",
     .handle = handle_chat_message,
     .auth = GATE_USER,
     .scope = ACCOUNT_SCOPE_CHAT,
     .rate = GATE_RATE_ASK,
     .body_max = GATE_LIMIT_SMALL_BODY,
     .keyed = GATE_KEYED,
     .id = "chatMessage",
     .request_schema = SCHEMA_CHAT,
     .response_schema = SCHEMA_ANSWER,
     .summary = "Ask; answered from the documents, whole or as server-sent events"},
    DO_FOR_(ACCOUNT_SCOPE_CHAT, GATE_USER, "POST", "/api/chat/vote", handle_chat_vote,
            GATE_LIMIT_SMALL_BODY, "chatVote", SCHEMA_VOTE, NULL, "Thumbs up, down, or neither"),
    GET_FOR_(ACCOUNT_SCOPE_CHAT, "/api/chat/history", handle_history_get, GATE_USER, "history",
             "limit:integer before:string conversation_id:string", SCHEMA_HISTORY,
             "Conversations, or the messages of one"),
    DO_FOR_(ACCOUNT_SCOPE_CHAT, GATE_USER, "DELETE", "/api/chat/history/{id}",
            handle_history_remove, 0, "historyRemove", NULL, NULL, "Remove a conversation"),
    DO_FOR_(ACCOUNT_SCOPE_CHAT, GATE_USER, "PATCH", "/api/chat/history/{id}", handle_history_rename,
            GATE_LIMIT_SMALL_BODY, "historyRename", SCHEMA_TITLE, NULL, "Rename a conversation"),

    /* --- Knowledge ---------------------------------------------------------------------------- */
    GET_FOR_(ACCOUNT_SCOPE_KNOWLEDGE, "/api/crawler/search", handle_search, GATE_USER, "search",
             "q:string! k:integer", SCHEMA_RESULTS, "The documents that fit best, one result each"),
    GET_FOR_(ACCOUNT_SCOPE_KNOWLEDGE, "/api/crawler/knowledge", handle_knowledge, GATE_USER,
             "knowledge", "q:string! k:integer", SCHEMA_RESULTS, "The passages that fit best"),
    GET_FOR_(ACCOUNT_SCOPE_KNOWLEDGE, "/api/crawler/documents", handle_documents, GATE_USER,
             "documents", "limit:integer after:string q:string", SCHEMA_DOCUMENTS,
             "The learned documents"),
    GET_FOR_(ACCOUNT_SCOPE_KNOWLEDGE, "/api/crawler/documents/{id}", handle_document_get, GATE_USER,
             "documentGet", NULL, SCHEMA_DOCUMENT, "The stored copy of a document"),
    DO_FOR_(ACCOUNT_SCOPE_LEARN, GATE_ADMIN, "DELETE", "/api/crawler/documents/{id}",
            handle_document_remove, 0, "documentRemove", NULL, NULL, "Forget a document"),
    {.method = "POST",
     .pattern = "/api/crawler/learn",
     .handle = handle_learn,
     .auth = GATE_OWNER,
     .scope = ACCOUNT_SCOPE_LEARN,
     .rate = GATE_RATE_WRITE,
     .body_max = GATE_LIMIT_UPLOAD,
     .keyed = GATE_KEYED,
     .id = "learn",
     .query = "name:string",
     .request_schema = SCHEMA_LEARN,
     .response_schema = SCHEMA_JOB_STARTED,
     .summary = "Learn files and folders of this machine, or one document sent as the body"},
    GET_FOR_(ACCOUNT_SCOPE_LEARN, "/api/crawler/jobs/{id}", handle_job_get, GATE_MEMBER, "jobGet",
             NULL, SCHEMA_JOB,
             "The progress of learning; as events with Accept: text/event-stream"),
    DO_FOR_(ACCOUNT_SCOPE_LEARN, GATE_ADMIN, "DELETE", "/api/crawler/jobs/{id}", handle_job_cancel,
            0, "jobCancel", NULL, NULL, "Stop learning"),

    /* --- GENOM -------------------------------------------------------------------------------- */
    GENOM_("/v1/encode", handle_genom_encode, "genomEncode", SCHEMA_GENOM_ENCODE,
           SCHEMA_GENOM_ENCODED, "Encode a text"),
    GENOM_("/v1/encode/batch", handle_genom_encode_batch, "genomEncodeBatch",
           SCHEMA_GENOM_ENCODE_BATCH, SCHEMA_GENOM_ENCODED_BATCH, "Encode up to 1,000 texts"),
    GENOM_("/v1/decode", handle_genom_decode, "genomDecode", SCHEMA_GENOM_DECODE, SCHEMA_GENOM_TEXT,
           "The text of a message"),
    GENOM_("/v1/decode/batch", handle_genom_decode_batch, "genomDecodeBatch",
           SCHEMA_GENOM_DECODE_BATCH, SCHEMA_GENOM_TEXT_BATCH, "The texts of up to 1,000 messages"),
    GENOM_("/v1/translate", handle_genom_translate, "genomTranslate", SCHEMA_GENOM_TRANSLATE,
           SCHEMA_GENOM_TRANSLATED, "A text in another of its forms"),
    GENOM_("/v1/intent", handle_genom_intent, "genomIntent", SCHEMA_GENOM_INTENT_OF,
           SCHEMA_GENOM_INTENT, "What the sender of a message wants"),
    DO_FOR_(ACCOUNT_SCOPE_GENOM, GATE_USER, "POST", "/v1/handshake", handle_genom_handshake,
            GATE_LIMIT_SMALL_BODY, "genomHandshake", SCHEMA_GENOM_HANDSHAKE, SCHEMA_GENOM_SESSION,
            "Agree on a session by X-Wing"),
    DO_FOR_(ACCOUNT_SCOPE_GENOM, GATE_USER, "POST", "/v1/encrypt", handle_genom_encrypt,
            GATE_LIMIT_GENOM_SEALED, "genomEncrypt", SCHEMA_GENOM_ENCRYPT, SCHEMA_GENOM_SEALED,
            "Seal a text in a session"),
    DO_FOR_(ACCOUNT_SCOPE_GENOM, GATE_USER, "POST", "/v1/decrypt", handle_genom_decrypt,
            GATE_LIMIT_GENOM_SEALED, "genomDecrypt", SCHEMA_GENOM_DECRYPT, SCHEMA_GENOM_TEXT,
            "Open a sealed text"),
    GET_FOR_(ACCOUNT_SCOPE_GENOM, "/v1/lookup/{word}", handle_genom_lookup, GATE_USER,
             "genomLookup", NULL, SCHEMA_GENOM_TOKEN, "The token of a word"),
    GET_FOR_(ACCOUNT_SCOPE_GENOM, "/v1/tokens", handle_genom_tokens, GATE_USER, "genomTokens",
             "limit:integer after:string", SCHEMA_GENOM_TOKENS, "The tokens by rank"),
    GET_FOR_(
        ACCOUNT_SCOPE_GENOM, "/v1/nearest", handle_genom_nearest, GATE_USER, "genomNearest",
        "word:string text:string k:integer by:string", SCHEMA_GENOM_NEAREST,
        "The tokens nearest to a word, by meaning or on the plane, or to the centroid of a text"),
    GET_FOR_(ACCOUNT_SCOPE_GENOM, "/v1/sectors", handle_genom_sectors, GATE_USER, "genomSectors",
             NULL, SCHEMA_GENOM_SECTORS, "The sectors of the plane"),
    GET_FOR_(ACCOUNT_SCOPE_GENOM, "/v1/dictionary", handle_genom_dictionary, GATE_USER,
             "genomDictionary", NULL, SCHEMA_GENOM_DICTIONARY, "The dictionary in use"),
    GET_FOR_(ACCOUNT_SCOPE_GENOM, "/v1/stats", handle_genom_stats, GATE_USER, "genomStats", NULL,
             SCHEMA_GENOM_STATS, "What was encoded since the start"),
    GET_FOR_(ACCOUNT_SCOPE_GENOM, "/v1/health", handle_genom_health, GATE_USER, "genomHealth", NULL,
             SCHEMA_GENOM_HEALTH, "Is there a dictionary?"),
    GENOM_("/api/genom/encode", handle_genom_encode, "apiGenomEncode", SCHEMA_GENOM_ENCODE,
           SCHEMA_GENOM_ENCODED, "Encode a text"),
    GENOM_("/api/genom/decode", handle_genom_decode, "apiGenomDecode", SCHEMA_GENOM_DECODE,
           SCHEMA_GENOM_TEXT, "The text of a message"),
    GET_FOR_(ACCOUNT_SCOPE_GENOM, "/api/genom/health", handle_genom_health, GATE_USER,
             "apiGenomHealth", NULL, SCHEMA_GENOM_HEALTH, "Is there a dictionary?"),

    /* --- OpenAI-compatible -------------------------------------------------------------------- */
    {.method = "POST",
     .pattern = "/v1/chat/completions",
     .handle = handle_openai_chat,
     .auth = GATE_USER,
     .scope = ACCOUNT_SCOPE_CHAT,
     .rate = GATE_RATE_ASK,
     .body_max = GATE_LIMIT_MODEL_BODY,
     .errors = GATE_OPENAI,
     .id = "createChatCompletion",
     .request_schema = SCHEMA_OPENAI_CHAT,
     .summary = "Chat completion, whole or streamed"},
    {.method = "POST",
     .pattern = "/v1/embeddings",
     .handle = handle_openai_embeddings,
     .auth = GATE_MEMBER,
     .scope = ACCOUNT_SCOPE_EMBED,
     .rate = GATE_RATE_ASK,
     .body_max = GATE_LIMIT_MODEL_BODY,
     .errors = GATE_OPENAI,
     .id = "createEmbedding",
     .request_schema = SCHEMA_OPENAI_EMBED,
     .summary = "Embed texts"},
    {.method = "GET",
     .pattern = "/v1/models",
     .handle = handle_openai_models,
     .auth = GATE_USER,
     .scope = GATE_SCOPE_ANY,
     .rate = GATE_RATE_READ,
     .errors = GATE_OPENAI,
     .id = "listModels",
     .summary = "The models of this server"},

    /* --- Accounts ----------------------------------------------------------------------------- */
    {.method = "POST",
     .pattern = "/api/auth/register",
     .handle = handle_auth_register,
     .auth = GATE_OPEN,
     .rate = GATE_RATE_LOGIN,
     .body_max = GATE_LIMIT_SMALL_BODY,
     .id = "authRegister",
     .request_schema = SCHEMA_REGISTER,
     .response_schema = SCHEMA_TOKENS,
     .summary =
         "Make an account: the owner first, with the owner's token; others with an invitation"},
    {.method = "POST",
     .pattern = "/api/auth/login",
     .handle = handle_auth_login,
     .auth = GATE_OPEN,
     .rate = GATE_RATE_LOGIN,
     .body_max = GATE_LIMIT_SMALL_BODY,
     .id = "authLogin",
     .request_schema = SCHEMA_LOGIN,
     .response_schema = SCHEMA_TOKENS,
     .summary = "Log in by e-mail and password"},
    DO_BY_(GATE_OPEN, "POST", "/api/auth/refresh", handle_auth_refresh, GATE_LIMIT_SMALL_BODY,
           "authRefresh", SCHEMA_REFRESH, SCHEMA_TOKENS,
           "The next tokens; a refresh token works once"),
    DO_("POST", "/api/auth/logout", handle_auth_logout, GATE_LIMIT_SMALL_BODY, "authLogout", NULL,
        NULL, "End the login that the access token belongs to"),
    GET_FOR_(GATE_SCOPE_ANY, "/api/auth/me", handle_auth_me, GATE_USER, "authMe", NULL,
             SCHEMA_ACCOUNT, "The account that asks"),
    MAKE_FOR_(GATE_SCOPE_NONE, true, GATE_ADMIN, GATE_KEYED_SECRET, "/api/auth/invites",
              handle_auth_invite, "authInvite", SCHEMA_INVITE, SCHEMA_INVITED,
              "An invitation to register once"),
    GET_("/api/auth/sessions", handle_auth_sessions, GATE_USER, "authSessions",
         "limit:integer after:string", SCHEMA_LOGINS, "Where the account is logged in"),
    DO_("DELETE", "/api/auth/sessions/{id}", handle_auth_session_end, 0, "authSessionEnd", NULL,
        NULL, "End one of these logins"),
    {.method = "POST",
     .pattern = "/api/auth/password",
     .handle = handle_auth_password,
     .auth = GATE_USER,
     .rate = GATE_RATE_LOGIN,
     .body_max = GATE_LIMIT_SMALL_BODY,
     .id = "authPassword",
     .request_schema = SCHEMA_PASSWORD,
     .summary = "Take another password; other logins of the account end"},
    MAKE_FOR_(GATE_SCOPE_NONE, true, GATE_PERSON, GATE_KEYED_SECRET, "/api/auth/totp",
              handle_auth_totp, "authTotp", NULL, SCHEMA_TOTP,
              "Begin a second factor: a secret for an app"),
    DO_BY_(GATE_PERSON, "POST", "/api/auth/totp/confirm", handle_auth_totp_confirm,
           GATE_LIMIT_SMALL_BODY, "authTotpConfirm", SCHEMA_TOTP_CODE, SCHEMA_TOTP_CODES,
           "Confirm it by a code; from then on logging in asks for one"),
    DO_BY_(GATE_PERSON, "POST", "/api/auth/totp/remove", handle_auth_totp_remove,
           GATE_LIMIT_SMALL_BODY, "authTotpRemove", SCHEMA_TOTP_CODE, NULL,
           "Remove the second factor, by a code of it"),
    {.method = "POST",
     .pattern = "/api/auth/step-up",
     .handle = handle_auth_step_up,
     .auth = GATE_USER,
     .rate = GATE_RATE_LOGIN,
     .body_max = GATE_LIMIT_SMALL_BODY,
     .id = "authStepUp",
     .request_schema = SCHEMA_STEP_UP,
     .summary = "Prove again who you are, for what is dangerous"},
    {.method = "POST",
     .pattern = "/api/auth/reset",
     .handle = handle_auth_reset,
     .auth = GATE_OPEN,
     .rate = GATE_RATE_LOGIN,
     .body_max = GATE_LIMIT_SMALL_BODY,
     .id = "authReset",
     .request_schema = SCHEMA_RESET,
     .summary = "Set another password with the secret of a reset; every login ends"},
    GET_("/api/auth/invites", handle_auth_invites, GATE_ADMIN, "authInvites", NULL, SCHEMA_INVITES,
         "The open invitations"),
    DO_BY_(GATE_ADMIN, "DELETE", "/api/auth/invites/{id}", handle_auth_invite_end, 0,
           "authInviteEnd", NULL, NULL, "Take an invitation back"),

    /* --- People, for those who steer ------------------------------------------------------------ */
    GET_("/api/admin/people", handle_people, GATE_ADMIN, "people",
         "limit:integer after:string q:string", SCHEMA_PEOPLE, "The accounts"),
    STEP_UP_(GATE_ADMIN, "PATCH", "/api/admin/people/{id}", handle_person_change,
             GATE_LIMIT_SMALL_BODY, "personChange", SCHEMA_PERSON_CHANGE, SCHEMA_PERSON,
             "Change the role, tier or name of an account, or disable it"),
    STEP_UP_(GATE_ADMIN, "DELETE", "/api/admin/people/{id}", handle_person_remove, 0,
             "personRemove", NULL, NULL, "Remove an account and all that is its own"),
    MAKE_FOR_(GATE_SCOPE_NONE, true, GATE_ADMIN, GATE_KEYED_SECRET, "/api/admin/people/{id}/reset",
              handle_person_reset, "personReset", NULL, SCHEMA_CODE,
              "A secret that sets another password once"),
    STEP_UP_(GATE_ADMIN, "POST", "/api/admin/people/{id}/totp/remove", handle_person_totp_remove,
             GATE_LIMIT_SMALL_BODY, "personTotpRemove", NULL, NULL,
             "Remove a second factor that was lost"),
    GET_("/api/admin/people/{id}/sessions", handle_person_sessions, GATE_ADMIN, "personSessions",
         "limit:integer after:string", SCHEMA_LOGINS, "Where an account is logged in"),
    DO_BY_(GATE_ADMIN, "DELETE", "/api/admin/people/{id}/sessions/{sid}", handle_person_session_end,
           0, "personSessionEnd", NULL, NULL, "End one of these logins"),

    /* --- API keys ----------------------------------------------------------------------------- */
    GET_("/api/keys", handle_keys_get, GATE_USER, "keys", "limit:integer after:string", SCHEMA_KEYS,
         "The API keys of the account"),
    MAKE_FOR_(GATE_SCOPE_NONE, true, GATE_USER, GATE_KEYED_SECRET, "/api/keys", handle_key_new,
              "keyNew", SCHEMA_KEY_FORM, SCHEMA_KEY_NEW,
              "Make an API key; the key itself is shown this once"),
    STEP_UP_(GATE_USER, "PATCH", "/api/keys/{id}", handle_key_change, GATE_LIMIT_SMALL_BODY,
             "keyChange", SCHEMA_KEY_CHANGE, NULL, "Name, scopes, expiry or rate of an API key"),
    DO_("DELETE", "/api/keys/{id}", handle_key_revoke, 0, "keyRevoke", NULL, NULL,
        "Revoke an API key at once"),
    GET_("/api/admin/keys", handle_admin_keys, GATE_ADMIN, "adminKeys",
         "account:string limit:integer after:string", SCHEMA_KEYS, "The API keys of all accounts"),
    DO_BY_(GATE_ADMIN, "DELETE", "/api/admin/keys/{id}", handle_admin_key_revoke, 0,
           "adminKeyRevoke", NULL, NULL, "Revoke anybody's API key"),

    /* --- What may be spent -------------------------------------------------------------------- */
    GET_FOR_(GATE_SCOPE_ANY, "/api/budgets", handle_budgets, GATE_USER, "budgets",
             "limit:integer after:string", SCHEMA_OWN_BUDGETS,
             "The budgets of the account, its keys and its team, and what its tier grants"),
    GET_FOR_(ACCOUNT_SCOPE_ADMIN, "/api/admin/budgets", handle_admin_budgets, GATE_ADMIN,
             "adminBudgets", "limit:integer after:string", SCHEMA_BUDGETS, "All budgets"),
    MAKE_FOR_(ACCOUNT_SCOPE_ADMIN, false, GATE_ADMIN, GATE_KEYED, "/api/admin/budgets",
              handle_budget_new, "budgetNew", SCHEMA_BUDGET_FORM, SCHEMA_ID, "Make a budget"),
    DO_FOR_(ACCOUNT_SCOPE_ADMIN, GATE_ADMIN, "PATCH", "/api/admin/budgets/{id}",
            handle_budget_change, GATE_LIMIT_SMALL_BODY, "budgetChange", SCHEMA_BUDGET_CHANGE, NULL,
            "Raise, lower or rename a budget, at once"),
    DO_FOR_(ACCOUNT_SCOPE_ADMIN, GATE_ADMIN, "DELETE", "/api/admin/budgets/{id}",
            handle_budget_remove, 0, "budgetRemove", NULL, NULL, "Remove a budget"),
    GET_FOR_(ACCOUNT_SCOPE_ADMIN, "/api/admin/tiers", handle_admin_tiers, GATE_ADMIN, "adminTiers",
             "limit:integer after:string", SCHEMA_TIERS, "The tiers"),
    DO_FOR_(ACCOUNT_SCOPE_ADMIN, GATE_ADMIN, "PUT", "/api/admin/tiers/{name}", handle_tier_put,
            GATE_LIMIT_SMALL_BODY, "tierPut", SCHEMA_TIER_FORM, NULL, "Make or change a tier"),
    DO_FOR_(ACCOUNT_SCOPE_ADMIN, GATE_ADMIN, "DELETE", "/api/admin/tiers/{name}",
            handle_tier_remove, 0, "tierRemove", NULL, NULL, "Remove a tier that nobody has"),
    GET_FOR_(ACCOUNT_SCOPE_ADMIN, "/api/admin/teams", handle_admin_teams, GATE_ADMIN, "adminTeams",
             "limit:integer after:string", SCHEMA_TEAMS, "The teams"),
    MAKE_FOR_(ACCOUNT_SCOPE_ADMIN, false, GATE_ADMIN, GATE_KEYED, "/api/admin/teams",
              handle_team_new, "teamNew", SCHEMA_TEAM_FORM, SCHEMA_ID, "Make a team"),
    DO_FOR_(ACCOUNT_SCOPE_ADMIN, GATE_ADMIN, "PATCH", "/api/admin/teams/{id}", handle_team_rename,
            GATE_LIMIT_SMALL_BODY, "teamRename", SCHEMA_TEAM_FORM, NULL, "Rename a team"),
    DO_FOR_(ACCOUNT_SCOPE_ADMIN, GATE_ADMIN, "DELETE", "/api/admin/teams/{id}", handle_team_remove,
            0, "teamRemove", NULL, NULL, "Remove a team and its budgets"),
    DO_FOR_(ACCOUNT_SCOPE_ADMIN, GATE_ADMIN, "PUT", "/api/admin/teams/{id}/accounts/{account}",
            handle_team_join, 0, "teamJoin", NULL, NULL, "Put an account into the team"),
    DO_FOR_(ACCOUNT_SCOPE_ADMIN, GATE_ADMIN, "DELETE", "/api/admin/teams/{id}/accounts/{account}",
            handle_team_leave, 0, "teamLeave", NULL, NULL, "Take an account out of the team"),

    /* --- Providers ---------------------------------------------------------------------------- */
    GET_("/api/admin/providers", handle_providers, GATE_ADMIN, "providers", NULL, SCHEMA_PROVIDERS,
         "Who answers on remote levels, in the order in which they are asked"),
    MAKE_FOR_(GATE_SCOPE_NONE, true, GATE_OWNER, GATE_KEYED, "/api/admin/providers",
              handle_provider_new, "providerNew", SCHEMA_PROVIDER_NEW, SCHEMA_PROVIDER,
              "Add a provider"),
    STEP_UP_(GATE_OWNER, "PATCH", "/api/admin/providers/{id}", handle_provider_change,
             GATE_LIMIT_SMALL_BODY, "providerChange", SCHEMA_PROVIDER_CHANGE, SCHEMA_PROVIDER,
             "Change a provider; models are replaced as a whole"),
    STEP_UP_(GATE_OWNER, "DELETE", "/api/admin/providers/{id}", handle_provider_remove, 0,
             "providerRemove", NULL, NULL, "Remove a provider"),
    DO_BY_(GATE_ADMIN, "POST", "/api/admin/providers/{id}/test", handle_provider_test,
           GATE_LIMIT_SMALL_BODY, "providerTest", NULL, SCHEMA_PROVIDER_TEST,
           "Ask a provider for a word: does it answer, how fast, at what cost?"),
    /* --- What is one's own ----------------------------------------------------------------------- */
    {.method = "GET",
     .pattern = "/api/auth/export",
     .handle = handle_auth_export,
     .auth = GATE_USER,
     .rate = GATE_RATE_WRITE,
     .id = "authExport",
     .response_schema = SCHEMA_EXPORT,
     .summary = "All that is stored about the account, as one document"},
    {.method = "DELETE",
     .pattern = "/api/auth/me",
     .handle = handle_auth_leave,
     .auth = GATE_USER,
     .rate = GATE_RATE_LOGIN,
     .body_max = GATE_LIMIT_SMALL_BODY,
     .id = "authLeave",
     .request_schema = SCHEMA_LEAVE,
     .summary = "Remove one's own account and all that is its own"},
    /* --- Administration ------------------------------------------------------------------------ */
    GET_("/api/admin/events", handle_admin_events, GATE_ADMIN, "adminEvents", NULL,
         SCHEMA_ADMIN_NOW,
         "What the server does now; every two seconds with Accept: text/event-stream"),
    GET_("/api/admin/overview", handle_admin_overview, GATE_ADMIN, "adminOverview", "range:string",
         SCHEMA_ADMIN_OVERVIEW,
         "Answers, latencies, tokens and requests of the last hour, day, week or month"),
    GET_("/api/admin/system", handle_admin_system, GATE_ADMIN, "adminSystem", NULL,
         SCHEMA_ADMIN_SYSTEM, "What this node is made of, part by part, and how each is"),
    GET_("/api/crawler/sources", handle_sources, GATE_ADMIN, "sources",
         "limit:integer after:string", SCHEMA_SOURCES, "What documents were learned from"),
    DO_BY_(GATE_OWNER, "POST", "/api/crawler/sources/{id}/learn", handle_source_learn,
           GATE_LIMIT_SMALL_BODY, "sourceLearn", NULL, SCHEMA_JOB_STARTED,
           "Learn a source again: what is new, changed or gone"),
    DO_BY_(GATE_ADMIN, "DELETE", "/api/crawler/sources/{id}", handle_source_forget, 0,
           "sourceForget", NULL, SCHEMA_JOB_STARTED, "Forget all documents of a source"),
    GET_("/api/crawler/jobs", handle_jobs, GATE_ADMIN, "jobs", NULL, SCHEMA_JOBS,
         "What is being learned or forgotten, and what was lately; newest first"),
    GET_("/api/admin/config", handle_admin_config, GATE_ADMIN, "adminConfig", NULL,
         SCHEMA_ADMIN_CONFIG, "The configuration in force, and where each value came from"),
    GET_("/api/admin/logs", handle_admin_logs, GATE_ADMIN, "adminLogs",
         "after:integer level:string q:string limit:integer", SCHEMA_ADMIN_LOGS,
         "The last lines of the log; new ones as they come with Accept: text/event-stream"),
    GET_("/api/admin/sprints", handle_admin_sprints, GATE_ADMIN, "adminSprints",
         "limit:integer after:string", SCHEMA_ADMIN_SPRINTS, "Sprints, the newest first"),
    DO_BY_(GATE_ADMIN, "POST", "/api/admin/sprints", handle_admin_sprint_add, GATE_LIMIT_SMALL_BODY,
           "adminSprintAdd", SCHEMA_ADMIN_SPRINT_NEW, SCHEMA_ADMIN_SPRINT, "A new sprint"),
    GET_("/api/admin/sprints/{id}", handle_admin_sprint_get, GATE_ADMIN, "adminSprint", NULL,
         SCHEMA_ADMIN_SPRINT, "A sprint with its items in their order"),
    DO_BY_(GATE_ADMIN, "PATCH", "/api/admin/sprints/{id}", handle_admin_sprint_change,
           GATE_LIMIT_SMALL_BODY, "adminSprintChange", SCHEMA_ADMIN_SPRINT_CHANGE,
           SCHEMA_ADMIN_SPRINT, "Change a sprint, as it was in that version"),
    {.method = "DELETE",
     .pattern = "/api/admin/sprints/{id}",
     .handle = handle_admin_sprint_remove,
     .auth = GATE_ADMIN,
     .rate = GATE_RATE_WRITE,
     .id = "adminSprintRemove",
     .query = "version:integer!",
     .summary = "Remove a sprint with its items"},
    DO_BY_(GATE_ADMIN, "POST", "/api/admin/sprint-items", handle_admin_item_add,
           GATE_LIMIT_SMALL_BODY, "adminItemAdd", SCHEMA_ADMIN_ITEM_NEW, SCHEMA_ADMIN_ITEM,
           "A new item of a sprint"),
    DO_BY_(GATE_ADMIN, "PATCH", "/api/admin/sprint-items/{id}", handle_admin_item_change,
           GATE_LIMIT_SMALL_BODY, "adminItemChange", SCHEMA_ADMIN_ITEM_CHANGE, SCHEMA_ADMIN_ITEM,
           "Change or move an item, as it was in that version"),
    {.method = "DELETE",
     .pattern = "/api/admin/sprint-items/{id}",
     .handle = handle_admin_item_remove,
     .auth = GATE_ADMIN,
     .rate = GATE_RATE_WRITE,
     .id = "adminItemRemove",
     .query = "version:integer!",
     .summary = "Remove an item"},
    GET_("/api/admin/costs", handle_admin_costs, GATE_ADMIN, "adminCosts",
         "range:string limit:integer after:string", SCHEMA_ADMIN_COSTS,
         "Costs from elsewhere, by day and service"),
    {.method = "POST",
     .pattern = "/api/admin/costs",
     .handle = handle_admin_costs_import,
     .auth = GATE_ADMIN,
     .rate = GATE_RATE_WRITE,
     .body_max = ACCOUNT_LIMIT_COST_FILE,
     .id = "adminCostsImport",
     .query = "name:string",
     .request_schema = SCHEMA_CSV,
     .response_schema = SCHEMA_ADMIN_IMPORT,
     .summary = "Import costs: CSV with date, service, amount, currency, or of AWS Cost Explorer"},
    GET_("/api/admin/cost-imports", handle_admin_cost_imports, GATE_ADMIN, "adminCostImports",
         "limit:integer", SCHEMA_ADMIN_IMPORTS, "Imports of costs, the newest first"),
    DO_BY_(GATE_ADMIN, "DELETE", "/api/admin/cost-imports/{id}", handle_admin_costs_undo, 0,
           "adminCostsUndo", NULL, NULL, "Undo the newest import"),
    GET_("/api/admin/usage", handle_admin_usage, GATE_ADMIN, "adminUsage",
         "range:string by:string limit:integer", SCHEMA_ADMIN_USAGE,
         "Answers, tokens and cost by day, user, model or level"),
    GET_("/api/admin/votes", handle_admin_votes, GATE_ADMIN, "adminVotes",
         "limit:integer before:string", SCHEMA_ADMIN_VOTES, "Answers that were voted down"),
    DO_BY_(GATE_ADMIN, "DELETE", "/api/admin/cache/{id}", handle_admin_cache_remove, 0,
           "adminCacheRemove", NULL, NULL, "Remove one answer from the cache"),
    GET_("/api/admin/prompt", handle_admin_prompt, GATE_ADMIN, "adminPrompt", NULL,
         SCHEMA_ADMIN_PROMPT, "The system prompt in force"),
    DO_BY_(GATE_ADMIN, "PUT", "/api/admin/prompt", handle_admin_prompt_save, GATE_LIMIT_SMALL_BODY,
           "adminPromptSave", SCHEMA_ADMIN_PROMPT_SAVE, SCHEMA_ADMIN_PROMPT,
           "Save another one: it holds from the next question on"),
    GET_("/api/admin/prompt/versions", handle_admin_prompt_versions, GATE_ADMIN,
         "adminPromptVersions", "limit:integer before:integer", SCHEMA_ADMIN_PROMPT_VERSIONS,
         "Its versions, the newest first; 0 is the program's own"),
    DO_BY_(GATE_ADMIN, "POST", "/api/admin/prompt/restore", handle_admin_prompt_restore,
           GATE_LIMIT_SMALL_BODY, "adminPromptRestore", SCHEMA_ADMIN_PROMPT_RESTORE,
           SCHEMA_ADMIN_PROMPT, "Save an older version again"),
    {.method = "POST",
     .pattern = "/api/admin/prompt/preview",
     .handle = handle_admin_prompt_preview,
     .auth = GATE_ADMIN,
     .rate = GATE_RATE_ASK,
     .body_max = GATE_LIMIT_SMALL_BODY,
     .id = "adminPromptPreview",
     .request_schema = SCHEMA_ADMIN_PROMPT_TRY,
     .response_schema = SCHEMA_ADMIN_PROMPT_TRIED,
     .summary = "Ask one question with a text that is not saved; nothing of it is kept"},
    GET_("/api/admin/prices", handle_admin_prices, GATE_ADMIN, "adminPrices", NULL,
         SCHEMA_ADMIN_PRICES, "What tokens of local models cost"),
    DO_BY_(GATE_ADMIN, "PUT", "/api/admin/prices", handle_admin_price_set, GATE_LIMIT_SMALL_BODY,
           "adminPriceSet", SCHEMA_ADMIN_PRICE, NULL, "Set the price of a local model"),
    GET_("/api/admin/levels", handle_admin_levels, GATE_ADMIN, "adminLevels", NULL,
         SCHEMA_ADMIN_LEVELS, "Which levels can answer now, and why the others cannot"),

    /* --- Audit ---------------------------------------------------------------------------------- */
    GET_("/api/admin/audit", handle_audit, GATE_ADMIN, "audit",
         "limit:integer before:string act:string actor:string", SCHEMA_AUDIT,
         "What was done, the newest first; as a table with Accept: text/csv"),
    {.method = "GET",
     .pattern = "/api/admin/audit/verify",
     .handle = handle_audit_verify,
     .auth = GATE_ADMIN,
     .rate = GATE_RATE_WRITE,
     .id = "auditVerify",
     .response_schema = SCHEMA_AUDIT_REPORT,
     .summary = "Is the audit log as it was written? Reads all of it"},
    DO_BY_(GATE_OWNER, "POST", "/api/admin/audit", handle_audit_add, GATE_LIMIT_SMALL_BODY,
           "auditAdd", SCHEMA_AUDIT_ADD, NULL, "Write down that the owner's token was printed"),
};
const size_t gate_route_count = sizeof gate_routes / sizeof *gate_routes;
