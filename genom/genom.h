/*
 * genom.h: the library libgenom. Every word is a token of a dictionary of 1,000,000, every token a
 * point on the complex plane, every message a few bytes.
 *
 *     struct genom_dict *dict;
 *     genom_dict_open("genom.dict", &dict);
 *     genom_encode(dict, GENOM_FAST, text, len, out, sizeof out, &out_len);
 *     genom_decode(dict, out, out_len, text, sizeof text, &len);
 *     genom_dict_close(dict);
 *
 * Only libc. A dictionary never changes once it is open: any number of threads may use
 * it. All other memory is the caller's; nothing is allocated, nothing aborts.
 * Functions that may fail return 0 or a code of genom_error; what they return through
 * pointers is written last, and only on success unless said otherwise. Texts are
 * bytes: any bytes, not only UTF-8. Formats: docs/genom.md.
 */
#ifndef GENOM_GENOM_H
#define GENOM_GENOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GENOM_TOKENS 1000000u
/* No id. */
#define GENOM_NONE UINT32_MAX

enum genom_error {
    GENOM_OK = 0,
    GENOM_ESPACE = -1,   /* the output does not fit: *ret_len says what would */
    GENOM_EDATA = -2,    /* not what an encoder makes: damaged, cut off, or something else */
    GENOM_EDICT = -3,    /* no dictionary, or a damaged one */
    GENOM_EVERSION = -4, /* of a version or mode that this library does not know */
    GENOM_ESYSTEM = -5,  /* see errno */
    GENOM_EMORE = -6,    /* the input ends within a block: call again with more of it */
};
/* "the output does not fit", … never NULL. */
const char *genom_error_text(int error);

/* --- Dictionary ----------------------------------------------------------------------------- */

struct genom_dict;

/* Maps a dictionary. Checks its size, header and section table, not yet each section (see
 * genom_dict_verify): takes well under 5 ms. GENOM_ESYSTEM, GENOM_EDICT, GENOM_EVERSION. */
int genom_dict_open(const char *path, struct genom_dict **ret_dict);
/* Accepts NULL. */
void genom_dict_close(struct genom_dict *dict);
/* Reads the whole file and compares every checksum and the SHA-256. */
int genom_dict_verify(const struct genom_dict *dict);
/* Lets the system have the memory back that reading all of it took. What is read again comes
 * back. */
void genom_dict_rest(const struct genom_dict *dict);
/* The first eight hexadecimal digits of its SHA-256: names it in messages. */
#define GENOM_DICT_NAME 9
void genom_dict_name(const struct genom_dict *dict, char ret_name[GENOM_DICT_NAME]);

size_t genom_dict_size(const struct genom_dict *dict); /* bytes of the file */
uint32_t genom_dict_tokens(const struct genom_dict *dict);
/* "en", "cs", …; NULL: no more. */
const char *genom_dict_language(const struct genom_dict *dict, unsigned number);

/* A dictionary in a third of the bytes after gzip: without what follows from the rest (tables, the
 * order of the ring). Both return GENOM_ESPACE when the output does not fit (*ret_len says what is
 * needed), and need no other memory. */
int genom_pack(const struct genom_dict *dict, void *out, size_t cap, size_t *ret_len);
/* Makes the file again, byte for byte. What damage a pack has may show only in
 * genom_dict_verify(). */
int genom_unpack(const void *pack, size_t len, void *out, size_t cap, size_t *ret_len);

/* --- Tokens --------------------------------------------------------------------------------- */

enum genom_class {
    GENOM_START, /* what stands before the first token */
    GENOM_WORD,
    GENOM_IDEO, /* a word of a script that puts no spaces */
    GENOM_NUMBER,
    GENOM_COMMA,
    GENOM_STOP,
    GENOM_OPEN,
    GENOM_CLOSE,
    GENOM_QUOTE,
    GENOM_TIE,
    GENOM_DASH,
    GENOM_EMOJI,
    GENOM_PHRASE,
    GENOM_BLANK,
    GENOM_BYTE,
    GENOM_CONTROL,
};

struct genom_str {
    const char *ptr; /* in the dictionary's memory; not NUL-terminated */
    size_t len;
};

struct genom_token {
    uint32_t id;
    struct genom_str canonical;
    enum genom_class cls;
    uint32_t phase;     /* θ: the full turn is 2³² */
    double theta;       /* radians, for display */
    double r;           /* 1 + self-information in bits / 100 */
    const char *sector; /* NUL-terminated, as long as the dictionary is open */
    unsigned quadrant;  /* 1 … 4 */
    bool inferred;      /* the sector was inferred */
};

