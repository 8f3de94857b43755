/* describe.c: see describe.h. */
#include "gate/describe.h"

#include "core/limits.h"

/* JSON written as it is. */
#define J(...) #__VA_ARGS__

#define USER                                                                                       \
    J({                                                                                            \
        "id" : "owner",                                                                            \
        "email" : "ann@example.org",                                                               \
        "name" : "Ann",                                                                            \
        "role" : "owner",                                                                          \
        "tier" : "owner"                                                                           \
    })
#define TOKENS                                                                                     \
    "{\"user\":" USER ",\"access_token\":\"eyJ0eXAiOiJKV1Qi…\",\"refresh_token\":\"skr_…\","       \
    "\"expires_in\":900}"
#define TOKEN                                                                                      \
    J({                                                                                            \
        "token_id" : "T-00847",                                                                    \
        "hex" : "0x034F",                                                                          \
        "canonical" : "hello",                                                                     \
        "sector" : "social",                                                                       \
        "quadrant" : 2,                                                                            \
        "r" : 1.1,                                                                                 \
        "theta" : 2.4871,                                                                          \
        "phase" : 0,                                                                               \
        "inferred" : false                                                                         \
    })
#define ENCODED                                                                                    \
    "{\"genom_message\":\"GENOM|NOD1|…|MSG|…\",\"intent\":{\"symbol\":\"👋\",\"name\":"            \
    "\"greeting\",\"confidence\":0.98},\"tokens\":[" TOKEN "],\"token_count\":1,"                  \
    "\"tokens_cut\":false,\"compression_ratio\":0.68,\"mode\":\"fast\",\"input_bytes\":5,"         \
    "\"binary_bytes\":4,\"binary\":\"R0VOTQ==\"}"
#define DOCUMENT                                                                                   \
    "\"id\":\"01m8desyazyg6rff0000000003\",\"document\":\"/srv/papers/printer.txt\","              \
    "\"title\":\"Printer\",\"mime\":\"text/plain\",\"bytes\":812,\"chunks\":2,\"vectors\":2,"      \
    "\"learned_at\":\"2026-11-27T02:54:27.684Z\""
#define RESULTS                                                                                    \
    J({                                                                                            \
        "results" : [ {                                                                            \
            "document" : "/srv/papers/printer.txt",                                                \
            "document_id" : "01m8desyazyg6rff0000000003",                                          \
            "title" : "Printer",                                                                   \
            "location" : "line 3",                                                                 \
            "score" : 0.82,                                                                        \
            "text" : "It listens on port 9100.",                                                   \
            "start" : 120,                                                                         \
            "end" : 144                                                                            \
        } ]                                                                                        \
    })
#define PERSON                                                                                     \
    J({                                                                                            \
        "id" : "01m8desyazyg6rff0000000003",                                                       \
        "email" : "bob@example.org",                                                               \
        "name" : "Bob",                                                                            \
        "role" : "member",                                                                         \
        "tier" : "free",                                                                           \
        "created_at" : "2026-11-27T02:54:27.684Z",                                                 \
        "last_used_at" : null,                                                                     \
        "disabled" : false,                                                                        \
        "totp" : false                                                                             \
    })
#define LOGIN                                                                                      \
    J({                                                                                            \
        "id" : "01m8desyazyg6rff0000000003",                                                       \
        "agent" : "curl/8.5",                                                                      \
        "address" : "192.0.2.1",                                                                   \
        "created_at" : "2026-11-27T02:54:27.684Z",                                                 \
        "used_at" : "2026-11-27T02:54:27.684Z",                                                    \
        "current" : false                                                                          \
    })
#define KEY                                                                                        \
    J({                                                                                            \
        "id" : "01m8desyazyg6rff0000000003",                                                       \
        "account" : "owner",                                                                       \
        "name" : "backup",                                                                         \
        "scopes" : [ "chat", "knowledge" ],                                                        \
        "per_minute" : null,                                                                       \
        "created_at" : "2026-11-27T02:54:27.684Z",                                                 \
        "expires_at" : null,                                                                       \
        "used_at" : null                                                                           \
    })
