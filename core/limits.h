/*
 * limits.h: every cap of the program with its reason. Sizes in bytes, times as the name says.
 * Grouped by room; those of ai/ are in core/limits_ai.h.
 */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include "core/limits_ai.h"

/* --- core ----------------------------------------------------------------------------------- */

/* Nested deeper than any honest document; keeps recursion off the stack's end. */
#define CORE_LIMIT_JSON_DEPTH 64
/* More threads than this only fight over caches on machines people own. */
#define CORE_LIMIT_POOL_THREADS 64
/* Series, not names: routes × codes × classes stays far below. */
#define CORE_LIMIT_METRICS 2048
/* A reader that is this far behind gets no more until it drains. */
#define CORE_LIMIT_STREAM_QUEUE (8u << 20)
/* The program's own bytes are copied while that costs less than to send them from its file. */
#define CORE_LIMIT_STREAM_COPY (16u << 10)
/* Time a finishing stream has to take its last bytes. */
#define CORE_LIMIT_CLOSE_MS 5000
/* One read of a stream; more stays in the kernel until the next turn. */
#define CORE_LIMIT_STREAM_READ (64u << 10)
/* Connections the kernel holds while the loop is busy. */
#define CORE_LIMIT_BACKLOG 1024
/* Idle seconds after which the kernel asks whether the peer's machine is still there. */
#define CORE_LIMIT_KEEPALIVE_S 60
/* A peer of ours that sends nothing for so long is gone. */
#define CORE_LIMIT_FETCH_STALL_MS 120000
/* /proc/stat grows with processors and interrupts: 1 MiB covers thousands of them. */
#define CORE_LIMIT_PROC_FILE (1u << 20)
/* Reaching a host that is there takes a moment only, its name included. */
#define CORE_LIMIT_FETCH_CONNECT_MS 10000
/* A body whose reader names no cap, and the body that explains an error. */
#define CORE_LIMIT_FETCH_BODY (16u << 20)
#define CORE_LIMIT_FETCH_ERROR_BODY (64u << 10)
/* How often a transfer looks up: at whoever may cancel it, and at its stall. */
#define CORE_LIMIT_FETCH_TICK_MS 100
/* Idle connections to other servers that are kept: as many as there are questions at once. */
#define CORE_LIMIT_FETCH_CONNECTIONS 256
/* And for how long: many servers end theirs after a minute. */
#define CORE_LIMIT_FETCH_IDLE_MS 60000
/* A server that ends an idle connection while a request is on its way to it is heard of within one
 * round trip: so soon, far links included, and long before a server gives up what it works on. */
#define CORE_LIMIT_FETCH_RACE_MS 1000
/* The head of a request, the fields of an answer:
 * proxies and providers add dozens, none of them long. */
#define CORE_LIMIT_FETCH_HEAD (64u << 10)
/* A request's body up to this size leaves with its head, in one write. */
#define CORE_LIMIT_FETCH_TOGETHER (16u << 10)
/* The address of a request. */
#define CORE_LIMIT_FETCH_URL 4096
/* Configuration files are short. */
#define CORE_LIMIT_CONFIG_FILE (256u << 10)
/* One option's value: a list of many paths fits. */
#define CORE_LIMIT_CONFIG_VALUE 8192
/* What is wrong with a configuration is said in a line or two, long paths included. */
#define CORE_LIMIT_CONFIG_WHY 8192
/* One log line; longer values are cut with an ellipsis. */
#define CORE_LIMIT_LOG_LINE 4096
/* One value of a log line, so that a long one leaves room for the fields after it. */
#define CORE_LIMIT_LOG_VALUE 1024
/* How long a line waits for a stderr that takes nothing before it is dropped. */
#define CORE_LIMIT_LOG_WAIT_MS 100
/* Lines kept in memory to be looked at, and their bytes: of requests, which have about 150. */
#define CORE_LIMIT_LOG_KEPT 1000
#define CORE_LIMIT_LOG_KEPT_BYTES (256u << 10)

