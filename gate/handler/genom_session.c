/*
 * genom_session.c: handshakes of clients, and what they seal and open in their sessions.
 *
 *     encrypt   text ─► coded (mode fast) ─► sealed           form payload
 *               text ─► ids ─► rotated and authenticated      form tokens
 */
#include "bus/sessions.h"
#include "gate/handler/genom.h"

/* --- Handshake ------------------------------------------------------------------------------ */

static void reply_handshake(struct gate_request *r, const char *id,
                            const unsigned char reply[static BUS_HANDSHAKE_REPLY_SIZE])
{
    struct core_json_out o;
    const unsigned char *identity = reply + BUS_HANDSHAKE_REPLY_SIZE - 96,
                        *signature = identity + 32;
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    core_json_out_c(&o, "session_id", id);
    genom_out_base64(&o, "ciphertext", core_strn(reply, (size_t)(identity - reply)));
    genom_out_base64(&o, "identity", core_strn(identity, 32));
    genom_out_base64(&o, "signature", core_strn(signature, 64));
    core_json_out_i64(&o, "expires_in", BUS_LIMIT_SESSION_S);
    core_json_out_end(&o);
    gate_reply_json(r, 200);
}

void handle_genom_handshake(struct gate_request *r)
{
    core_json body = gate_request_json(r);
    struct core_str kem, key, offer;
    unsigned char reply[BUS_HANDSHAKE_REPLY_SIZE];
    char id[CORE_ID_SIZE];
    if (!body || !field_str(r, body, "kem", FIELD_REQUIRED, 1, 32, &kem) ||
        !field_str(r, body, "public_key", FIELD_REQUIRED, 1, 4096, &key)) {
        return;
    }
    if (!core_str_eq_c(kem, "x-wing")) {
        field_problem(r, "kem", "must be \"x-wing\"");
        return;
    }
    if (genom_read_base64(key, gate_request_pool(r), &offer) ||
        (offer.len != BUS_HANDSHAKE_OFFER_SIZE && offer.len != BUS_HANDSHAKE_NAMED_SIZE)) {
        field_problem(r, "public_key", "must be base64 of 1216 bytes, or of 1312 with a name");
        return;
    }
    int err = bus_sessions_answer(gate_request_services(r)->sessions, gate_request_account(r)->id,
                                  offer, id, reply);
    if (err) {
        gate_reply_problem(r, 422, "bad-key", "The key is not accepted",
                           err == CORE_EDENIED ? "it is named, but not signed for this server"
                                               : "it is no X-Wing encapsulation key");
        return;
    }
    reply_handshake(r, id, reply);
}

/* --- Sealing -------------------------------------------------------------------------------- */

static struct bus_session *session_of(struct gate_request *r, core_json body)
{
    struct core_str id;
    struct bus_session *session;
    if (!field_str(r, body, "session_id", FIELD_REQUIRED, 1, 64, &id)) {
        return NULL;
    }
    session = bus_sessions_find(gate_request_services(r)->sessions, gate_request_account(r)->id,
                                id);
    if (!session) {
        gate_reply_problem(r, 404, "no-session", "There is no such session",
                           "it may be over: make a handshake again");
    }
    return session;
}

static void reply_problem(struct gate_request *r, const struct genom_problem *p)
{
    gate_reply_problem(r, p->status, p->slug, p->title, p->detail);
}

static int seal_payload(const struct genom_dict *dict, struct bus_session *session,
                        struct core_str text, struct core_buf *out, uint64_t *counter)
{
    struct core_buf coded;
    size_t len = 0;
    core_buf_init(&coded, genom_encode_bound(text.len) + 1);
    char *room = core_buf_reserve(&coded, genom_encode_bound(text.len));
    int err = !room || genom_encode(dict, GENOM_FAST, text.ptr, text.len, room,
                                    genom_encode_bound(text.len), &len)
                  ? CORE_ENOMEM
                  : bus_session_seal(session, CORE_STR(""), core_strn(room, len), out, counter);
    core_buf_done(&coded);
    return err;
}

static int seal_tokens(const struct genom_dict *dict, struct bus_session *session,
                       struct core_str text, struct core_buf *out, uint64_t *counter)
{
    size_t count = genom_ids(dict, text.ptr, text.len, NULL, 0);
    struct core_buf ids;
    core_buf_init(&ids, count * sizeof(uint32_t) + 1);
    uint32_t *list = (uint32_t *)(void *)core_buf_reserve(&ids, count * sizeof(uint32_t));
    int err = CORE_ENOMEM;
    if (list) {
        genom_ids(dict, text.ptr, text.len, list, count);
        err = bus_session_seal_tokens(session, dict, CORE_STR(""), list, count, out, counter);
    }
    core_buf_done(&ids);
    return err;
}

