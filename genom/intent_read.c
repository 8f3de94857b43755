/*
 * intent_read.c: cuts a message into words and signs, guesses its language, and finds the phrases
 * of genom/intent/ in it.
 *
 * A word is hashed while it is read, as three spellings: plain (lower case, no marks: what people
 * type in a hurry), exact (the same, but letters that have marks differ from those that have none)
 * and drawn out (every run of a letter once, for "heeey"). A phrase has a hash made of those of its
 * words, so the table needs no texts, and a look-up is one step into a bucket.
 */
#include "genom/inside.h"
#include "genom/intent.h"
#include "genom/intent_table.h"

/* Of a longer text as much of both ends is read. */
#define END_BYTES 512
#define HASH_START 0x811c9dc5u
#define DRAWN_START 0x9e3779b9u
#define PHRASE_MOST 6

struct word {
    uint32_t plain, exact, drawn;
    uint16_t plain_kind, exact_kind; /* what the table says of them */
    uint32_t tail;                   /* see struct genom__mark */
    uint8_t role;                    /* of a sign; ROLE_NONE for a word */
    bool marked;                     /* exact differs from plain */
    bool run;                        /* a letter stands three times */
    bool capital, loud, number;
};

struct reader {
    const char *text;
    size_t len, at;
    struct word words[GENOM__MARKS];
    unsigned count;
    unsigned votes[GENOM__LANGS];
    bool asking; /* ¿ stood, and no ? yet */
};

/* Letters U+00C0 … U+017F without their marks; space: no letter. */
static const char base[] =
    "aaaaaaaceeeeiiiidnooooo ouuuuyts"
    "aaaaaaaceeeeiiiidnooooo ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiijjjjkkk"
    "llllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static uint32_t hash_byte(uint32_t hash, unsigned byte)
{
    return (hash ^ byte) * 0x01000193u;
}

static uint32_t hash_join(uint32_t left, uint32_t right)
{
    return ((left * 31) ^ right) * 0x9e3779b1u;
}

static unsigned bucket_of(uint32_t hash)
{
    return hash >> (32 - BUCKET_BITS);
}

/* The kind of the entry that has this hash; 0: none has it. */
static unsigned find(uint32_t hash)
{
    unsigned bucket = bucket_of(hash);
    uint32_t rest = hash << BUCKET_BITS;
    for (unsigned i = buckets[bucket]; i < buckets[bucket + 1]; i++)
        if ((cells[i] ^ rest) < KINDS_MOST)
            return cells[i] ^ rest;
    return 0;
}

/* --- Words ---------------------------------------------------------------------------------- */

struct spelling {
    uint32_t plain, drawn, tail;
    uint32_t exact;       /* once marked; until then it is plain */
    unsigned last, times; /* the letter before, and how often it stood */
    unsigned letters, capitals;
    bool marked, run, capital;
};

static inline void mark(struct spelling *s)
{
    if (!s->marked)
        s->exact = s->plain;
    s->marked = true;
}

static inline void spell(struct spelling *s, unsigned byte, unsigned exact)
{
    if (byte != exact)
        mark(s);
    s->plain = hash_byte(s->plain, byte);
    s->tail = s->tail << 8 | byte;
    if (s->marked)
        s->exact = hash_byte(s->exact, exact);
    if (byte != s->last) {
        s->last = byte;
        s->times = 1;
        s->drawn = hash_byte(s->drawn, byte);
    } else if (++s->times == 3) {
        s->run = true;
    }
}

/* Of U+00C0 … U+017F, where capitals and small letters take turns. */
static bool is_capital(uint32_t code)
{
    if (code < 0x100)
        return code < 0xdf;
    return (code >= 0x139 && code <= 0x148) || code >= 0x179 ? code & 1 : !(code & 1);
}