/* --- core/store ------------------------------------------------------------------------------ */

/* One batch, encoded: a learned document with its passages. Also the longest value SQLite takes. */
#define CORE_LIMIT_BATCH_BYTES (64u << 20)
/* Statements of one batch: passages of the largest document with room to spare. */
#define CORE_LIMIT_BATCH_STATEMENTS 262144
/* Different SQL texts of one batch. */
#define CORE_LIMIT_BATCH_SQL 256
/* Bytes of one SQL text; ours are written by hand. */
#define CORE_LIMIT_SQL (32u << 10)
/* Parameters of one statement. */
#define CORE_LIMIT_SQL_PARAMS 64
/* Tables, and columns of one: twice what there are. */
#define CORE_LIMIT_TABLES 96
#define CORE_LIMIT_TABLE_COLUMNS 48
/* Batches that wait for the writer, and their bytes: seconds of work, not minutes. */
#define CORE_LIMIT_STORE_QUEUE 8192
#define CORE_LIMIT_STORE_QUEUE_BYTES (160u << 20)
/* Batches and bytes of one commit: past it fsync is no longer what costs, waiting is. */
#define CORE_LIMIT_STORE_GROUP 256
#define CORE_LIMIT_STORE_GROUP_BYTES (8u << 20)
/* How long messages run on the loop before the network has its turn. */
#define CORE_LIMIT_LOOP_TURN_NS 1000000
/* The slice of a core that the loop's thread asks for: the kernel's least. */
#define CORE_LIMIT_SLICE_NS 100000
/* That of a thread which works behind all others: the kernel's most. */
#define CORE_LIMIT_SLICE_LONG_NS 100000000
/* A relaxed commit is on disk after so long; with the time of one fsync that is "the last
 * second". */
#define CORE_LIMIT_STORE_SYNC_MS 500
/* So long a lazy batch may wait, and kill -9 may cost:
 * at a thousand a second, twenty share a commit. */
#define CORE_LIMIT_STORE_LAZY_MS 20
/* How often a store that cannot write tries again. */
#define CORE_LIMIT_STORE_RETRY_MS 1000
/* Simultaneous readers; each costs a connection and its cache. */
#define CORE_LIMIT_STORE_READERS 64
/* A read that gets no connection for so long is refused: something holds them all. */
#define CORE_LIMIT_STORE_READER_WAIT_MS 30000
/* Another process may hold a lock for a moment (a backup, `sky doctor`). */
#define CORE_LIMIT_STORE_BUSY_MS 5000
/* Prepared statements kept by each connection. */
#define CORE_LIMIT_STORE_STATEMENTS 96
/* Page caches in KiB. Keyword rows are merged in the writer's, which is emptied when it rests. The
 * readers' hold the inner pages of what is looked up often: with a quarter of this a row by its key
 * takes half as long again. */
#define CORE_LIMIT_STORE_WRITER_CACHE_KIB 8192
#define CORE_LIMIT_STORE_READER_CACHE_KIB 1024
/* Pages of 4 KiB: the log is copied back from the first figure on; past the second (64 MiB) readers
 * that hold it are waited for, the third figure long each time. */
#define CORE_LIMIT_STORE_WAL_PAGES 1000
#define CORE_LIMIT_STORE_WAL_PAGES_MAX 16384
#define CORE_LIMIT_STORE_WAL_WAIT_MS 200
/* Bytes that the log's file keeps when it starts anew (a plain number: it becomes part of SQL). */
#define CORE_LIMIT_STORE_WAL_KEEP 16777216
/* PostgreSQL. Addresses tried in turn, and how long each: a host that is gone says nothing. */
#define CORE_LIMIT_STORE_PG_HOSTS 8
#define CORE_LIMIT_STORE_PG_CONNECT_MS 2000
/* A server that has said nothing for so long while it owes
 * an answer is given up: it hangs, or its network does. */