#define BUDGET                                                                                     \
    J({                                                                                            \
        "id" : "01m8desyazyg6rff0000000003",                                                       \
        "name" : "Month",                                                                          \
        "kind" : "all",                                                                            \
        "subject" : "",                                                                            \
        "level" : null,                                                                            \
        "unit" : "money",                                                                          \
        "period" : "month",                                                                        \
        "limit" : 20000000,                                                                        \
        "spent" : 1500000,                                                                         \
        "reserved" : 0,                                                                            \
        "resets_at" : "2026-12-01T00:00:00.000Z",                                                  \
        "created_at" : "2026-11-27T02:54:27.684Z"                                                  \
    })
#define TIER                                                                                       \
    J({                                                                                            \
        "name" : "free",                                                                           \
        "level_max" : "L2",                                                                        \
        "ask_per_minute" : 20,                                                                     \
        "read_per_minute" : 1200,                                                                  \
        "write_per_minute" : 120,                                                                  \
        "tokens_per_day" : 200000,                                                                 \
        "microusd_per_month" : 0,                                                                  \
        "keys" : 2,                                                                                \
        "body_bytes" : 1048576                                                                     \
    })
#define PROVIDER                                                                                   \
    J({                                                                                            \
        "id" : "01m8desyazyg6rff0000000003",                                                       \
        "name" : "cloud",                                                                          \
        "base_url" : "https://api.example.com/v1",                                                 \
        "key" : "env:CLOUD_KEY",                                                                   \
        "key_problem" : null,                                                                      \
        "rank" : 0,                                                                                \
        "enabled" : true,                                                                          \
        "state" : "closed",                                                                        \
        "timeout_first_ms" : 10000,                                                                \
        "timeout_ms" : 60000,                                                                      \
        "calls_max" : 8,                                                                           \
        "stop_tokens" : null,                                                                      \
        "models" : [ {                                                                             \
            "name" : "small",                                                                      \
            "level" : "L3",                                                                        \
            "price_in" : 150000,                                                                   \
            "price_out" : 600000,                                                                  \
            "context" : 128000,                                                                    \
            "output_max" : 1024                                                                    \
        } ]                                                                                        \
    })
#define AUDIT_ROW                                                                                  \
    J({                                                                                            \
        "seq" : 7,                                                                                 \
        "at" : "2026-11-27T02:54:27.684Z",                                                         \
        "act" : "login.ok",                                                                        \
        "outcome" : "ok",                                                                          \
        "actor" : {                                                                                \
            "id" : "owner",                                                                        \
            "name" : "Ann",                                                                        \
            "login" : "01m8desyazyg6rff0000000003",                                                \
            "key" : "",                                                                            \
            "address" : "192.0.2.1",                                                               \
            "request" : "01m8desyazyg6rff0000000004"                                               \
        },                                                                                         \
        "object" : "01m8desyazyg6rff0000000003",                                                   \
        "detail" : {}                                                                              \
    })
#define DECODE_PROBLEMS "422:not-a-message 422:unknown-dictionary 422:not-decodable "
#define GENOM_PROBLEMS "503:no-dictionary 503:damaged-dictionary"