/* The id of a canonical form (lower case, NFC), or GENOM_NONE. */
uint32_t genom_lookup(const struct genom_dict *dict, const char *form, size_t len);
/* The id of a word in any casing, or of a canonical form, or GENOM_NONE. */
uint32_t genom_find(const struct genom_dict *dict, const char *word, size_t len);
/* How many words of a language (its number: genom_dict_language()) are more frequent than this one;
 * GENOM_NONE: it is none of those that the dictionary lists for it. */
uint32_t genom_rank(const struct genom_dict *dict, unsigned language, uint32_t id);
/* false: no such id. */
bool genom_token(const struct genom_dict *dict, uint32_t id, struct genom_token *ret_token);

/* --- Plane ---------------------------------------------------------------------------------- */

/* A sector is an arc of the ring. */
struct genom_sector {
    const char *name; /* as long as the dictionary is open */
    unsigned quadrant;
    uint32_t first, count; /* positions on the ring */
    uint32_t phase, width; /* the same as phases; a width of the whole turn is 2³² − 1 */
};
unsigned genom_sector_count(const struct genom_dict *dict);
/* false: no such number. */
bool genom_sector(const struct genom_dict *dict, unsigned number, struct genom_sector *ret_sector);
/* The token at a position 0 … tokens − 1 of the ring, or GENOM_NONE. */
uint32_t genom_ring(const struct genom_dict *dict, uint32_t position);

/* A point of the plane that need not be a token's. */
struct genom_point {
    double re, im;
    uint32_t phase;
    double theta, r;    /* of the same point */
    const char *sector; /* in which θ lies */
    unsigned quadrant;
    size_t tokens; /* whose mean it is */
};
/* The centroid of a text: the mean of r · e^(iθ) over its tokens; what is spelled is none. r is
 * short where they point in all directions. false: there is no token. The same on every machine. */
bool genom_centroid(const struct genom_dict *dict, const char *text, size_t len,
                    struct genom_point *ret_point);

struct genom_near {
    uint32_t id;
    /* Plane: the angle between both, in parts of half a turn, 0 … 1. Meaning: the cosine, −1 …
     * 1. */
    double distance;
};
/* At most this many neighbours. */
#define GENOM_NEAR_MAX 256
/* The tokens next to it on the ring, nearest first, without itself. Returns how many. */
size_t genom_near_on_plane(const struct genom_dict *dict, uint32_t id, struct genom_near *ret_near,
                           size_t max);
/* The tokens about a phase, nearest first. */
size_t genom_near_phase(const struct genom_dict *dict, uint32_t phase, struct genom_near *ret_near,
                        size_t max);
/* The tokens that mean the most similar, by their vectors, nearest first, without itself; 0 for a
 * token that has none. Looks at all vectors: about a millisecond. */
size_t genom_near_by_meaning(const struct genom_dict *dict, uint32_t id,
                             struct genom_near *ret_near, size_t max);
/* Cosine of the vectors of two tokens; false: one has none. */
bool genom_similarity(const struct genom_dict *dict, uint32_t a, uint32_t b, double *ret_cosine);

/* --- Codec ---------------------------------------------------------------------------------- */

enum genom_mode {
    GENOM_FAST = 0,  /* static statistics */
    GENOM_DENSE = 1, /* shorter, slower: what follows what; never longer than fast */
};

/* No text of `len` bytes becomes longer than this. */
static inline size_t genom_encode_bound(size_t len)
{
    return len + 1;
}
/* out may not overlap in. GENOM_ESPACE only when cap < genom_encode_bound(len) and the result does
 * not fit; *ret_len is then the bound. */
int genom_encode(const struct genom_dict *dict, enum genom_mode mode, const void *in, size_t len,
                 void *out, size_t cap, size_t *ret_len);
/* The inverse. Time is linear in len + cap, whatever the input.
 * GENOM_EDATA, GENOM_EVERSION, or GENOM_ESPACE (*ret_len is then unchanged:
 * how long the text is nobody knows before it is decoded). */
int genom_decode(const struct genom_dict *dict, const void *in, size_t len, void *out, size_t cap,
                 size_t *ret_len);

/* Many texts at once, end to end: ret_ends[i] is where the i-th ends in out. Needs the room of all
 * their bounds; GENOM_ESPACE otherwise. */