#define CORE_LIMIT_STORE_PG_ANSWER_MS 10000
/* Bringing the schema up to date may rewrite a table. */
#define CORE_LIMIT_STORE_PG_MIGRATE_MS 3600000
/* A commit is tried again for so long when its connection
 * breaks: longer than a standby takes to be promoted. */
#define CORE_LIMIT_STORE_PG_RETRY_MS 5000
#define CORE_LIMIT_STORE_PG_PAUSE_MS 100
/* Answers that may be on their way at once. */
#define CORE_LIMIT_STORE_PG_FLIGHT 512
/* The rest of an answer that is kept while the callback
 * of a row reads on: pages of lists, thousands of rows. */
#define CORE_LIMIT_STORE_PG_KEPT (16u << 20)

/* --- core/backup ----------------------------------------------------------------------------- */

/* A frame ends after the row that brings it to so many bytes: it packs well, and is soon done. The
 * longest has the longest row that a batch brings, and a chunk before it. */
#define CORE_LIMIT_BACKUP_CHUNK (1u << 20)
#define CORE_LIMIT_BACKUP_FRAME (CORE_LIMIT_BATCH_BYTES + 2 * CORE_LIMIT_BACKUP_CHUNK)
/* Frames on their way to the disk, and the threads that compress and seal them. */
#define CORE_LIMIT_BACKUP_SLOTS 8
#define CORE_LIMIT_BACKUP_THREADS 4
/* A key or configuration file, and how many there may be. */
#define CORE_LIMIT_BACKUP_FILE (256u << 10)
#define CORE_LIMIT_BACKUP_FILES 64
/* What Argon2id may cost: a foreign file must not take the machine's memory. */
#define CORE_LIMIT_BACKUP_ARGON_KIB (1u << 20)
#define CORE_LIMIT_BACKUP_ARGON_PASSES 16
#define CORE_LIMIT_PASSPHRASE 1024
/* How often a server looks whether one is due, how soon
 * it tries again after one failed, how many it lists. */
#define CORE_LIMIT_BACKUP_TICK_MS 60000
#define CORE_LIMIT_BACKUP_RETRY_MS 3600000
#define CORE_LIMIT_BACKUPS 1000
/* Bytes of a path, with its NUL: what the kernel takes, and what is put behind a folder's. */
#define CORE_LIMIT_BACKUP_PATH 4352

/* --- account -------------------------------------------------------------------------------- */

/* A token, a newline, and room for a careless editor. */
#define ACCOUNT_LIMIT_TOKEN_FILE 1024
/* Login addresses that are open at once. */
#define ACCOUNT_LIMIT_CODES 16
/* The printed address works for a day. */
#define ACCOUNT_LIMIT_CODE_S 86400
/* Browsers that are logged in, of all accounts, half a KiB
 * each in memory; the one unused for longest falls out. */
#define ACCOUNT_LIMIT_SESSIONS 32768
/* A browser that was not used for so long is logged out;
 * that it was used is written down so often at most. */
#define ACCOUNT_LIMIT_SESSION_S (30 * 86400)
#define ACCOUNT_SESSION_TOUCH_S 3600
/* Bytes of what people are called by, with the NUL. */
#define ACCOUNT_LIMIT_EMAIL 255
#define ACCOUNT_LIMIT_NAME 129
/* Of a password; longer ones are refused, not cut. */
#define ACCOUNT_LIMIT_PASSWORD_MIN 8
#define ACCOUNT_LIMIT_PASSWORD 1024
/* Argon2id: OWASP's first choice. One is computed at a time; with those that wait for it there are
 * so many, more wait outside. */
#define ACCOUNT_ARGON2_KIB 19456
#define ACCOUNT_ARGON2_PASSES 2
#define ACCOUNT_LIMIT_HASHES 2
/* An access token works so long; a login that nobody refreshes ends after the other. */
#define ACCOUNT_ACCESS_S 900
#define ACCOUNT_LOGIN_S (30 * 86400)
/* A login ends then however much it is used, of a browser too: a token or cookie that was copied
 * unseen does not live for ever. */
