/* describe_admin.c: what /openapi.json says of the routes of the dashboard; see describe.h. */
#include "gate/describe.h"

/* JSON written as it is. */
#define J(...) #__VA_ARGS__
/* The state of the backups, with what it says of the one that is being made. */
#define BACKUPS(...)                                                                               \
    "{\"every_h\":24,\"keep\":7,\"folder\":\"/srv/sky/backups\",\"sealed\":false," #__VA_ARGS__    \
    ",\"last_at\":\"2026-11-27T02:54:27.684Z\",\"last_age_s\":3605,\"last_bytes\":143148,"         \
    "\"last_took_s\":0.4,\"failed_at\":null,\"failure\":null,\"files\":[" J({                      \
        "name" : "sky-8d1f02ac-20261127-025427-684.skybak",                                        \
        "bytes" : 143148,                                                                          \
        "created_at" : "2026-11-27T02:54:27.684Z",                                                 \
        "schema" : 11,                                                                             \
        "engine" : "sqlite",                                                                       \
        "sealed" : false,                                                                          \
        "keys" : false,                                                                            \
        "scheduled" : true                                                                         \
    }) "]}"

const struct gate_description gate_descriptions_admin[] = {
    {.id = "adminEvents",
     .text = "One object, or one every two seconds for as long as somebody looks.",
     .also = "text/event-stream",
     .answer = J({
         "at" : "2026-11-27T02:54:27.684Z",
         "store" : "ok",
         "http" : {
             "requests_s" : 4.11,
             "errors_s" : 0,
             "in_flight" : 1,
             "connections" : 1,
             "requests" : {"2xx" : 4, "3xx" : 0, "4xx" : 0, "5xx" : 0}
         },
         "levels" : [
             {"level" : "L0", "answers" : 0, "answers_minute" : 0, "p50_ms" : null, "p95_ms" : null}
         ],
         "process" : {"cpu_percent" : 33.98, "cpu_s" : 0.36, "memory_bytes" : 193384448},
         "knowledge" : {"documents" : 1, "chunks" : 2, "vectors" : 2},
         "learning" : {
             "active" : false,
             "vectors_pending" : 0,
             "second_pending" : 2,
             "rate_s" : 4.74,
             "eta_s" : 0
         }
     })},
    {.id = "adminOverview",
     .text = "`range` is 1h, 24h, 7d or 30d. Lists run beside `times`.",
     .answer = J({
         "range" : "1h",
         "step_s" : 60,
         "times" : [1795749180],
         "levels" : [ {
             "level" : "L1",
             "total" : 1,
             "total_p50_ms" : 888,
             "total_p95_ms" : 888,
             "answers" : [0],
             "p50_ms" : [null],
             "p95_ms" : [null]
         } ],
         "refused" : [0],
         "failed" : [0],
         "cancelled" : [0],
         "tokens_in" : [0],
         "tokens_out" : [0],
         "cost_microusd" : [0],
         "totals" : {
             "refused" : 0,
             "failed" : 0,
             "cancelled" : 0,
             "tokens_in" : 0,
             "tokens_out" : 0,
             "cost_microusd" : 0,
             "answers" : 1
         },
         "http" : {
             "times" : [],
             "2xx" : [],
             "3xx" : [],
             "4xx" : [],
             "5xx" : [],
             "connections" : [],
             "memory_bytes" : [],
             "cpu_percent" : []
         }
     })},
    {.id = "adminSystem",
     .answer = J({
         "node" : {
             "id" : "NOD1",
             "class" : "S",
             "role" : "hub",
             "state" : "online",
             "version" : "0.1.0",
             "host" : "vm",
             "cores" : 2,
             "machine_memory_bytes" : 25276510208,
             "started_at" : "2026-11-27T02:54:27.684Z",
             "uptime_s" : 0,
             "cpu_s" : 0.36,
             "memory_bytes" : 193646592
         },
         "parts" : [ {
             "id" : "http-35389",
             "room" : "gate",
             "name" : "HTTP",
             "state" : "good",
             "says" : "http://127.0.0.1:8080",
             "facts" : {"address" : "http://127.0.0.1:8080", "protocols" : "HTTP/1.1, HTTP/2"}
         } ]
     })},
    {.id = "adminBackup",
     .text =
         "`files` are all backups in the folder, the newest first; those that are `scheduled` this server "
         "made, and removes when there are more than `keep`.",
     .answer = BACKUPS("running" : false, "progress" : null)},
    {.id = "adminBackupNew",
     .status = 202,
     .answer = BACKUPS("running" : true,
                       "progress" : {"share" : 0.4, "spent_s" : 1.2, "left_s" : 1.8}),
     .problems = "409:backup-running"},
    {.id = "sources", .answer = J({
                          "sources" : [ {
                              "id" : "076a5c41229a67664061ad4c1a3ee19f",
                              "source" : "/srv/papers/kiosk.html",
                              "upload" : false,
                              "documents" : 1,
                              "bytes" : 1116,
                              "learned_at" : "2026-11-27T02:54:27.684Z"
                          } ],
                          "next" : null
                      })},
    {.id = "sourceLearn",
     .status = 202,
     .answer = J({"job_id" : "01m8desyazyg6rff0000000003"}),
     .problems = "409:not-a-path 503:busy"},
    {.id = "sourceForget",
     .status = 202,
     .answer = J({"job_id" : "01m8desyazyg6rff0000000003"}),
     .problems = "503:busy"},
    {.id = "jobs", .answer = J({
                       "jobs" : [ {
                           "id" : "01m8desyazyg6rff0000000003",
                           "what" : "/srv/papers/kiosk.html",
                           "whats" : 1,
                           "forgets" : false,
                           "begun_at" : "2026-11-27T02:54:27.684Z",
                           "state" : "done",
                           "phase" : "finished",
                           "files_total" : 1,
                           "files_done" : 1,
                           "added" : 1,
                           "updated" : 0,
                           "unchanged" : 0,
                           "removed" : 0,
                           "duplicates" : 0,
                           "failed" : 0,
                           "skipped" : 0,
                           "bytes_done" : 1116,
                           "rate_files_s" : 66.67,
                           "eta_s" : 0,
                           "errors" : []
                       } ]
                   })},
    {.id = "adminConfig",
     .text = "Passwords in addresses are not told.",
     .answer = J({
         "options" : [ {
             "key" : "config",
             "value" : "",
             "source" : "default",
             "origin" : "",
             "default" : "",
             "about" : "configuration file (INI)"
         } ]
     })},
    {.id = "adminLogs",
     .text = "`level` is error, warn, info or debug, and what is worse.",
     .also = "text/event-stream",
     .answer = J({
         "lines" : [ {
             "number" : 16,
             "at" : "2026-11-27T02:54:27.684Z",
             "level" : "info",
             "event" : "http.request",
             "text" :
                 "id=01m8desyazyg6rff0000000003 method=GET route=/api/admin/config status=200 ms=0.017 bytes=2981 peer=127.0.0.1"
         } ],
         "next" : 17
     })},
    {.id = "adminSprints", .answer = J({
                               "sprints" : [ {
                                   "id" : "01m8desyazyg6rff0000000003",
                                   "name" : "October",
                                   "goal" : "Everybody asks",
                                   "starts_on" : "2026-10-01",
                                   "ends_on" : "2026-10-14",
                                   "items" : 1,
                                   "done" : 1,
                                   "version" : 2,
                                   "changed_at" : "2026-11-27T02:54:27.684Z"
                               } ],
                               "next" : null
                           })},
    {.id = "adminSprintAdd",
     .status = 201,
     .request = J({
         "name" : "October",
         "goal" : "Everybody at home asks",
         "starts_on" : "2026-10-01",
         "ends_on" : "2026-10-14"
     }),
     .answer = J({
         "id" : "01m8desyazyg6rff0000000003",
         "name" : "October",
         "goal" : "Everybody at home asks",
         "starts_on" : "2026-10-01",
         "ends_on" : "2026-10-14",
         "items" : 0,
         "done" : 0,
         "version" : 1,
         "changed_at" : "2026-11-27T02:54:27.684Z",
         "board" : []
     }),
     .problems = "409:limit-reached"},
    {.id = "adminSprint", .answer = J({
                              "id" : "01m8desyazyg6rff0000000003",
                              "name" : "October",
                              "goal" : "Everybody asks",
                              "starts_on" : "2026-10-01",
                              "ends_on" : "2026-10-14",
                              "items" : 1,
                              "done" : 1,
                              "version" : 2,
                              "changed_at" : "2026-11-27T02:54:27.684Z",
                              "board" : [ {
                                  "id" : "01m8desyazyg6rff0000000003",
                                  "sprint" : "01m8desyazyg6rff0000000003",
                                  "title" : "Teach the manuals",
                                  "status" : "done",
                                  "assignee" : "Ann",
                                  "starts_on" : "2026-10-02",
                                  "ends_on" : "2026-10-05",
                                  "version" : 2,
                                  "changed_at" : "2026-11-27T02:54:27.684Z"
                              } ]
                          })},
    {.id = "adminSprintChange",
     .request = J({"version" : 1, "goal" : "Everybody asks"}),
     .answer = J({
         "id" : "01m8desyazyg6rff0000000003",
         "name" : "October",
         "goal" : "Everybody asks",
         "starts_on" : "2026-10-01",
         "ends_on" : "2026-10-14",
         "items" : 1,
         "done" : 1,
         "version" : 2,
         "changed_at" : "2026-11-27T02:54:27.684Z",
         "board" : [ {
             "id" : "01m8desyazyg6rff0000000003",
             "sprint" : "01m8desyazyg6rff0000000003",
             "title" : "Teach the manuals",
             "status" : "done",
             "assignee" : "Ann",
             "starts_on" : "2026-10-02",
             "ends_on" : "2026-10-05",
             "version" : 2,
             "changed_at" : "2026-11-27T02:54:27.684Z"
         } ]
     }),
     .problems = "409:changed"},
    {.id = "adminSprintRemove", .problems = "409:changed"},
    {.id = "adminItemAdd",
     .status = 201,
     .request = J({
         "sprint" : "01m8desyazyg6rff0000000003",
         "title" : "Teach the manuals",
         "status" : "doing",
         "assignee" : "Ann",
         "starts_on" : "2026-10-02",
         "ends_on" : "2026-10-05"
     }),
     .answer = J({
         "id" : "01m8desyazyg6rff0000000003",
         "sprint" : "01m8desyazyg6rff0000000003",
         "title" : "Teach the manuals",
         "status" : "doing",
         "assignee" : "Ann",
         "starts_on" : "2026-10-02",
         "ends_on" : "2026-10-05",
         "version" : 1,
         "changed_at" : "2026-11-27T02:54:27.684Z"
     }),
     .problems = "404:not-found 409:limit-reached"},
    {.id = "adminItemChange",
     .request = J({"version" : 1, "status" : "done"}),
     .answer = J({
         "id" : "01m8desyazyg6rff0000000003",
         "sprint" : "01m8desyazyg6rff0000000003",
         "title" : "Teach the manuals",
         "status" : "done",
         "assignee" : "Ann",
         "starts_on" : "2026-10-02",
         "ends_on" : "2026-10-05",
         "version" : 2,
         "changed_at" : "2026-11-27T02:54:27.684Z"
     }),
     .problems = "409:changed"},
    {.id = "adminItemRemove", .problems = "409:changed"},
    {.id = "adminCosts", .answer = J({
                             "costs" : [ {
                                 "date" : "2026-10-01",
                                 "service" : "Storage",
                                 "currency" : "USD",
                                 "amount_micro" : 1250000
                             } ],
                             "next" : null
                         })},
    {.id = "adminCostsImport",
     .status = 201,
     .takes = "text/csv",
     .request = "\"date,service,amount,currency\\n2026-10-01,Storage,1.25,USD\"",
     .answer = J({
         "id" : "01m8desyazyg6rff0000000003",
         "name" : "october.csv",
         "by" : "owner",
         "created_at" : "2026-11-27T02:54:27.684Z",
         "rows" : 1,
         "first_on" : "2026-10-01",
         "last_on" : "2026-10-01",
         "newest" : true
     }),
     .problems = "400:bad-costs 413:bad-costs 409:limit-reached"},
    {.id = "adminCostImports", .answer = J({
                                   "imports" : [ {
                                       "id" : "01m8desyazyg6rff0000000003",
                                       "name" : "october.csv",
                                       "by" : "owner",
                                       "created_at" : "2026-11-27T02:54:27.684Z",
                                       "rows" : 1,
                                       "first_on" : "2026-10-01",
                                       "last_on" : "2026-10-01",
                                       "newest" : true
                                   } ]
                               })},
    {.id = "adminCostsUndo", .problems = "409:not-the-newest"},
    {.id = "adminUsage",
     .text = "`by` is day, user, model or level.",
     .answer = J({
         "from" : "2026-11-20T04:12:50.840Z",
         "usage" : [ {
             "key" : "L1",
             "answers" : 1,
             "answered" : 1,
             "cached" : 0,
             "tokens_in" : 0,
             "tokens_out" : 0,
             "cost_microusd" : 0,
             "p50_ms" : 888,
             "p95_ms" : 888
         } ]
     })},
    {.id = "adminVotes", .answer = J({"votes" : [], "next" : null})},
    {.id = "adminCacheRemove"},
    {.id = "adminPrompt",
     .answer = J({
         "version" : 0,
         "text" :
             "You answer questions from the given passages. Use only what they say. Answer in one short sentence.",
         "bytes_max" : 512
     })},
    {.id = "adminPromptSave",
     .request = J(
         {"text" : "Answer in one short sentence.", "note" : "shorter", "base_version" : 0}),
     .answer = J({"version" : 1, "text" : "Answer in one short sentence.", "bytes_max" : 512}),
     .problems = "409:changed"},
    {.id = "adminPromptVersions", .answer = J({
                                      "versions" : [ {
                                          "version" : 1,
                                          "text" : "Answer in one short sentence.",
                                          "note" : "shorter",
                                          "by" : "owner",
                                          "at" : "2026-11-27T02:54:27.684Z"
                                      } ],
                                      "next" : null
                                  })},
    {.id = "adminPromptRestore",
     .request = J({"version" : 0, "base_version" : 1}),
     .answer = J({
         "version" : 2,
         "text" :
             "You answer questions from the given passages. Use only what they say. Answer in one short sentence.",
         "bytes_max" : 512
     }),
     .problems = "404:not-found 409:changed"},
    {.id = "adminPromptPreview",
     .request = J(
         {"text" : "Answer in one short sentence.", "question" : "When does the kiosk open?"}),
     .answer = J({
         "answer" :
             "Turn the blue key to the left and hold the service button for five seconds. The drawer opens by itself. Never pull at it: the lock breaks easily.",
         "answered" : true,
         "receipt" : {
             "level" : "L1",
             "brand" : "Standard",
             "why_stopped" : "passage_confident",
             "tokens_in" : 0,
             "tokens_out" : 0,
             "cost_microusd" : 0,
             "latency_ms" : 9,
             "first_token_ms" : 9,
             "cached" : false,
             "node" : "NOD1",
             "confidence" : 0.48,
             "sources" : [ {
                 "document" : "/srv/papers/kiosk.html",
                 "document_id" : "01m8desyazyg6rff0000000003",
                 "title" : "Ticket kiosk: operator's guide",
                 "location" : "Opening the cash box",
                 "quote" :
                     "Turn the blue key to the left and hold the service button for five seconds. The drawer opens by itself. Never pull at it: the lock breaks easily.",
                 "start" : 128,
                 "end" : 273,
                 "score" : 0.34
             } ]
         }
     }),
     .problems = "503:busy"},
    {.id = "adminPrices",
     .answer = J({
         "prices" : [
             {"model" : "local:smollm2", "in_microusd" : 100, "out_microusd" : 400, "in_use" : true}
         ]
     })},
    {.id = "adminPriceSet",
     .request = J({"model" : "local:smollm2", "in_microusd" : 100, "out_microusd" : 400})},
    {.id = "adminLevels",
     .answer = J({"levels" : [ {"level" : "L0", "ready" : true, "why" : ""} ]})},
};
const size_t gate_description_admin_count = sizeof gate_descriptions_admin /
                                            sizeof *gate_descriptions_admin;
