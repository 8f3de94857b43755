/* describe_kinds.c: what routes have in common: their
 * parameters, and every way to fail; see describe.h. */
#include "gate/describe.h"

#include "core/limits.h"

#define TEXT_(n) #n
#define TEXT(n) TEXT_(n)

/* --- Parameters ------------------------------------------------------------------------------- */

static const struct gate_parameter parameters[] = {
    {"limit", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":" TEXT(GATE_LIMIT_PAGE) "}",
     "How many items a page has at most"},
    {"k", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":" TEXT(AI_LIMIT_SEARCH_K) "}",
     "How many results"},
    {"after", "{\"type\":\"string\"}", "The `next` of the page before: items that follow it"},
    {"before", "{\"type\":\"string\"}", "The `next` of the page before: items older than it"},
    {"q", "{\"type\":\"string\",\"minLength\":1,\"maxLength\":1024}", "Words to look for"},
    {"code", "{\"type\":\"string\",\"pattern\":\"^[0-9a-z]+$\",\"maxLength\":64}",
     "The one-time code of the address"},
    {"conversation_id", "{\"type\":\"string\",\"pattern\":\"^[0-9a-z]*$\",\"maxLength\":64}",
     "Id of a conversation"},
    {"name", "{\"type\":\"string\",\"maxLength\":128}", "What the document is called"},
    {"by",
     "{\"type\":\"string\",\"enum\":[\"meaning\",\"plane\",\"day\",\"user\",\"model\",\"level\"]}",
     "What near means, or what is added up by"},
    {"range", "{\"type\":\"string\",\"pattern\":\"^[0-9]+[hd]$\",\"maxLength\":8}",
     "How far back: 24h, 7d, 30d"},
    {"level", "{\"type\":\"string\",\"enum\":[\"error\",\"warn\",\"info\",\"debug\"]}",
     "What is at least as bad"},
    {"version", "{\"type\":\"integer\",\"minimum\":1}", "As which version it was seen"},
    {"word", "{\"type\":\"string\",\"maxLength\":128}", "A word of the dictionary"},
    {"text", "{\"type\":\"string\",\"maxLength\":1024}", "A text, for its centroid"},
    {"act", "{\"type\":\"string\",\"pattern\":\"^[a-z.]*$\",\"maxLength\":64}",
     "Only these acts, such as login.ok"},
    {"actor", "{\"type\":\"string\",\"pattern\":\"^[0-9a-z]*$\",\"maxLength\":64}",
     "Only what this account did, by its id"},
    {"account", "{\"type\":\"string\",\"pattern\":\"^[0-9a-z]*$\",\"maxLength\":26}",
     "Id of an account"},
    {"sid", "{\"type\":\"string\",\"minLength\":1}", "Id of a login"},
    {"id", "{\"type\":\"string\",\"minLength\":1}", "Id"},
};

const struct gate_parameter *gate_describe_parameter(struct core_str name)
{
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        if (core_str_eq_c(name, parameters[i].name))
            return &parameters[i];
    return NULL;
}

/* --- Problems --------------------------------------------------------------------------------- */