#define ACCOUNT_LOGIN_WHOLE_S (90 * 86400)
/* How far a clock may have gone back since a token was made. */
#define ACCOUNT_SKEW_S 60
/* Logins of an account at once; the one unused for longest ends. */
#define ACCOUNT_LIMIT_LOGINS 64
/* Logins that ended while their access tokens still had time: kept until these run out. */
#define ACCOUNT_LIMIT_ENDED 65536
/* How long a proof of who one is counts for what is dangerous, and so many are remembered. */
#define ACCOUNT_PROOF_S 600
#define ACCOUNT_LIMIT_PROOFS 4096
/* Accounts that changed while access tokens that say otherwise still had time. */
#define ACCOUNT_LIMIT_CHANGED 8192
/* Access tokens whose signature was found right are remembered: so many. A power of two. */
#define ACCOUNT_LIMIT_SEEN 1024
#define ACCOUNT_LIMIT_ACCESS 1024
/* Codes for when the device with the second factor is lost; each works once. */
#define ACCOUNT_RECOVERY_CODES 10
#define ACCOUNT_INVITE_S (7 * 86400)
#define ACCOUNT_LIMIT_INVITES 1000
#define ACCOUNT_RESET_S 3600
/* After so many wrong passwords for an account or from an address each
 * further try waits, twice as long each time up to the most; forgotten after
 * a quiet while. So many accounts and addresses are watched. */
#define ACCOUNT_THROTTLE_FREE 5
#define ACCOUNT_THROTTLE_MOST_S 900
#define ACCOUNT_THROTTLE_FORGET_S 3600
#define ACCOUNT_LIMIT_THROTTLED 4096
/* Sprints, and items of one: a board with more is not looked at as a whole. */
#define ACCOUNT_LIMIT_SPRINTS 1000
#define ACCOUNT_LIMIT_ITEMS 500
/* A file of costs, its columns, bytes of a field, different days × services, and files that
 * count. */
#define ACCOUNT_LIMIT_COST_FILE (5u << 20)
#define ACCOUNT_LIMIT_COST_COLUMNS 512
#define ACCOUNT_LIMIT_COST_FIELD 256
#define ACCOUNT_LIMIT_COST_ROWS 20000
#define ACCOUNT_LIMIT_COST_IMPORTS 1000
/* Bytes of a text of the audit log, and of what else it says of an act: names and ids, no
 * documents. A row is ten of them with their lengths. */
#define ACCOUNT_LIMIT_AUDIT_TEXT 256
#define ACCOUNT_LIMIT_AUDIT_DETAIL 2048
#define ACCOUNT_LIMIT_AUDIT_ROW 8192
/* Of each act that strangers can repeat so many a minute get a row of their own: with all of them
 * and a year of attack that is 4 GB, where a row for each try had no end. */
#define ACCOUNT_AUDIT_EACH 10

/* API keys of all accounts together, kept in memory; requests that one may be limited to in a
 * minute; how often it is written down that one is used. */
#define ACCOUNT_LIMIT_APIKEYS 65536
#define ACCOUNT_LIMIT_MINUTE 1000000
#define ACCOUNT_APIKEY_USED_MS 60000
/* The longest that one which expires may live: ten years. */
#define ACCOUNT_LIMIT_APIKEY_S (3650 * 86400)
/* Tiers, and accounts of another than the first, which are kept in memory. */
#define ACCOUNT_LIMIT_TIERS 64
#define ACCOUNT_LIMIT_TIERED 262144
/* The least body a tier must allow: what turns it back fits. */
#define ACCOUNT_TIER_BODY_LEAST 4096
/* Money, tokens and requests of a budget or a call: sums of so many stay far from overflowing. */
#define ACCOUNT_LIMIT_AMOUNT ((int64_t)1 << 50)
/* Budgets and teams in all; budgets of one account, key or team, or of all; hence as many may bind
 * one call, with the two of its tier. */