/* A letter above ASCII. */
static void spell_code(struct spelling *s, uint32_t code, const char *bytes, size_t n)
{
    s->letters++;
    if (code >= 0xc0 && code < 0x180) {
        s->capitals += is_capital(code);
        unsigned letter = (unsigned char)base[code - 0xc0];
        spell(s, letter, letter | 0x80);
        if (code == 0xdf)
            spell(s, letter, letter | 0x80);
        return;
    }
    for (size_t i = 0; i < n; i++)
        spell(s, (unsigned char)bytes[i], (unsigned char)bytes[i]);
}

static bool is_letter(uint32_t code)
{
    return code >= 0xc0 && code < 0x180 ? base[code - 0xc0] != ' ' : genom__letter(code) != 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static void vote_letter(struct reader *r, uint32_t code)
{
    if (code >= 0x100 && code < 0x180)
        r->votes[GENOM__CS] += 4;
    else if (code == 0xe4 || code == 0xf6 || code == 0xfc || code == 0xdf)
        r->votes[GENOM__DE] += 4;
    else if (code == 0xf1)
        r->votes[GENOM__ES] += 4;
}

/* An apostrophe between two letters, however it is typed; its length. */
static size_t apostrophe(const struct reader *r)
{
    const char *p = r->text + r->at;
    size_t left = r->len - r->at;
    size_t n = *p == '\'' || *p == '`'                                          ? 1
               : left > 3 && !memcmp(p, "\xe2\x80", 2) && (p[2] & 0xfe) == 0x98 ? 3
               : left > 2 && !memcmp(p, "\xc2\xb4", 2)                          ? 2
                                                                                : 0;
    return n && n < left && (is_alnum(p[n]) || p[n] & 0x80) ? n : 0;
}

/* The word at the cursor; false: there is none. */
static bool read_word(struct reader *r, struct word *ret_word)
{
    struct spelling s = {.plain = HASH_START, .drawn = DRAWN_START};
    size_t from = r->at;
    while (r->at < r->len) {
        char c = r->text[r->at];
        uint32_t code;
        size_t n;
        if (is_alnum(c)) {
            unsigned byte = (unsigned)c | 32; /* of a digit itself */
            s.capitals += byte != (unsigned)c;
            s.letters += byte > '9';
            spell(&s, byte, byte);
            r->at++;
        } else if (r->at > from && (n = apostrophe(r)) > 0) {
            mark(&s);
            s.exact = hash_byte(s.exact, 0x80 | '\'');
            r->at += n;
        } else if (c & 0x80 && (n = genom__utf8(r->text + r->at, r->len - r->at, &code)) > 0 &&
                   is_letter(code)) {
            if (code < 0x300 || code >= 0x370) /* a mark of its own belongs to the letter before */
                spell_code(&s, code, r->text + r->at, n);
            s.capital |= s.capitals == 1 && r->at == from;
            vote_letter(r, code);
            r->at += n;
        } else {
            break;
        }
    }
    if (r->at == from)
        return false;
    char first = r->text[from];
    *ret_word = (struct word){
        .plain = s.plain,
        .exact = s.marked ? s.exact : s.plain,
        .drawn = s.drawn,
        .tail = s.tail & 0xffffff,
        .marked = s.marked,
        .run = s.run,
        .capital = s.capital || (first >= 'A' && first <= 'Z'),
        .loud = s.letters > 1 && s.capitals == s.letters,
        .number = s.letters == 0 && s.last,
    };
    return true;
}

/* --- Signs ---------------------------------------------------------------------------------- */

static void put(struct reader *r, struct word word)
{
    if (r->count < GENOM__MARKS)
        r->words[r->count++] = word;
}

static void put_sign(struct reader *r, enum genom__role role)
{
    if (role >= ROLE_STOP && r->asking) {
        r->asking = false;
        role = ROLE_ASKED;
    }
    /* Of "?!" and "..." the one that says most is enough. */
    if (r->count > 0 && r->words[r->count - 1].role >= ROLE_COMMA) {
        if (r->words[r->count - 1].role < role)
            r->words[r->count - 1].role = (uint8_t)role;
        return;
    }
    put(r, (struct word){.role = (uint8_t)role});
}

/* A code point that is no letter: a sign, an emoji, or nothing. */
static void read_code(struct reader *r, uint32_t code, const char *bytes, size_t n)
{
    uint32_t hash = HASH_START;
    switch (code) {
    case 0xbf:
        put_sign(r, ROLE_COMMA);
        r->asking = true;
        r->votes[GENOM__ES] += 8;
        return;
    case 0xa1:
        r->votes[GENOM__ES] += 8;
        return;
    case 0x2026:
    case 0x3002:
        put_sign(r, ROLE_STOP);
        return;
    case 0x2013:
    case 0x2014:
        put_sign(r, ROLE_COMMA);
        return;
    case 0xff1f:
        put_sign(r, ROLE_ASKED);
        return;
    case 0xff01:
        put_sign(r, ROLE_BANG);
        return;
    }
    if (code < 0x2190 || code == 0x200d || code == 0xfe0f || (code >= 0x1f3fb && code <= 0x1f3ff))
        return;
    for (size_t i = 0; i < n; i++)
        hash = hash_byte(hash, (unsigned char)bytes[i]);
    unsigned kind = find(hash);
    put_sign(r, ROLE_COMMA);
    if (kind) {
        put(r, (struct word){.role = kinds[kind].roles[GENOM__EN]});
        put_sign(r, ROLE_COMMA);
    }
}

/* A sign of ASCII at the cursor, which moves behind it. */
static void read_sign(struct reader *r)
{
    char c = r->text[r->at++], next = r->at < r->len ? r->text[r->at] : ' ';
    bool before = r->at > 1 && is_alnum(r->text[r->at - 2]);
    switch (c) {
    case '.':
        if (!is_alnum(next)) /* but file.txt, 3.5 */
            put_sign(r, ROLE_STOP);
        break;
    case '\n':
    case ';':
        put_sign(r, ROLE_STOP);
        break;
    case '!':
        put_sign(r, ROLE_BANG);
        break;
    case '?':
        if (!is_alnum(next) || !before) /* but ?page=2 */
            put_sign(r, ROLE_ASKED);
        break;
    case ',':
        if (!is_digit(next))
            put_sign(r, ROLE_COMMA);
        break;
    case ':':
    case '(':
        if (c == '(' || next == ' ')
            put_sign(r, ROLE_COMMA);
        break;
    case '-':
    case '+':
        if (!before && is_digit(next)) { /* +1 */
            struct word word;
            if (read_word(r, &word) && word.number)
                word.plain = word.exact = hash_byte(hash_byte(HASH_START, (unsigned)c),
                                                    (unsigned)r->text[r->at - 1]);
            put(r, word);
        } else if (!before && next == ' ') {
            put_sign(r, ROLE_COMMA);
        }
        break;
    case '/':
        if (r->count == 0 && is_alnum(next))
            put(r, (struct word){.role = ROLE_SLASH});
        break;
    case '@':
        if (!before) {
            struct word name;
            if (read_word(r, &name))
                put(r, (struct word){.role = ROLE_FILL});
        }
        break;
    }
}

static void read_part(struct reader *r, size_t from, size_t to, unsigned most)
{
    r->at = from;
    r->len = to;
    while (r->at < r->len && r->count < most) {
        uint32_t code;
        char c = r->text[r->at];
        if (c == ' ') {
            r->at++;
        } else if (read_word(r, &r->words[r->count])) {
            __builtin_prefetch(&buckets[bucket_of(r->words[r->count++].plain)]);
        } else if (c & 0x80) {
            size_t n = genom__utf8(r->text + r->at, r->len - r->at, &code);
            if (n > 0)
                read_code(r, code, r->text + r->at, n);
            r->at += n ? n : 1;
        } else {
            read_sign(r);
        }
    }
}

/* --- Phrases -------------------------------------------------------------------------------- */

/* Looks the words up. One that one language has counts more than one that several have. */
static void vote_words(struct reader *r)
{
    static const uint8_t weight[1 << GENOM__LANGS] = {0, 4, 4, 2, 4, 2, 2, 1,
                                                      4, 2, 2, 1, 2, 1, 1, 0};
    /* All at once: each comparison would wait for its own. */
    for (unsigned i = 0; i < r->count; i++)
        if (!r->words[i].role)
            __builtin_prefetch(&cells[buckets[bucket_of(r->words[i].plain)]]);
    for (unsigned i = 0; i < r->count; i++) {
        struct word *word = &r->words[i];
        if (word->role)
            continue;
        word->plain_kind = (uint16_t)find(word->plain);
        word->exact_kind = word->marked ? (uint16_t)find(word->exact) : 0;
        unsigned langs = kinds[word->exact_kind ? word->exact_kind : word->plain_kind].langs;
        for (unsigned lang = 0; lang < GENOM__LANGS; lang++)
            r->votes[lang] += langs >> lang & 1 ? weight[langs] : 0;
    }
}

static unsigned most_votes(const struct reader *r)
{
    static const uint8_t order[GENOM__LANGS] = {GENOM__EN, GENOM__DE, GENOM__CS, GENOM__ES};
    unsigned best = order[0];
    for (unsigned i = 1; i < GENOM__LANGS; i++)
        if (r->votes[order[i]] > r->votes[best])
            best = order[i];
    return best;
}

/* What an entry of a kind means in a language. A word
 * that this language does not know may be of another one. */
static enum genom__role role_of(unsigned kind, unsigned lang, bool foreign)
{
    const uint8_t *roles = kinds[kind].roles;
    if (roles[lang] || !foreign)
        return roles[lang];
    for (unsigned other = 0; other < GENOM__LANGS; other++)
        if (roles[other])
            return roles[other];
    return ROLE_NONE;
}

static enum genom__role role_alone(const struct word *word, unsigned lang, bool foreign)
{
    enum genom__role role = role_of(word->exact_kind, lang, foreign);
    if (!role)
        role = role_of(word->plain_kind, lang, foreign);
    if (!role && word->run)
        role = role_of(find(word->drawn), lang, true);
    if (!role && word->number)
        role = ROLE_NUMBER;
    return role;
}

/* The longest phrase that begins at word `at`; how many words it has. */
static unsigned match(const struct reader *r, unsigned at, unsigned lang,
                      enum genom__role *ret_role)
{
    const struct word *word = &r->words[at];
    unsigned kind = word->plain_kind, longest = kinds[kind].longest, found = 1;
    bool foreign = !(kinds[kind].langs >> lang & 1);
    uint32_t hash = word->plain;
    *ret_role = role_alone(word, lang, foreign);
    for (unsigned n = 2; n <= longest && at + n <= r->count && !r->words[at + n - 1].role; n++) {
        hash = hash_join(hash, r->words[at + n - 1].plain);
        if (!(kind = find(hash)))
            break;
        enum genom__role role = role_of(kind, lang, foreign);
        if (role) {
            found = n;
            *ret_role = role;
        }
        longest = kinds[kind].longest;
    }
    return found;
}

static void find_phrases(const struct reader *r, struct genom__said *said)
{
    said->count = 0;
    said->lang = most_votes(r);
    for (unsigned at = 0, n = 1; at < r->count; at += n) {
        const struct word *word = &r->words[at];
        enum genom__role role = word->role;
        n = role ? 1 : match(r, at, said->lang, &role);
        said->marks[said->count++] = (struct genom__mark){.role = (uint8_t)role,
                                                          .tail = word->tail,
                                                          .words = word->role ? 0 : (uint8_t)n,
                                                          .capital = word->capital,
                                                          .loud = word->loud};
    }
}

void genom__intent_read(const char *text, size_t len, struct genom__said *ret_said)
{
    struct reader r;
    r.text = text;
    r.count = 0;
    r.asking = false;
    memset(r.votes, 0, sizeof r.votes);
    if (len <= 2 * END_BYTES) {
        read_part(&r, 0, len, GENOM__MARKS);
    } else {
        read_part(&r, 0, END_BYTES, GENOM__MARKS / 2);
        put_sign(&r, ROLE_STOP);
        read_part(&r, len - END_BYTES, len, GENOM__MARKS);
    }
    vote_words(&r);
    find_phrases(&r, ret_said);
}