const struct gate_problem_kind gate_problem_kinds[] = {
    {400, "malformed-address", "The address is malformed"},
    {400, "malformed-json", "The body is not a JSON object"},
    {400, "malformed", "The request is malformed"},
    {400, "invalid-field", "A field is not valid; `detail` names it"},
    {400, "empty-document", "The document has no bytes"},
    {400, "bad-costs", "The file holds no costs; `detail` names the line"},
    {401, "unauthorized", "A token is required, or the one that came is not valid"},
    {401, "wrong-token", "It is not the owner's token"},
    {401, "wrong-credentials", "The credentials are not right"},
    {401, "totp-required", "The password is right, and a code of the second factor is missing"},
    {402, "budget-exceeded", "A budget is used up; `detail` says which, and when again"},
    {403, "forbidden", "The account's role may not do this"},
    {403, "key-scope", "The API key is not for this"},
    {403, "cross-origin", "A request with the session cookie came from another site"},
    {403, "registration-closed", "An invitation is required"},
    {403, "no-login", "It came by no login, or agents have no session"},
    {403, "totp-enrolment-required", "The account needs a second factor for this"},
    {403, "step-up-required", "Prove again who you are, then try again"},
    {403, "wrong-password", "The password is not right"},
    {403, "wrong-code", "The code is not right"},
    {403, "wrong-reset", "The reset was used, or its time is over"},
    {403, "owner-last", "The owner leaves last"},
    {404, "not-found", "There is no such thing"},
    {404, "no-totp", "There is no second factor to confirm or remove"},
    {404, "no-account", "There is no account to remove"},
    {404, "no-session", "There is no such session; make a handshake again"},
    {404, "unknown-word", "The dictionary does not have the word"},
    {404, "model-not-found", "There is no such model"},
    {408, "timeout", "The request took too long to arrive"},
    {409, "changed", "The data changed meanwhile"},
    {409, "email-taken", "The e-mail address has an account"},
    {409, "name-taken", "There is one of that name"},
    {409, "too-many-invites", "Too many invitations are open"},
    {409, "too-many-providers", "There are too many providers"},
    {409, "limit-reached", "There are as many as there may be"},
    {409, "in-use", "It is in use"},
    {409, "backup-running", "A backup is being made"},
    {409, "not-the-newest", "Only the newest import can be undone"},
    {409, "not-a-path", "What was sent cannot be read again"},
    {409, "totp-on", "The account has a second factor"},
    {409, "replay", "The message was opened before"},
    {409, "out-of-order", "A message before this one is missing"},
    {409, "idempotency-key-not-kept", "It was done before, and its answer was not kept"},
    {409, "idempotency-key-in-progress", "The first request with this key is still being answered"},
    {413, "too-large", "The body, or the answer to it, is over the cap of the route"},
    {413, "bad-costs", "The file holds more costs than may be"},
    {414, "uri-too-long", "The address is too long"},
    {415, "unsupported-media-type", "The body must be JSON"},
    {415, "unsupported-encoding", "The body must not be compressed"},
    {415, "unsupported", "This is not supported"},
    {422, "bad-key", "The key is not accepted"},
    {422, "not-a-message", "It is no GENOM message, or it was altered"},
    {422, "unknown-dictionary", "It was coded with another dictionary"},
    {422, "not-decodable", "The bytes or tokens stand for no text"},
    {422, "unknown-token", "The dictionary does not have the token"},
    {422, "not-utf-8", "The text is not UTF-8; ask for another form"},
    {422, "not-opened", "The message was altered, or sealed for another session"},
    {422, "idempotency-key-reused", "The key came before, with another request"},
    {429, "rate-limited",
     "Too many requests of one address, account or key; wait as long as Retry-After says"},
    {429, "too-many-requests", "Too many are under way; wait as long as Retry-After says"},
    {429, "too-many-tries", "Too many tries that failed; wait as long as Retry-After says"},
    {431, "headers-too-large", "The header fields are too large"},
    {500, "internal", "The server made a mistake; its log has the request's id"},
    {503, "busy", "The server is busy; try again"},
    {503, "no-memory", "There is not enough memory"},
    {503, "read-only", "Writing is not possible at the moment"},
    {503, "io", "The server's disk fails; it tries again by itself"},
    {503, "database-away", "The server's database cannot be reached; it tries again by itself"},
    {503, "closed", "The server is stopping"},
    {503, "no-model", "The server has no model that may answer"},
    {503, "no-dictionary", "The server has no dictionary"},
    {503, "damaged-dictionary", "The dictionary is damaged"},
    {504, "took-too-long", "It took too long, and may have been done: look before trying again"},
    {507, "disk-full", "The disk is full"},
};
const size_t gate_problem_kind_count = sizeof gate_problem_kinds / sizeof *gate_problem_kinds;