#define ACCOUNT_LIMIT_BUDGETS 10000
#define ACCOUNT_LIMIT_TEAMS 10000
#define ACCOUNT_LIMIT_BUDGETS_EACH 24
#define ACCOUNT_LIMIT_BINDING (4 * ACCOUNT_LIMIT_BUDGETS_EACH + 2)
/* How often a hold is tried anew when budgets change under it. */
#define ACCOUNT_HOLD_TRIES 4
/* Payers that are known to have no budget, remembered. A power of two. */
#define ACCOUNT_LIMIT_UNBOUND 4096
/* What was counted in periods that began longer ago is removed at the start. */
#define ACCOUNT_PERIOD_KEEP_DAYS 100
/* Holds of a run that died, told one by one in the log; the rest are counted. */
#define ACCOUNT_LIMIT_STALE_TOLD 100

/* --- bus ------------------------------------------------------------------------------------ */

/* All header text of one request; browsers stay below 8 KiB, cookies included. */
#define BUS_LIMIT_HEAD (16u << 10)
/* The request target; longer ones are somebody's body in the wrong place. */
#define BUS_LIMIT_TARGET (8u << 10)
/* Header fields of one request. */
#define BUS_LIMIT_FIELDS 100
/* A cleared head keeps this much memory for the next request of its connection. */
#define BUS_LIMIT_HEAD_KEEP (4u << 10)
/* Chunk extensions and trailers of one message: nobody uses them, attackers stretch them. */
#define BUS_LIMIT_CHUNK_EXTRA (4u << 10)
/* Streams a client may have open on one HTTP/2 connection. */
#define BUS_LIMIT_H2_STREAMS 128
/* The last streams of a connection of which is known how
 * they ended: what comes late comes for one of these. */
#define BUS_LIMIT_H2_PAST 64
/* Bytes a client may send ahead on one stream, and on all streams of a connection. */
#define BUS_LIMIT_H2_WINDOW (256u << 10)
#define BUS_LIMIT_H2_WINDOW_ALL (1u << 20)
/* Streams a client may reset at once, and per second after that (rapid reset). */
#define BUS_LIMIT_H2_RESETS 200
#define BUS_LIMIT_H2_RESETS_S 33
/* PING, SETTINGS, PRIORITY, unknown and empty DATA frames at once, and per second after that. */
#define BUS_LIMIT_H2_CONTROL 1000
#define BUS_LIMIT_H2_CONTROL_S 100
/* CONTINUATION frames of one header block: BUS_LIMIT_HEAD fits into one frame. */
#define BUS_LIMIT_H2_CONTINUATIONS 8
/* Answers to PING and SETTINGS that wait for a client that does not read. */
#define BUS_LIMIT_H2_ACKS 256
/* Bytes of a request that are read and thrown away once it is answered. */
#define BUS_LIMIT_H2_UNWANTED (1u << 20)
/* Entries of one SETTINGS frame. */
#define BUS_LIMIT_H2_SETTINGS 32
/* Key and certificate files. */
#define BUS_LIMIT_PEM (64u << 10)
/* Our own certificates live so long (what browsers grant anybody) and are made again so early. */
#define BUS_LIMIT_CERT_DAYS 397
#define BUS_LIMIT_CERT_RENEW_DAYS 30
/* One sealed message: it is held whole, since nothing of it may be believed before its end. */
#define BUS_LIMIT_SEALED (16u << 20)
/* Messages of one direction of a session: years of talk, and far from where a nonce would
 * repeat. */
#define BUS_LIMIT_SESSION_MESSAGES ((uint64_t)1 << 48)
/* Sessions of clients: in all, of one account, and how long one lives. */
#define BUS_LIMIT_SESSIONS 1024
#define BUS_LIMIT_SESSIONS_ACCOUNT 64
#define BUS_LIMIT_SESSION_S 3600

/* --- gate ----------------------------------------------------------------------------------- */

/* Open connections: ten thousand clients that keep theirs, and room. For a further one the
 * connection that rests longest gives way. */