void handle_genom_encrypt(struct gate_request *r)
{
    const struct genom_dict *dict = genom_dict_of(r);
    core_json body = dict ? gate_request_json(r) : NULL;
    struct bus_session *session;
    struct genom_problem problem = {0};
    struct core_str text, form = CORE_STR("payload");
    struct core_buf sealed;
    struct core_json_out o;
    uint64_t counter = 0;
    if (!body || !(session = session_of(r, body)) ||
        !field_str(r, body, "form", FIELD_OPTIONAL, 1, 16, &form)) {
        return;
    }
    bool tokens = core_str_eq_c(form, "tokens");
    if (!tokens && !core_str_eq_c(form, "payload")) {
        field_problem(r, "form", "must be \"payload\" or \"tokens\"");
        return;
    }
    if (genom_read_text(body, gate_request_pool(r), &text, &problem)) {
        reply_problem(r, &problem);
        return;
    }
    core_buf_init(&sealed, BUS_LIMIT_SEALED + BUS_SESSION_EXTRA);
    int err = (tokens ? seal_tokens : seal_payload)(dict, session, text, &sealed, &counter);
    if (err) {
        gate_reply_error(r, err, err == CORE_ETOOBIG ? "the text is too large to be sealed" : NULL);
    } else {
        core_json_out_init(&o, gate_reply_buf(r));
        core_json_out_object(&o, NULL);
        genom_out_base64(&o, "sealed", core_buf_str(&sealed));
        core_json_out_u64(&o, "counter", counter);
        core_json_out_end(&o);
        gate_reply_json(r, 200);
    }
    core_buf_done(&sealed);
}

/* --- Opening -------------------------------------------------------------------------------- */

static void open_refused(struct gate_request *r, int err)
{
    if (err == CORE_EEXISTS) {
        gate_reply_problem(r, 409, "replay", "The message was opened before", NULL);
    } else if (err == CORE_EMISMATCH) {
        gate_reply_problem(r, 409, "out-of-order", "A message before this one is missing", NULL);
    } else {
        gate_reply_problem(r, 422, "not-opened", "The message cannot be opened",
                           "it was altered, or sealed for another session");
    }
}

/* What was opened: a coded text, or the ids of a message of tokens. */
struct opened {
    struct genom_task task;
    struct core_str bytes; /* in the pool */
    bool tokens;
};

static void text_of_tokens(const struct genom_dict *dict, struct core_str ids,
                           struct core_buf *text, struct genom_problem *problem)
{
    size_t len;
    char *room = core_buf_reserve(text, GATE_LIMIT_GENOM_TEXT);
    if (!room || genom_text(dict, (const uint32_t *)(const void *)ids.ptr,
                            ids.len / sizeof(uint32_t), room, GATE_LIMIT_GENOM_TEXT, &len, NULL)) {
        genom_problem_set(problem, 422, "not-decodable", "The tokens are no text", "%s",
                          "the message was opened, but its tokens do not follow each other so");
    } else {
        core_buf_grew(text, len);
    }
}

static void opened_run(struct gate_request *r, struct genom_task *task)
{
    const struct genom_dict *dict = gate_request_services(r)->genom;
    struct opened *opened = (struct opened *)task;
    struct core_buf text;
    struct core_json_out o;
    core_buf_init(&text, GATE_LIMIT_GENOM_TEXT);
    if (opened->tokens) {
        text_of_tokens(dict, opened->bytes, &text, &task->problem);
    } else {
        genom_decode_into(dict, opened->bytes, &text, &task->problem);
    }
    core_json_out_init(&o, gate_reply_buf(r));
    core_json_out_object(&o, NULL);
    genom_out_text(&o, core_buf_str(&text));
    core_json_out_end(&o);
    core_buf_done(&text);
}

/* Opened here, where the session is; what it holds may be a text a hundred times as long. */
static int open_sealed(struct gate_request *r, const struct genom_dict *dict,
                       struct bus_session *session, struct core_str sealed, struct opened *ret)
{
    struct core_buf bytes;
    ret->task.run = opened_run;
    ret->tokens = bus_session_is_tokens(sealed);
    core_buf_init(&bytes, 2 * (size_t)BUS_LIMIT_SEALED);
    int err = ret->tokens ? bus_session_open_tokens(session, dict, CORE_STR(""), sealed, &bytes)
                          : bus_session_open(session, CORE_STR(""), sealed, &bytes);
    if (!err) {
        void *kept = core_pool_alloc(gate_request_pool(r), bytes.len + 1);
        if (kept && bytes.len > 0) {
            memcpy(kept, bytes.ptr, bytes.len);
        }
        ret->bytes = core_strn(kept, bytes.len);
        err = kept ? 0 : CORE_ENOMEM;
    }
    core_buf_done(&bytes);
    return err;
}

void handle_genom_decrypt(struct gate_request *r)
{
    const struct genom_dict *dict = genom_dict_of(r);
    core_json body = dict ? gate_request_json(r) : NULL;
    struct bus_session *session;
    struct core_str base64, sealed;
    struct opened *opened;
    if (!body || !(session = session_of(r, body)) ||
        !field_str(r, body, "sealed", FIELD_REQUIRED, 1, GATE_LIMIT_GENOM_BODY, &base64)) {
        return;
    }
    if (genom_read_base64(base64, gate_request_pool(r), &sealed)) {
        field_problem(r, "sealed", "must be base64");
        return;
    }
    opened = core_pool_alloc(gate_request_pool(r), sizeof *opened);
    int err = opened ? open_sealed(r, dict, session, sealed, opened) : CORE_ENOMEM;
    if (err == CORE_ENOMEM) {
        gate_reply_error(r, err, NULL);
    } else if (err) {
        open_refused(r, err);
    } else {
        genom_task_start(r, &opened->task, opened->bytes.len * GATE_LIMIT_GENOM_CODED_BYTE);
    }
}