int genom_encode_all(const struct genom_dict *dict, enum genom_mode mode,
                     const struct genom_str *texts, size_t count, void *out, size_t cap,
                     size_t *ret_ends);

/* Inputs of any size, in blocks: each codes up to GENOM_BLOCK bytes and decodes alone. */
#define GENOM_BLOCK 65536u
#define GENOM_BLOCK_EXTRA 5u
/* 1 … GENOM_BLOCK bytes become a block: cap ≥ len + GENOM_BLOCK_EXTRA always does. */
int genom_block_put(const struct genom_dict *dict, enum genom_mode mode, const void *in, size_t len,
                    void *out, size_t cap, size_t *ret_len);
/* Decodes the block at the beginning of `in`; *ret_used says how long it was. GENOM_EMORE: it is
 * not all there; GENOM_EDATA; GENOM_ESPACE: cap ≥ GENOM_BLOCK never is. */
int genom_block_get(const struct genom_dict *dict, const void *in, size_t len, size_t *ret_used,
                    void *out, size_t cap, size_t *ret_len);

/* A piece of a text: a token, or bytes that no token stands for. */
struct genom_piece {
    uint32_t id;    /* GENOM_NONE: spelled */
    uint8_t len;    /* bytes */
    uint8_t cls;    /* enum genom_class */
    uint8_t casing; /* 0 as the canonical form is, 1 first letter capital, 2 all capitals */
    uint8_t space;  /* 1: one space stands before it */
    uint32_t at;    /* where its bytes begin in the text; a space before it is not among them */
};
/* Cuts text[*at …] into pieces, at most `max`, and moves *at behind the last. Returns how many; 0
 * only at the end. Begin with *at = 0; len at most 2³² − 1. */
size_t genom_pieces(const struct genom_dict *dict, const char *text, size_t len, size_t *at,
                    struct genom_piece *ret_pieces, size_t max);
/* genom_encode() in mode fast for who has the pieces: all that genom_pieces() cuts this text into.
 * Others are not looked for: what then comes out is undefined. */
int genom_encode_pieces(const struct genom_dict *dict, const char *text, size_t len,
                        const struct genom_piece *pieces, size_t count, void *out, size_t cap,
                        size_t *ret_len);

/* --- Ids ------------------------------------------------------------------------------------ */

/* A text as ids alone, and back. Each piece: JOIN when no space stands before it (not for the
 * first), TITLE or UPPER for its casing, its id; a spelled one: SPELL, the byte tokens, END. */
enum genom_control {
    GENOM_ID_END = 0,
    GENOM_ID_JOIN = 1,
    GENOM_ID_TITLE = 2,
    GENOM_ID_UPPER = 3,
    GENOM_ID_SPELL = 5,
    GENOM_CONTROLS = 16 /* the first id that is none */
};
/* Returns how many ids there are; only the first `cap` are written. */
size_t genom_ids(const struct genom_dict *dict, const char *text, size_t len, uint32_t *ret_ids,
                 size_t cap);
/* GENOM_EDATA: no such id, or a control where it has no meaning; *ret_bad (may be NULL) says which.
 * GENOM_ESPACE: *ret_len says what is needed. */
int genom_text(const struct genom_dict *dict, const uint32_t *ids, size_t count, char *out,
               size_t cap, size_t *ret_len, size_t *ret_bad);
/* An id as it is written: "T-00847" (decimal, five digits or more), "0x034F" (hexadecimal, four or
 * more); with a NUL. Returns the length. */
#define GENOM_ID_TEXT 13
size_t genom_id_token(uint32_t id, char ret_text[GENOM_ID_TEXT]);
size_t genom_id_hex(uint32_t id, char ret_text[GENOM_ID_TEXT]);
/* The inverse, of "847" too. false: none of them. */
bool genom_id_read(const char *text, size_t len, uint32_t *ret_id);
/* The id at a phase that genom_token() gave, or GENOM_NONE. */
uint32_t genom_at_phase(const struct genom_dict *dict, uint32_t phase);

/* --- Phase Rotation ------------------------------------------------------------------------- */

/* The one thing the library needs of a cryptographic library: ChaCha20-Poly1305 (RFC 8439). */
struct genom_crypto {
    void *ctx;
    /* Writes len + 16 bytes, ciphertext and tag. Associated data: head, then body. */
    void (*seal)(void *ctx, const uint8_t key[32], const uint8_t nonce[12], const void *head,
                 size_t head_len, const void *body, size_t body_len, const void *bytes, size_t len,
                 uint8_t *out);
};
/* What a sealed sequence is longer than its ids, at three bytes each. */
#define GENOM_SEALED_EXTRA 16u
#define GENOM_SEALED_MAX (1u << 22) /* ids */
/* Turns each token by a fresh secret angle and seals the sequence: out gets 3 × count + 16 bytes.
 * `counter` must never come twice with a key. GENOM_EDATA: an id is none, or there are too many. */