#define GATE_LIMIT_CONNECTIONS 16384
/* Of one address (IPv6: of one /64). */
#define GATE_LIMIT_CONNECTIONS_PEER 1024
/* More of one address that are told why they are refused; the ones after that just end. */
#define GATE_LIMIT_CONNECTIONS_TOLD 64
/* Connections that may be over the cap until those that gave way are closed: one backlog. */
#define GATE_LIMIT_CONNECTIONS_OVER 1024
/* Requests under way on all connections; HTTP/2 clients are told to come again. */
#define GATE_LIMIT_REQUESTS 16384
/* Of one address, as with connections: eight that let theirs lie take all. HTTP/1 has one request a
 * connection at a time. */
#define GATE_LIMIT_REQUESTS_PEER (GATE_LIMIT_REQUESTS / 8)
/* Peers whose rates are remembered; more than connections, so that one without any can go. And as
 * many accounts and keys. */
#define GATE_LIMIT_PEERS 32768
/* First byte to last byte of a request's head. */
#define GATE_LIMIT_HEAD_MS 10000
/* Without a byte of an unfinished body, and the whole body. */
#define GATE_LIMIT_BODY_IDLE_MS 30000
#define GATE_LIMIT_BODY_MS 600000
/* Without a request. Longer than the 60 s that proxies keep theirs. */
#define GATE_LIMIT_IDLE_MS 75000
/* A client that takes nothing of an answer for so long is cut. */
#define GATE_LIMIT_STALL_MS 60000
#define GATE_LIMIT_HANDSHAKE_MS 10000
/* Open event streams get a comment so that proxies do not think them dead. */
#define GATE_LIMIT_PING_MS 15000
/* Answers under way may finish when the server stops: time for one of usual length, and far below
 * the patience of who waits for the end. HTTP/2 clients learn so long before that no new request is
 * taken. */
#define GATE_LIMIT_DRAIN_MS 5000
#define GATE_LIMIT_DRAIN_NOTICE_MS 500
/* Deadlines are looked at so often while draining. */
#define GATE_LIMIT_DRAIN_SWEEP_MS 25
/* How often our certificate's age is looked at. */
#define GATE_LIMIT_RENEW_MS 86400000
/* A key that makes a POST repeatable: its characters, how long it counts, keys of one account (the
 * oldest go), and the largest answer that is kept: 16 MB an account. */
#define GATE_LIMIT_KEYED_KEY 255
#define GATE_KEYED_MS 86400000ll
#define GATE_LIMIT_KEYED 500
#define GATE_LIMIT_KEYED_ANSWER (32u << 10)
/* Deadlines are looked at so often. */
#define GATE_LIMIT_SWEEP_MS 500
/* Bytes of a refused body that are read and thrown away so that the connection stays usable. */
#define GATE_LIMIT_DISCARD (1u << 20)
/* And how long that may take. */
#define GATE_LIMIT_DISCARD_MS 5000
/* Bytes of requests sent ahead while one is being answered. */
#define GATE_LIMIT_PIPELINE (64u << 10)
/* Bodies of all requests together. */
#define GATE_LIMIT_BODIES (512u << 20)
/* The largest whole answer a handler may build. */
#define GATE_LIMIT_ANSWER (64u << 20)
/* Answers that wait for their clients, all together: thousands that do not read must not fill the
 * memory. Small ones are made all the same, so that an error can be told. */