static const struct gate_description descriptions[] = {
    {.id = "health", .answer = J({"status" : "ok"})},
    {.id = "wellKnown", .answer = J({
                            "product" : "skynet",
                            "version" : "0.1.0",
                            "nod" : 1,
                            "keys" : {"ed25519" : "MCowBQYDK2Vw…", "certificate_sha256" : "5f1c…"}
                        })},
    {.id = "login",
     .text =
         "For browsers: goes on to the chat page, or to where it is said that the address is spent.",
     .status = 303},
    {.id = "sessionNew",
     .text = "The answer sets the cookie sky_session.",
     .request = J({"token" : "sky_…"}),
     .problems = "401:wrong-token 403:cross-origin"},
    {.id = "status", .answer = J({
                         "version" : "0.1.0",
                         "nod" : 1,
                         "uptime_s" : 86400,
                         "degraded" : false,
                         "levels" : [ "L0", "L1", "L2" ],
                         "store" : "sqlite",
                         "knowledge" : {"documents" : 3, "chunks" : 40, "vectors" : 40},
                         "learning" : {
                             "active" : false,
                             "vectors_pending" : 0,
                             "second_pending" : 0,
                             "rate_s" : 0,
                             "eta_s" : 0
                         }
                     })},
    {.id = "checks",
     .answer = J({"checks" : [ {"check" : "store", "ok" : true, "detail" : "intact"} ]})},
    {.id = "nodes", .answer = J({
                        "nodes" : [ {
                            "id" : "NOD1",
                            "nod" : 1,
                            "class" : "S",
                            "role" : "hub",
                            "multiplier" : 2,
                            "state" : "online",
                            "started_at" : "2026-11-27T02:54:27.684Z",
                            "uptime_s" : 86400,
                            "host" : "attic",
                            "cores" : 4,
                            "memory_bytes" : 8589934592,
                            "version" : "0.1.0"
                        } ],
                        "next" : null
                    })},
    {.id = "metrics",
     .type = "text/plain; version=0.0.4; charset=utf-8",
     .answer = "# TYPE sky_documents gauge\nsky_documents 3\n"},
    {.id = "openapi", .type = "application/json", .unchanged = true},
    {.id = "sessionGet",
     .answer = J({
         "id" : "owner",
         "email" : "ann@example.org",
         "name" : "Ann",
         "role" : "owner",
         "tier" : "owner",
         "totp" : true,
         "totp_required" : true,
         "account" : true
     }),
     .problems = "401:wrong-credentials"},
    {.id = "sessionEnd"},
    {.id = "sessionCode", .answer = J({"path" : "/login?code=x9v5t4…", "expires_in" : 86400})},
    {.id = "chatMessage",
     .text =
         "With \"stream\": true the answer comes as server-sent events: start, sources, token …, done; or, where it could not "
         "be finished, error with a problem: /problems/answer-failed or /problems/budget-exceeded.",
     .also = "text/event-stream",
     .request = J({"message" : "Which port does the printer use?", "level_max" : "L2"}),
     .answer = J({
         "conversation_id" : "01m8desyazyg6rff0000000003",
         "message_id" : "01m8desyazyg6rff0000000004",
         "answer" : "The printer listens on port 9100.",
         "answered" : true,
         "kept" : true,
         "receipt" : {
             "level" : "L1",
             "brand" : "SkyAI Standard",
             "why_stopped" : "answered",
             "tokens_in" : 12,
             "tokens_out" : 9,
             "cost_microusd" : 0,
             "latency_ms" : 12,
             "first_token_ms" : 12,
             "cached" : false,
             "node" : "NOD1",
             "sources" : []
         }
     }),
     .problems = "404:not-found 409:changed 413:too-large 429:too-many-requests"},
    {.id = "chatVote",
     .request = J({"message_id" : "01m8desyazyg6rff0000000004", "vote" : 1}),
     .problems = "404:not-found"},
    {.id = "history",
     .text =
         "Without conversation_id the conversations, the last used first; with it, its messages in order.",
     .answer = J({
         "conversations" : [ {
             "id" : "01m8desyazyg6rff0000000003",
             "title" : "The printer",
             "created_at" : "2026-11-27T02:54:27.684Z",
             "updated_at" : "2026-11-27T02:54:27.684Z",
             "messages" : 2
         } ],
         "next" : null
     }),
     .problems = "404:not-found"},
    {.id = "historyRemove"},
    {.id = "historyRename", .status = 200, .request = J({"title" : "The printer"})},
    {.id = "search", .answer = RESULTS},
    {.id = "knowledge", .answer = RESULTS},
    {.id = "documents", .answer = "{\"documents\":[{" DOCUMENT "}],\"next\":null}"},
    {.id = "documentGet",
     .answer = "{" DOCUMENT ",\"text\":\"It listens on port 9100.\",\"headings\":[]}"},
    {.id = "documentRemove"},
    {.id = "learn",
     .text = "Paths are read by the server itself; a document sent as the body needs `name`.",
     .status = 202,
     .takes = "application/octet-stream",
     .request = J({"paths" : ["/srv/papers"]}),
     .answer = J({"job_id" : "01m8desyazyg6rff0000000003"}),
     .problems = "400:empty-document 404:not-found 503:busy"},
    {.id = "jobGet", .also = "text/event-stream", .answer = J({
                                                      "id" : "01m8desyazyg6rff0000000003",
                                                      "state" : "running",
                                                      "phase" : "reading",
                                                      "files_total" : 3,
                                                      "files_done" : 1,
                                                      "added" : 1,
                                                      "updated" : 0,
                                                      "unchanged" : 0,
                                                      "removed" : 0,
                                                      "duplicates" : 0,
                                                      "failed" : 0,
                                                      "skipped" : 0,
                                                      "bytes_done" : 812,
                                                      "rate_files_s" : 2,
                                                      "eta_s" : 1,
                                                      "errors" : []
                                                  })},
    {.id = "jobCancel"},

    {.id = "genomEncode",
     .request = J({"text" : "hello", "mode" : "fast"}),
     .answer = ENCODED,
     .problems = GENOM_PROBLEMS},
    {.id = "apiGenomEncode",
     .request = J({"text" : "hello", "mode" : "fast"}),
     .answer = ENCODED,
     .problems = GENOM_PROBLEMS},
    {.id = "genomEncodeBatch",
     .request = J({"items" : [ {"text" : "hello"} ]}),
     .answer = "{\"results\":[" ENCODED "]}",
     .problems = GENOM_PROBLEMS},
    {.id = "genomDecode",
     .request = J({"genom_message" : "GENOM|NOD1|…|MSG|…"}),
     .answer = J({"text" : "hello"}),
     .problems = DECODE_PROBLEMS GENOM_PROBLEMS},
    {.id = "apiGenomDecode",
     .request = J({"genom_message" : "GENOM|NOD1|…|MSG|…"}),
     .answer = J({"text" : "hello"}),
     .problems = DECODE_PROBLEMS GENOM_PROBLEMS},
    {.id = "genomDecodeBatch",
     .request = J({"items" : [ {"genom_message" : "GENOM|NOD1|…|MSG|…"} ]}),
     .answer = J({"results" : [ {"text" : "hello"} ]}),
     .problems = DECODE_PROBLEMS GENOM_PROBLEMS},
    {.id = "genomTranslate",
     .request = J({"from" : "text", "to" : "ids", "value" : "hello"}),
     .answer = J({"value" : [847]}),
     .problems = "422:unknown-token 422:not-utf-8 " DECODE_PROBLEMS GENOM_PROBLEMS},
    {.id = "genomIntent",
     .request = J({"text" : "hello"}),
     .answer = J({"symbol" : "👋", "name" : "greeting", "confidence" : 0.98}),
     .problems = GENOM_PROBLEMS},
    {.id = "genomHandshake",
     .request = J({"kem" : "x-wing", "public_key" : "q83vEjRWeJA="}),
     .answer = J({
         "session_id" : "01m8desyazyg6rff0000000003",
         "ciphertext" : "q83vEjRWeJA=",
         "identity" : "q83vEjRWeJA=",
         "signature" : "q83vEjRWeJA=",
         "expires_in" : 3600
     }),
     .problems = "422:bad-key " GENOM_PROBLEMS},
    {.id = "genomEncrypt",
     .request = J({"session_id" : "01m8desyazyg6rff0000000003", "text" : "hello"}),
     .answer = J({"sealed" : "q83vEjRWeJA=", "counter" : 1}),
     .problems = "404:no-session 422:bad-key " GENOM_PROBLEMS},
    {.id = "genomDecrypt",
     .request = J({"session_id" : "01m8desyazyg6rff0000000003", "sealed" : "q83vEjRWeJA="}),
     .answer = J({"text" : "hello"}),
     .problems =
         "404:no-session 409:replay 409:out-of-order 422:not-opened 422:not-decodable 422:bad-key " GENOM_PROBLEMS},
    {.id = "genomLookup", .answer = TOKEN, .problems = "404:unknown-word " GENOM_PROBLEMS},
    {.id = "genomToken",
     .text = "An id as answers have it, T-00847 or 0x034F, or as a number, 847.",
     .answer = TOKEN,
     .problems = GENOM_PROBLEMS},
    {.id = "genomTokens",
     .answer = "{\"tokens\":[" TOKEN "],\"next\":\"T-00848\"}",
     .problems = GENOM_PROBLEMS},
    {.id = "genomNearest",
     .answer = "{\"token\":" TOKEN ",\"by\":\"meaning\",\"results\":[]}",
     .problems = "404:unknown-word " GENOM_PROBLEMS},
    {.id = "genomSectors",
     .answer = J({
         "sectors" : [ {
             "name" : "social",
             "quadrant" : 2,
             "tokens" : 4000,
             "theta_from" : 2.3562,
             "theta_to" : 2.618
         } ]
     }),
     .problems = GENOM_PROBLEMS},
    {.id = "genomDictionary",
     .answer = J({
         "id" : "1f6a…",
         "version" : 1,
         "tokens" : 1000000,
         "bytes" : 61000000,
         "sectors" : 24,
         "languages" : [ "en", "de" ],
         "licence" : "CC-BY-SA-4.0"
     }),
     .problems = GENOM_PROBLEMS},
    {.id = "genomStats", .answer = J({
                             "encoded" : 12,
                             "decoded" : 3,
                             "input_bytes" : 900,
                             "binary_bytes" : 610,
                             "compression_ratio" : 0.68
                         })},
    {.id = "genomHealth", .answer = J({"status" : "ok", "dictionary" : "1f6a…"})},
    {.id = "apiGenomHealth", .answer = J({"status" : "ok", "dictionary" : "1f6a…"})},

    {.id = "createChatCompletion",
     .type = "application/json",
     .also = "text/event-stream",
     .request = J({
         "model" : "skyai",
         "messages" : [ {"role" : "user", "content" : "Which port does the printer use?"} ]
     }),
     .answer = J({
         "id" : "chatcmpl-01m8desyazyg6rff0000000003",
         "object" : "chat.completion",
         "created" : 1795748067,
         "model" : "skyai",
         "choices" : [ {
             "index" : 0,
             "message" : {"role" : "assistant", "content" : "Port 9100.", "refusal" : null},
             "logprobs" : null,
             "finish_reason" : "stop"
         } ],
         "usage" : {"prompt_tokens" : 12, "completion_tokens" : 4, "total_tokens" : 16}
     }),
     .problems = "404:model-not-found 413:too-large 415:unsupported 503:no-model"},
    {.id = "createEmbedding",
     .type = "application/json",
     .request = J({"model" : "skyai-embed", "input" : "Which port does the printer use?"}),
     .answer = J({
         "object" : "list",
         "model" : "skyai-embed",
         "data" : [ {"object" : "embedding", "index" : 0, "embedding" : [ 0.1, -0.2 ]} ],
         "usage" : {"prompt_tokens" : 8, "total_tokens" : 8}
     }),
     .problems = "404:model-not-found 413:too-large 503:no-model"},
    {.id = "listModels",
     .type = "application/json",
     .answer = J({
         "object" : "list",
         "data" :
             [ {"id" : "skyai", "object" : "model", "created" : 1795748067, "owned_by" : "skynet"} ]
     })},
    {.id = "retrieveModel",
     .type = "application/json",
     .answer = J(
         {"id" : "skyai", "object" : "model", "created" : 1795748067, "owned_by" : "skynet"}),
     .problems = "404:model-not-found"},

    {.id = "authRegister",
     .text =
         "The first account is the owner's: send the owner's token as bearer. Everybody else needs an "
         "invitation, unless registration is open.",
     .status = 201,
     .request = J(
         {"email" : "ann@example.org", "password" : "correct horse battery", "name" : "Ann"}),
     .answer = TOKENS,
     .problems = "403:registration-closed 403:cross-origin 403:no-login 409:email-taken "
                 "429:too-many-tries"},
    {.id = "authLogin",
     .text =
         "No answer says whether an account exists. With \"session\": true a browser gets the cookie "
         "sky_session instead of tokens.",
     .request = J({"email" : "ann@example.org", "password" : "correct horse battery"}),
     .answer = TOKENS,
     .problems = "401:wrong-credentials 401:totp-required 403:cross-origin 403:no-login "
                 "429:too-many-tries"},
    {.id = "authRefresh",
     .text = "A token that comes a second time ends the login: two hold it.",
     .request = J({"refresh_token" : "skr_…"}),
     .answer = TOKENS,
     .problems = "401:wrong-credentials"},
    {.id = "authLogout"},
    {.id = "authMe", .answer = USER, .problems = "401:wrong-credentials"},
    {.id = "authInvite",
     .status = 201,
     .request = J({"role" : "member"}),
     .answer = J({"invite" : "ski_…", "role" : "member", "expires_in" : 604800}),
     .problems = "409:too-many-invites"},
    {.id = "authSessions", .answer = J({
                               "sessions" : [ {
                                   "id" : "01m8desyazyg6rff0000000003",
                                   "agent" : "curl/8.5",
                                   "address" : "192.0.2.1",
                                   "created_at" : "2026-11-27T02:54:27.684Z",
                                   "used_at" : "2026-11-27T02:54:27.684Z",
                                   "current" : true
                               } ],
                               "next" : null
                           })},
    {.id = "authSessionEnd"},
    {.id = "authPassword",
     .request = J({"password" : "correct horse battery", "new_password" : "another horse battery"}),
     .problems = "403:wrong-password 404:not-found 429:too-many-tries"},
    {.id = "authTotp",
     .status = 201,
     .answer = J({
         "secret" : "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
         "uri" : "otpauth://totp/sky:ann@example.org?secret=JBSW…&issuer=sky"
     }),
     .problems = "404:no-totp 409:totp-on"},
    {.id = "authTotpConfirm",
     .request = J({"totp" : "123456"}),
     .answer = J({"recovery_codes" : ["x9v5-t43e-en3b-jmnm-x9v5-t43e"]}),
     .problems = "403:wrong-code 404:no-totp 409:totp-on 429:too-many-tries"},
    {.id = "authTotpRemove",
     .request = J({"totp" : "123456"}),
     .problems = "403:wrong-code 404:no-totp 429:too-many-tries"},

    {.id = "authStepUp",
     .text =
         "By a code where the account has a second factor, else by the password; it holds for ten minutes.",
     .request = J({"totp" : "123456"}),
     .problems = "403:wrong-code 403:wrong-password 403:no-login 404:not-found 429:too-many-tries"},
    {.id = "authReset",
     .request = J({"token" : "skp_…", "password" : "another horse battery"}),
     .problems = "403:wrong-reset 429:too-many-tries"},
    {.id = "authInvites",
     .text = "Their codes nobody knows.",
     .answer = J({
         "invites" : [ {
             "id" : "5f1c8a0b3d2e4f60",
             "role" : "member",
             "created_by" : "owner",
             "created_at" : "2026-11-27T02:54:27.684Z",
             "expires_at" : "2026-12-04T02:54:27.684Z"
         } ]
     })},
    {.id = "authInviteEnd"},
    {.id = "people", .answer = "{\"people\":[" PERSON "],\"next\":null}"},
    {.id = "personChange",
     .text =
         "Administrators change members, guests and agents, and themselves only in name; only the owner gives or takes the tier owner.",
     .request = J({"tier" : "pro"}),
     .answer = PERSON,
     .problems = "409:changed"},
    {.id = "personRemove"},
    {.id = "personReset",
     .text = "Give the address to whoever lost the password.",
     .status = 201,
     .answer = J({"path" : "/#reset=skp_…", "expires_in" : 3600})},
    {.id = "personTotpRemove"},
    {.id = "personSessions", .answer = "{\"sessions\":[" LOGIN "],\"next\":null}"},
    {.id = "personSessionEnd"},
    {.id = "keys", .answer = "{\"keys\":[" KEY "],\"next\":null}"},
    {.id = "keyNew",
     .status = 201,
     .request = J({"name" : "backup", "scopes" : [ "chat", "knowledge" ]}),
     .answer = J({"id" : "01m8desyazyg6rff0000000003", "key" : "sky-01m8desyazyg6rff0000000003-…"}),
     .problems = "409:limit-reached"},
    {.id = "keyChange", .request = J({"scopes" : ["chat"], "per_minute" : 60})},
    {.id = "keyRevoke"},
    {.id = "adminKeys", .answer = "{\"keys\":[" KEY "],\"next\":null}"},
    {.id = "adminKeyRevoke"},
    {.id = "budgets", .answer = "{\"budgets\":[" BUDGET "],\"next\":null,\"tier\":" J({
                          "name" : "free",
                          "level_max" : "L2",
                          "ask_per_minute" : 20,
                          "read_per_minute" : 1200,
                          "write_per_minute" : 120,
                          "tokens_per_day" : 200000,
                          "microusd_per_month" : 0,
                          "keys" : 2,
                          "body_bytes" : 1048576,
                          "tokens_used" : 1200,
                          "microusd_used" : 0,
                          "day_resets_at" : "2026-11-28T00:00:00.000Z",
                          "month_resets_at" : "2026-12-01T00:00:00.000Z"
                      }) "}"},
    {.id = "adminBudgets",
     .text = "Money is in millionths of a US dollar.",
     .answer = "{\"budgets\":[" BUDGET "],\"next\":null}"},
    {.id = "budgetNew",
     .text =
         "subject is whose it is: the id of an account, a key or a team. Money is in millionths of a US dollar.",
     .status = 201,
     .request = J({
         "name" : "Month",
         "kind" : "all",
         "unit" : "money",
         "period" : "month",
         "limit" : 20000000
     }),
     .answer = J({"id" : "01m8desyazyg6rff0000000003"}),
     .problems = "409:limit-reached"},
    {.id = "budgetChange", .request = J({"limit" : 30000000})},
    {.id = "budgetRemove"},
    {.id = "adminTiers", .answer = "{\"tiers\":[" TIER "],\"next\":null}"},
    {.id = "tierPut",
     .text = "What is absent or null has no limit.",
     .request = J({
         "level_max" : "L2",
         "ask_per_minute" : 20,
         "read_per_minute" : 1200,
         "write_per_minute" : 120,
         "tokens_per_day" : 200000,
         "microusd_per_month" : 0,
         "keys" : 2,
         "body_bytes" : 1048576
     }),
     .problems = "409:limit-reached"},
    {.id = "tierRemove", .problems = "409:in-use"},
    {.id = "adminTeams", .answer = J({
                             "teams" : [ {
                                 "id" : "01m8desyazyg6rff0000000003",
                                 "name" : "crew",
                                 "accounts" : 3,
                                 "created_at" : "2026-11-27T02:54:27.684Z"
                             } ],
                             "next" : null
                         })},
    {.id = "teamNew",
     .status = 201,
     .request = J({"name" : "crew"}),
     .answer = J({"id" : "01m8desyazyg6rff0000000003"}),
     .problems = "409:limit-reached 409:name-taken"},
    {.id = "teamRename", .request = J({"name" : "crew 2"}), .problems = "409:name-taken"},
    {.id = "teamRemove"},
    {.id = "teamMembers",
     .answer = J({
         "accounts" :
             [ {"id" : "01m8desyazyg6rff0000000003", "email" : "ann@example.org", "name" : "Ann"} ],
         "next" : null
     }),
     .problems = "404:not-found"},
    {.id = "teamJoin"},
    {.id = "teamLeave"},
    {.id = "providers", .answer = "{\"providers\":[" PROVIDER "]}"},
    {.id = "providerNew",
     .text =
         "key names where the key is: env:NAME, a variable of the server, or file:/path, a file of mode 0600. Prices are in millionths of a US dollar a million tokens.",
     .status = 201,
     .request = J({
         "name" : "cloud",
         "base_url" : "https://api.example.com/v1",
         "key" : "env:CLOUD_KEY",
         "models" : [ {"name" : "small", "price_in" : 150000, "price_out" : 600000} ]
     }),
     .answer = PROVIDER,
     .problems = "409:name-taken 409:too-many-providers"},
    {.id = "providerChange",
     .request = J({"enabled" : false}),
     .answer = PROVIDER,
     .problems = "409:name-taken"},
    {.id = "providerRemove"},
    {.id = "providerTest",
     .answer = J({
         "ok" : true,
         "error" : null,
         "http_status" : 200,
         "latency_ms" : 310,
         "tokens_in" : 9,
         "tokens_out" : 1,
         "cost_microusd" : 2
     }),
     .problems = "402:budget-exceeded 429:too-many-requests"},
    {.id = "authExport",
     .text = "It comes in pieces, however long it is.",
     .answer = J({
         "account" : {
             "id" : "01m8desyazyg6rff0000000003",
             "email" : "bob@example.org",
             "name" : "Bob",
             "role" : "member",
             "tier" : "free",
             "totp" : false,
             "created_at" : "2026-11-27T02:54:27.684Z"
         },
         "logins" : [ {
             "id" : "01m8desyazyg6rff0000000003",
             "agent" : "curl/8.5",
             "address" : "192.0.2.1",
             "created_at" : "2026-11-27T02:54:27.684Z",
             "used_at" : "2026-11-27T02:54:27.684Z",
             "current" : false
         } ],
         "keys" : [],
         "conversations" : [],
         "telemetry" : []
     }),
     .problems = "401:wrong-credentials"},
    {.id = "authChange",
     .text = "Another address wants a proof of the last ten minutes (403 step-up-required).",
     .request = J({"name" : "Ann", "email" : "ann@example.org"}),
     .answer = USER,
     .problems = "403:step-up-required 404:no-account 409:email-taken 409:changed"},
    {.id = "authLeave",
     .request = J({"password" : "correct horse battery"}),
     .problems =
         "403:wrong-password 403:wrong-code 403:owner-last 404:no-account 429:too-many-tries"},

    {.id = "audit", .also = "text/csv", .answer = "{\"audit\":[" AUDIT_ROW "],\"next\":null}"},
    {.id = "auditVerify",
     .answer = J({
         "ok" : true,
         "rows" : 7,
         "first" : 1,
         "last" : 7,
         "head" : "ce002fc8212e2584f25299fb1dc7015f874f799011120ab8e88d998f378fa817",
         "bad" : null,
         "what" : null
     })},
    {.id = "auditAdd", .request = J({"act" : "token.printed", "uid" : 1000})},
};

static const struct gate_description *find(const struct gate_description *all, size_t count,
                                           const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(all[i].id, id))
            return &all[i];
    return NULL;
}

const struct gate_description *gate_describe(const char *id)
{
    const struct gate_description *found = find(descriptions,
                                                sizeof descriptions / sizeof *descriptions, id);
    return found ? found : find(gate_descriptions_admin, gate_description_admin_count, id);
}