int genom_seal_tokens(const struct genom_dict *dict, const struct genom_crypto *crypto,
                      const uint8_t key[32], uint64_t counter, const void *aad, size_t aad_len,
                      const uint32_t *ids, size_t count, uint8_t *out);
/* The inverse: ret_ids gets (len − 16) / 3 ids. GENOM_EDATA:
 * altered, or sealed otherwise; nothing is written then. */
int genom_open_tokens(const struct genom_dict *dict, const struct genom_crypto *crypto,
                      const uint8_t key[32], uint64_t counter, const void *aad, size_t aad_len,
                      const uint8_t *sealed, size_t len, uint32_t *ret_ids);

/* --- Messages ------------------------------------------------------------------------------- */

enum genom_type {
    GENOM_MSG,
    GENOM_ACK,
    GENOM_HELLO,
    GENOM_BEAT,
    GENOM_TASK,
    GENOM_RESULT,
    GENOM_ERR,
};
/* "MSG", …, or NULL. */
const char *genom_type_name(enum genom_type type);

#define GENOM_NODE_MAX 9999999u
#define GENOM_PAYLOAD_MAX (64u << 20)

struct genom_message {
    uint32_t from; /* node 1 … GENOM_NODE_MAX */
    uint32_t to;   /* the same, or 0: everybody */
    enum genom_type type;
    uint32_t dict; /* genom_dict_id() of the dictionary that the payload was made with */
    uint64_t id;
    const uint8_t *payload;
    size_t len;
};
/* The first eight hexadecimal digits of the dictionary's SHA-256, as a number. */
uint32_t genom_dict_id(const struct genom_dict *dict);

/* GENOM|NOD1|*|MSG|1|f619e444|0000000000000001|<payload, base64url>|<CRC-32C>, without a NUL. */
size_t genom_message_text_len(const struct genom_message *message);
/* As bytes: 32 more than the payload. */
#define GENOM_FRAME_EXTRA 32u
/* GENOM_ESPACE (*ret_len says what is needed), GENOM_EDATA (a field out of its range). */
int genom_message_put_text(const struct genom_message *message, char *out, size_t cap,
                           size_t *ret_len);
int genom_message_put_bytes(const struct genom_message *message, uint8_t *out, size_t cap,
                            size_t *ret_len);
/* Both take exactly what the other two make and nothing else. The payload
 * is written to `payload` (text: at most 3/4 of the text), or stays where
 * it is (bytes). GENOM_EDATA, GENOM_EVERSION, GENOM_ESPACE. */
int genom_message_get_text(const char *text, size_t len, uint8_t *payload, size_t cap,
                           struct genom_message *ret_message);
int genom_message_get_bytes(const uint8_t *bytes, size_t len, struct genom_message *ret_message);

/* --- Intents -------------------------------------------------------------------------------- */

enum genom_intents {
    GENOM_STATEMENT, /* 💬 also when nothing says what it is */
    GENOM_GREETING,  /* 👋 */
    GENOM_FAREWELL,  /* 🫡 */
    GENOM_THANKS,    /* 🙏 */
    GENOM_QUESTION,  /* ❓ wants to know something */
    GENOM_REQUEST,   /* ⚡ wants something done */
    GENOM_AFFIRM,    /* ✅ yes */
    GENOM_DENY,      /* ❌ no */
    GENOM_ALERT,     /* 🚨 danger, failure, something urgent */
    GENOM_APOLOGY,   /* 🙇 */
    GENOM_INTENTS,   /* how many there are */
};

struct genom_intent {
    enum genom_intents intent;
    const char *name; /* "greeting"; static, like the symbol: UTF-8, one emoji */
    const char *symbol;
    unsigned confidence; /* per cent: how often such a decision is right (docs/genom.md) */
};
/* What the sender of a message mainly wants: English, Czech, German, Spanish. Needs no dictionary
 * and always decides. Takes any bytes; of more than 1 KiB only the beginning and the end are read,
 * so the time has a bound: about a microsecond for a short message, a few for the longest. */
void genom_intent(const char *text, size_t len, struct genom_intent *ret_intent);

#ifdef __cplusplus
}
#endif

#endif