#define GATE_LIMIT_ANSWERS (256u << 20)
#define GATE_LIMIT_ANSWER_SMALL (16u << 10)
/* The printed OpenAPI document. */
#define GATE_LIMIT_OPENAPI (4u << 20)
/* Headers a handler may add, with those about rates. */
#define GATE_LIMIT_ANSWER_HEADERS 12
/* Text of one such header. */
#define GATE_LIMIT_ANSWER_HEADER (4u << 10)
/* Parameters of a query. */
#define GATE_LIMIT_QUERY 32
/* Routes of a table, and pieces of a pattern. */
#define GATE_LIMIT_ROUTES 512
/* Memory of a handler for one request besides bodies. */
#define GATE_LIMIT_REQUEST_POOL (8u << 20)
/* Bytes a socket may be behind before we stop making more for it. */
#define GATE_LIMIT_SOCKET_QUEUE (256u << 10)
/* Bytes a streaming client may be behind (twice that: it is cut). */
#define GATE_LIMIT_STREAM_BEHIND (1u << 20)
/* One page of the document of all that is an account's; with its last item, at most. */
#define GATE_LIMIT_EXPORT_PAGE (256u << 10)
#define GATE_LIMIT_EXPORT_PAGE_MOST (4u << 20)
/* How often it looks whether the client has taken enough. */
#define GATE_LIMIT_EXPORT_WAIT_MS 50
/* Memory that a finished request keeps for the next one, and how many such are kept. */
#define GATE_LIMIT_KEEP (16u << 10)
#define GATE_LIMIT_SPARE 256
/* What lives for ever is copied to its head while that costs less than to hand over two pieces. */
#define GATE_LIMIT_COPY 4096
/* Pieces of a stream wait for each other until the loop has nothing else to do, up to so many
 * bytes: a socket's buffer takes more. */
#define GATE_LIMIT_TOGETHER (16u << 10)
/* Turns of connections that end together, and how long the first of them waits for the others. */
#define GATE_LIMIT_TURNS 16
#define GATE_LIMIT_TURNS_NS 100000
/* Threads and waiting pieces of gate_work(): short SQL mostly. */
#define GATE_LIMIT_WORK_THREADS 4
#define GATE_LIMIT_WORK_QUEUE 256
/* Token buckets: requests per second and at once, by class. Logins: ten
 * wrong ones a minute, or so many times as many right ones. Reading is twice
 * what one core answers over HTTP/2, so that the bound stops no client of a machine of today. */
#define GATE_LIMIT_LOGIN_RATE (10.0 / 60)
#define GATE_LIMIT_LOGIN_BURST 10
#define GATE_LIMIT_LOGIN_RIGHT 6
#define GATE_LIMIT_READ_RATE 500000
#define GATE_LIMIT_READ_BURST 1000000
#define GATE_LIMIT_WRITE_RATE 200
#define GATE_LIMIT_WRITE_BURST 1000
#define GATE_LIMIT_ASK_RATE 50
#define GATE_LIMIT_ASK_BURST 200

/* --- gate/handler --------------------------------------------------------------------------- */

/* A question, with room for a pasted error message. */
#define GATE_LIMIT_MESSAGE (16u << 10)
/* A search query or a cursor. */
#define GATE_LIMIT_QUERY_TEXT 4096
/* Titles and file names. */
#define GATE_LIMIT_TITLE 512
/* Rows of one page of a list. */
#define GATE_LIMIT_PAGE 500
/* Paths of one learn request. */
#define GATE_LIMIT_LEARN_PATHS 256
/* A document sent by value. */
#define GATE_LIMIT_UPLOAD (64u << 20)
/* Bodies of small JSON requests. */
#define GATE_LIMIT_SMALL_BODY (64u << 10)
/* Chat completions carry whole conversations. */
#define GATE_LIMIT_MODEL_BODY (2u << 20)
#define GATE_LIMIT_MODEL_TEXT (1u << 20)
#define GATE_LIMIT_MESSAGES 1000
/* GENOM: a text, or all of them in a batch; the body that may hold one in base64 with escapes. */
#define GATE_LIMIT_GENOM_TEXT (4u << 20)
#define GATE_LIMIT_GENOM_BODY (8u << 20)
/* What is sealed or opened on the loop: a few milliseconds. */
#define GATE_LIMIT_GENOM_SEALED (256u << 10)
/* Items of a batch, tokens listed with an answer, and ids of a translated text. */
#define GATE_LIMIT_GENOM_BATCH 1000
#define GATE_LIMIT_GENOM_TOKENS 10000
#define GATE_LIMIT_GENOM_IDS 500000
/* Bodies up to this are coded on the loop: a few microseconds. */
#define GATE_LIMIT_GENOM_AT_ONCE 4096
/* As many a coded byte counts for there: it may stand for a hundred of a text, in the dense mode. */
#define GATE_LIMIT_GENOM_CODED_BYTE 8
#define GATE_LIMIT_TOKENS 131072
/* Texts of one embeddings request. */
#define GATE_LIMIT_EMBED_TEXTS 256
/* One event of a stream: a whole answer with its sources, a job with its errors. */
#define GATE_LIMIT_EVENT (1u << 20)
/* Rows of one page of costs: a chart of a year wants all of them. */
#define GATE_LIMIT_COSTS 20000
/* How far charts look back: as far as there is telemetry. */
#define GATE_LIMIT_RANGE_DAYS 400
/* How often the progress of a job is sent. */
#define GATE_FOLLOW_MS 250

/* --- gate: the dashboard ---------------------------------------------------------------------- */

/* A person sees a change in that time; what is told costs microseconds. */
#define GATE_LIVE_MS 2000
/* Samples of the counters: one in ten seconds for the
 * last hour, one in five minutes for the last week. */
#define GATE_TREND_FINE_MS 10000
#define GATE_TREND_FINE 360
#define GATE_TREND_COARSE_MS 300000
#define GATE_TREND_COARSE 2016

/* --- shell ---------------------------------------------------------------------------------- */

/* One server-sent event: an answer with its sources. */
#define SHELL_LIMIT_EVENT (1u << 20)
/* A JSON answer of our own server, such as a page of results. */
#define SHELL_LIMIT_ANSWER (16u << 20)
/* What is told to a server that may be too busy to listen. */
#define SHELL_TELL_MS 2000
/* Columns of a line of text, however wide the terminal is: longer ones are hard to read. */
#define SHELL_LIMIT_LINE 100
/* Bytes of a word that are held back until it is whole. */
#define SHELL_LIMIT_WORD 1024
/* What `sky encode` and `sky decode` take at once. */
#define SHELL_LIMIT_GENOM (64u << 20)
/* A question from stdin; the server's own cap is below. */
#define SHELL_LIMIT_QUESTION (64u << 10)
/* Options passed on to a server that a command starts: more than there are keys. */
#define SHELL_LIMIT_SERVER_OPTIONS 64
/* How long a server that is starting may take to be ready. */
#define SHELL_START_MS 30000

/* --- main ----------------------------------------------------------------------------------- */

/* Descriptors kept from the gate: files, pipes, the store, and one backlog of connections that come
 * while others close. */
#define MAIN_DESCRIPTORS_KEPT 2048
/* Descriptors asked for. */
#define MAIN_DESCRIPTORS (GATE_LIMIT_CONNECTIONS + MAIN_DESCRIPTORS_KEPT)
/* Counted acts get their row a minute later at most; old rows go once a day. */
#define MAIN_AUDIT_TICK_MS 60000
#define MAIN_AUDIT_PRUNE_TICKS 1440
/* How old the gauges of store and disk may be: what a monitor that asks each 15 s sees as new. */
#define MAIN_GAUGES_TICK_MS 15000
/* Bytes of a path of the machine, with its NUL: what the kernel takes. */
#define MAIN_LIMIT_PATH 4096
/* From the start to checking the dictionary as a whole: what answers needs memory and disk
 * first. */
#define MAIN_LIMIT_GENOM_CHECK_MS 10000
/* How long a data folder that another server holds is waited for, and between looks. */
#define MAIN_LOCK_MS 500
#define MAIN_LOCK_PAUSE_MS 10
/* How often a server that a command started looks whether any is there, and how often in a row none
 * is before it ends: a command that was killed is followed by the next at once, as in a script. */
#define MAIN_CLIENTS_TICK_MS 1000
#define MAIN_CLIENTS_NONE 3
/* Blocks from this size on are given back to the system when they are freed. */
#define MAIN_HEAP_BLOCK (1 << 20)

#endif
