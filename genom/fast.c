/*
 * fast.c: the pieces of a text as symbols of static frequencies (docs/genom.md, "Mode fast"). Mode
 * dense differs in one step alone, how a symbol is coded: dense.c.
 *
 *     head(mode, language)  { symbol  details  space?  casing? } …  END
 *
 * Encoder and decoder keep the same short memory of what stood before (struct before, struct
 * grams); everything else is in the dictionary.
 */
#include "genom/grams.h"

#define CHUNK 256
/* Words by which the language is judged. */
#define JUDGED 24

const uint32_t genom__bounds[ID_BUCKETS + 5] = {
    128,    152,    181,    215,    256,    304,    362,    430,    512,     608,    724,
    861,    1024,   1217,   1448,   1722,   2048,   2435,   2896,   3444,    4096,   4870,
    5792,   6888,   8192,   9741,   11585,  13777,  16384,  19483,  23170,   27554,  32768,
    38967,  46340,  55108,  65536,  77935,  92681,  110217, 131072, 155871,  185363, 220435,
    262144, 311743, 370727, 440871, 524288, 623487, 741455, 881743, 1048576,
};

/* Numbers of one to four digits, and years. */
static const uint32_t number_count[5] = {10, 100, 1000, 10000, 200};

/* --- What stood before ---------------------------------------------------------------------- */

static bool has_line_feed(struct genom_str form)
{
    return form.len > 0 && memchr(form.ptr, '\n', form.len);
}

void genom__before(struct before *b, unsigned cls, unsigned casing, struct genom_str form)
{
    b->cls = (uint8_t)cls;
    switch (cls) {
    case GENOM_STOP:
        b->sentence = true;
        return;
    case GENOM_BLANK:
        b->sentence |= has_line_feed(form);
        return;
    case GENOM_OPEN:
    case GENOM_QUOTE:
    case GENOM_CLOSE:
    case GENOM_EMOJI:
        return;
    case GENOM_WORD:
    case GENOM_PHRASE:
        b->casing = (uint8_t)casing;
        break;
    default:
        break;
    }
    b->sentence = false;
}

unsigned genom__symbol_context(const struct before *b)
{
    static const uint8_t contexts[16] = {
        [GENOM_START] = 0, [GENOM_WORD] = 1,  [GENOM_PHRASE] = 1, [GENOM_NUMBER] = 3,
        [GENOM_COMMA] = 4, [GENOM_DASH] = 4,  [GENOM_STOP] = 5,   [GENOM_OPEN] = 6,
        [GENOM_QUOTE] = 6, [GENOM_BLANK] = 6, [GENOM_TIE] = 6,    [GENOM_IDEO] = 7,
        [GENOM_CLOSE] = 7, [GENOM_EMOJI] = 7, [GENOM_BYTE] = 7,   [GENOM_CONTROL] = 7,
    };
    unsigned context = contexts[b->cls];
    return context == 1 && b->casing ? 2 : context;
}

unsigned genom__case_context(const struct before *b, unsigned kind)
{
    unsigned usual = kind & KIND_UPPER ? 2 : kind & KIND_TITLE ? 1 : 0;
    return usual * 6 + b->sentence * 3u + b->casing;
}

/* --- Encoding ------------------------------------------------------------------------------- */

struct encoder {
    const struct genom_dict *dict;
    const struct lang *lang;
    const struct lang_model *model;
    struct grams *grams; /* NULL: mode fast */
    const char *text;
    struct before before;
    struct genom__enc range;
    bool impossible; /* the statistics have no room for what the text needs */
};

static void put_range(struct encoder *e, uint32_t from, uint32_t to)
{
    if (from == to)
        e->impossible = true;
    else
        genom__enc_put(&e->range, from, to - from, FREQ_BITS);
}

static void put_symbol(struct encoder *e, unsigned symbol)
{
    const struct symbol_model *m = &e->model->symbols[genom__symbol_context(&e->before)];
    put_range(e, m->border[symbol], m->border[symbol + 1]);
}

static void put_border(struct encoder *e, const uint16_t *borders, unsigned symbol)
{
    put_range(e, borders[symbol], borders[symbol + 1]);
}

static void put_spelled(struct encoder *e, const struct genom_piece *p)
{
    uint8_t last = 0;
    put_border(e, e->dict->spell_len, p->len - 1);
    for (uint32_t i = 0; i < p->len; i++) {
        uint8_t byte = (uint8_t)e->text[p->at + i];
        put_border(e, e->dict->spell[last], byte);
        last = byte;
    }
}

/* By its bytes: what the dictionary says of its class may be altered. */
static bool is_number(const struct encoder *e, const struct genom_piece *p, uint32_t *ret_value)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < p->len; i++) {
        char c = e->text[p->at + i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (uint32_t)(c - '0');
    }
    *ret_value = value;
    return p->len <= 4;
}

/* The bucket from `first` on that holds the value. */
static struct coded in_bucket(unsigned symbol, unsigned first, uint32_t value)
{
    return (struct coded){symbol + genom__bucket(value) - first, value};
}

static struct coded of_id(uint32_t id)
{
    return id < 256 ? (struct coded){SYM_ID0, id} : in_bucket(SYM_ID, 4, id);
}

static struct coded of_word(const struct encoder *e, uint32_t id)
{
    uint32_t rank = genom__rank(e->lang, id);
    if (rank < LISTED)
        return (struct coded){SYM_LISTED + rank, 0};
    return rank < RANKS_MAX ? in_bucket(SYM_RANK, 0, rank) : of_id(id);
}

static bool has_symbol_of_its_own(const struct encoder *e, const struct genom_piece *p)
{
    uint8_t c = (uint8_t)e->text[p->at];
    return p->len == 1 && c < 128 && genom__letter(c) == LETTER_NO;
}

static struct coded of_piece(const struct encoder *e, const struct genom_piece *p)
{
    uint32_t value;
    if (p->id == GENOM_NONE)
        return (struct coded){SYM_SPELL, 0};
    if (p->cls == GENOM_NUMBER && is_number(e, p, &value))
        return p->len == 4 && value >= 1900 && value < 2100
                   ? (struct coded){SYM_YEAR, value - 1900}
                   : (struct coded){SYM_NUM + p->len - 1, value};
    if (has_symbol_of_its_own(e, p))
        return (struct coded){SYM_ASCII + (uint8_t)e->text[p->at], 0};
    return p->cls == GENOM_WORD || p->cls == GENOM_IDEO ? of_word(e, p->id) : of_id(p->id);
}

/* Its symbol, and which of a bucket. */
static void put_token(struct encoder *e, struct coded c)
{
    if (e->grams) {
        if (!genom__dense_put(e->grams, &e->range, c, genom__symbol_context(&e->before)))
            e->impossible = true;
        return;
    }
    put_symbol(e, c.symbol);
    if (c.symbol >= SYM_RANK)
        genom__enc_any(&e->range, c.value - genom__bucket_first(c.symbol),
                       genom__bucket_size(c.symbol));
}

/* The form of a known piece, but for the casing. Of ASCII the text tells as much, and is at hand. */
static struct genom_str form_of(const struct encoder *e, const struct genom_piece *p)
{
    struct genom_str text = {e->text + p->at, p->len};
    return (uint8_t)text.ptr[0] < 0x80 ? text : genom__form(e->dict, p->id);
}

static void put_piece(struct encoder *e, const struct genom_piece *p)
{
    struct genom_str form = form_of(e, p);
    bool word = p->cls == GENOM_WORD || p->cls == GENOM_PHRASE;
    struct coded c = of_piece(e, p);
    put_token(e, c);
    if (c.symbol == SYM_SPELL)
        put_spelled(e, p);
    else if (c.symbol >= SYM_NUM && c.symbol <= SYM_YEAR)
        genom__enc_any(&e->range, c.value, number_count[c.symbol - SYM_NUM]);
    if (e->before.cls != GENOM_START) {
        uint32_t space = e->model->space[e->before.cls][p->cls];
        genom__enc_put(&e->range, p->space ? 0 : space, p->space ? space : FREQ_TOTAL - space,
                       FREQ_BITS);
    }
    if (word && p->id != GENOM_NONE && (p->casing || genom__cased(form))) {
        const uint16_t *casing =
            e->model->casing[genom__case_context(&e->before, e->dict->kind[p->id])];
        put_range(e, p->casing ? casing[p->casing - 1] : 0, casing[p->casing]);
    }
    genom__before(&e->before, p->cls, p->casing, form);
}

/* The language in whose list the first words stand earliest. */
static unsigned judge(const struct genom_dict *dict, const struct genom_piece *pieces, size_t count)
{
    unsigned best = 0, best_score = 0;
    for (unsigned l = 0; l < dict->langs_count; l++) {
        unsigned score = 0, judged = 0;
        for (size_t i = 0; i < count && judged < JUDGED; i++) {
            if (pieces[i].cls != GENOM_WORD && pieces[i].cls != GENOM_IDEO)
                continue;
            judged++;
            if (pieces[i].id == GENOM_NONE)
                continue;
            uint32_t rank = genom__rank(&dict->langs[l], pieces[i].id);
            if (rank < RANKS_MAX)
                score += 4 + (unsigned)__builtin_clz(rank | 1) - 15;
        }
        if (score > best_score) {
            best = l;
            best_score = score;
        }
        /* Most texts are of the first language: sure enough
         * when its commonest words stand everywhere. */
        if (l == 0 && score >= judged * 10 && judged > 0)
            break;
    }
    return best;
}

static void put_head(struct encoder *e, unsigned language)
{
    uint32_t from = (e->grams ? HEAD_DENSE : 0) +
                    (language ? HEAD_FIRST + HEAD_OTHER * (language - 1) : 0);
    genom__enc_put(&e->range, from, language ? HEAD_OTHER : HEAD_FIRST, FREQ_BITS);
}

/* The first pieces say in which language. */
static void begin(struct encoder *e, unsigned language, uint8_t *out, size_t cap)
{
    e->lang = &e->dict->langs[language];
    e->model = &e->dict->models[language];
    genom__enc_init(&e->range, out, cap);
    put_head(e, language);
}

static int error_of(const struct encoder *e, size_t cap)
{
    if (e->impossible)
        return GENOM_EDICT;
    return e->range.len > cap ? GENOM_ESPACE : 0;
}

static int put_pieces(struct encoder *e, const struct genom_piece *pieces, size_t count, size_t cap)
{
    for (size_t i = 0; i < count; i++)
        put_piece(e, &pieces[i]);
    return error_of(e, cap);
}

static int end(struct encoder *e, const uint8_t *out, size_t cap, size_t *ret_len)
{
    int err;
    put_token(e, (struct coded){SYM_END, 0});
    genom__enc_end(&e->range);
    if ((err = error_of(e, cap)))
        return err;
    /* The decoder takes zeros behind the end, besides those of its look-ahead. */
    size_t put = e->range.len;
    for (unsigned n = 0; n < GENOM__BEHIND - 4 && put > 0 && out[put - 1] == 0; n++)
        put--;
    *ret_len = put;
    return 0;
}

int genom__text_encode(const struct genom_dict *dict, enum genom_mode mode, const char *in,
                       size_t len, uint8_t *out, size_t cap, size_t *ret_len)
{
    struct encoder e = {.dict = dict, .text = in, .before.sentence = true};
    struct genom_piece pieces[CHUNK];
    struct grams grams;
    size_t at = 0, count = genom_pieces(dict, in, len, &at, pieces, CHUNK);
    unsigned language = judge(dict, pieces, count);

    if (mode == GENOM_DENSE) {
        if (language != 0 || !dict->dense.symbols)
            return GENOM_EVERSION;
        e.grams = &grams;
        genom__grams_init(&grams, dict);
    }
    begin(&e, language, out, cap);
    for (; count > 0; count = genom_pieces(dict, in, len, &at, pieces, CHUNK)) {
        int err = put_pieces(&e, pieces, count, cap);
        if (err)
            return err;
    }
    return end(&e, out, cap, ret_len);
}

int genom__pieces_encode(const struct genom_dict *dict, const char *in,
                         const struct genom_piece *pieces, size_t count, uint8_t *out, size_t cap,
                         size_t *ret_len)
{
    struct encoder e = {.dict = dict, .text = in, .before.sentence = true};
    begin(&e, judge(dict, pieces, count < CHUNK ? count : CHUNK), out, cap);
    int err = put_pieces(&e, pieces, count, cap);
    return err ? err : end(&e, out, cap, ret_len);
}

/* --- Decoding ------------------------------------------------------------------------------- */

struct decoder {
    const struct genom_dict *dict;
    const struct lang *lang;
    const struct lang_model *model;
    struct grams *grams;   /* NULL: mode fast */
    uint32_t ranked_count; /* of dict->ranked that are of this language */
    struct before before;
    struct genom__dec range;
    char *out;
    size_t cap, len;
};

/* A decoded piece before its space and casing are known. */
struct found {
    unsigned kind; /* what the dictionary says of it */
    bool known;    /* by the dictionary: its casing follows */
    bool roomy;    /* 16 bytes may be read from where its form begins */
    struct genom_str form;
    char bytes[SPELL_MAX]; /* of a number or a spelled piece */
};

static unsigned get_symbol(struct decoder *d)
{
    const struct symbol_model *m = &d->model->symbols[genom__symbol_context(&d->before)];
    uint32_t at = genom__dec_look(&d->range, FREQ_BITS);
    unsigned symbol = m->start[at >> (FREQ_BITS - START_BITS)];
    while (m->border[symbol + 1] <= at)
        symbol++;
    genom__dec_take(&d->range, m->border[symbol],
                    (uint32_t)m->border[symbol + 1] - m->border[symbol], FREQ_BITS);
    return symbol;
}

static unsigned get_border(struct decoder *d, const uint16_t *borders, unsigned count)
{
    uint32_t at = genom__dec_look(&d->range, FREQ_BITS);
    unsigned low = 0, high = count - 1;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (borders[middle + 1] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    genom__dec_take(&d->range, borders[low], (uint32_t)borders[low + 1] - borders[low], FREQ_BITS);
    return low;
}

static void get_spelled(struct decoder *d, struct found *f)
{
    unsigned len = get_border(d, d->dict->spell_len, SPELL_MAX) + 1;
    uint8_t last = 0;
    for (unsigned i = 0; i < len; i++) {
        last = (uint8_t)get_border(d, d->dict->spell[last], 256);
        f->bytes[i] = (char)last;
    }
    f->kind = GENOM_WORD;
    f->form = (struct genom_str){f->bytes, len};
}

static void get_number(struct decoder *d, unsigned symbol, struct found *f)
{
    unsigned digits = symbol == SYM_YEAR ? 4 : symbol - SYM_NUM + 1;
    uint32_t value = genom__dec_any(&d->range, number_count[symbol - SYM_NUM]);
    if (symbol == SYM_YEAR)
        value += 1900;
    for (unsigned i = digits; i-- > 0; value /= 10)
        f->bytes[i] = (char)('0' + value % 10);
    f->kind = GENOM_NUMBER;
    f->form = (struct genom_str){f->bytes, digits};
}

static int get_token(struct decoder *d, struct coded *ret)
{
    if (d->grams)
        return genom__dense_get(d->grams, &d->range, genom__symbol_context(&d->before), ret);
    unsigned symbol = get_symbol(d);
    *ret = (struct coded){symbol, 0};
    if (symbol >= SYM_RANK)
        ret->value = genom__bucket_first(symbol) +
                     genom__dec_any(&d->range, genom__bucket_size(symbol));
    return 0;
}

/* The rank behind a symbol of a word, or RANKS_MAX. */
static uint32_t rank_of(struct coded c)
{
    if (c.symbol < SYM_LISTED || c.symbol >= SYM_ID0)
        return RANKS_MAX;
    return c.symbol >= SYM_RANK ? c.value : c.symbol - SYM_LISTED;
}

/* One of the frequent words, or NULL. */
static const struct ranked *ranked_word(const struct decoder *d, struct coded c)
{
    uint32_t rank = rank_of(c);
    if (rank >= d->ranked_count || d->dict->ranked[rank].len == 0)
        return NULL;
    return &d->dict->ranked[rank];
}

/* The id behind the symbol of any other token, or GENOM_NONE. */
static uint32_t id_of(const struct decoder *d, struct coded c)
{
    uint32_t rank = rank_of(c);
    if (c.symbol >= SYM_ID0)
        return c.value;
    if (c.symbol >= SYM_ASCII && c.symbol < SYM_LISTED)
        return d->dict->byte_ids[c.symbol - SYM_ASCII];
    return rank < d->lang->ranks ? load32(d->lang->ids + 4 * (size_t)rank) : GENOM_NONE;
}

static int get_known(struct decoder *d, struct coded c, struct found *f)
{
    const struct genom_dict *dict = d->dict;
    uint32_t id = id_of(d, c);
    f->form = genom__form(dict, id);
    if (f->form.len == 0)
        return GENOM_EDATA;
    f->kind = dict->kind[id];
    f->known = true;
    f->roomy = (size_t)((const uint8_t *)f->form.ptr - dict->strs) + 16 <= dict->strs_len;
    return 0;
}

static int get_piece(struct decoder *d, struct coded c, struct found *f)
{
    f->known = false;
    f->roomy = true;
    if (c.symbol == SYM_SPELL)
        get_spelled(d, f);
    else if (c.symbol >= SYM_NUM && c.symbol <= SYM_YEAR)
        get_number(d, c.symbol, f);
    else
        return get_known(d, c, f);
    return 0;
}

static bool get_space(struct decoder *d, unsigned cls)
{
    if (d->before.cls == GENOM_START)
        return false;
    uint32_t space = d->model->space[d->before.cls][cls];
    bool is = genom__dec_below(&d->range, space, FREQ_BITS);
    genom__dec_take(&d->range, is ? 0 : space, is ? space : FREQ_TOTAL - space, FREQ_BITS);
    return is;
}

static unsigned get_casing(struct decoder *d, unsigned kind)
{
    const uint16_t *casing = d->model->casing[genom__case_context(&d->before, kind)];
    unsigned is = genom__dec_below(&d->range, casing[0], FREQ_BITS)   ? 0
                  : genom__dec_below(&d->range, casing[1], FREQ_BITS) ? 1
                                                                      : 2;
    uint32_t from = is ? casing[is - 1] : 0;
    genom__dec_take(&d->range, from, casing[is] - from, FREQ_BITS);
    return is;
}

/* A form for which there is room. Most are copied as 16 bytes, whatever stands behind them: how
 * long each is nobody can guess. */
static void put_form(struct decoder *d, struct genom_str form, bool roomy)
{
    char *out = d->out + d->len;
    if (roomy && form.len <= 16 && d->cap - d->len >= 16)
        memcpy(out, form.ptr, 16);
    else
        memcpy(out, form.ptr, form.len);
}

static int put_text(struct decoder *d, struct genom_str form, bool roomy, bool space,
                    unsigned casing)
{
    size_t len = form.len;
    bool small = form.ptr[0] >= 'a' && form.ptr[0] <= 'z';
    if (d->len == d->cap)
        return GENOM_ESPACE;
    d->out[d->len] = ' '; /* or what follows */
    d->len += space;
    if (casing == 2 || (casing == 1 && !small)) {
        int err = genom__put_cased(form, casing, d->out + d->len, d->cap - d->len, &len);
        if (err)
            return err;
    } else if (len > d->cap - d->len) {
        return GENOM_ESPACE;
    } else {
        put_form(d, form, roomy);
        if (casing)
            d->out[d->len] = (char)(form.ptr[0] - 'a' + 'A');
    }
    d->len += len;
    return 0;
}

/* What nearly all words share is not read from the word but asked of it: a processor guesses the
 * answer and goes on with the next symbol before the line of the cache with the word is there. */
static int put_word(struct decoder *d, const struct ranked *r)
{
    struct genom_str form = {r->form, r->len};
    bool space = get_space(d, GENOM_WORD), usual = r->kind & (KIND_TITLE | KIND_UPPER);
    unsigned casing = 0;
    if (genom__cased(form))
        casing = usual ? get_casing(d, r->kind) : get_casing(d, GENOM_WORD);
    int err = put_text(d, form, true, space, casing);
    genom__before(&d->before, GENOM_WORD, casing, form);
    return err;
}

static int put_found(struct decoder *d, const struct found *f)
{
    unsigned cls = f->kind & KIND_CLASS;
    bool word = cls == GENOM_WORD || cls == GENOM_PHRASE, space = get_space(d, cls);
    unsigned casing = word && f->known && genom__cased(f->form) ? get_casing(d, f->kind) : 0;
    int err = put_text(d, f->form, f->roomy, space, casing);
    genom__before(&d->before, cls, casing, f->form);
    return err;
}

/* The mode is dense where the head lies behind all of fast's. */
static int get_head(struct decoder *d, struct grams *grams)
{
    uint32_t at = genom__dec_look(&d->range, FREQ_BITS), base = 0, language = 0;
    if (at >= HEAD_DENSE) {
        if (!d->dict->dense.symbols)
            return GENOM_EVERSION;
        base = HEAD_DENSE;
        d->grams = grams;
        genom__grams_init(grams, d->dict);
    }
    if (at - base >= HEAD_FIRST)
        language = (at - base - HEAD_FIRST) / HEAD_OTHER + 1;
    if (language >= d->dict->langs_count || (d->grams && language != 0))
        return GENOM_EVERSION;
    genom__dec_take(&d->range, base + (language ? HEAD_FIRST + HEAD_OTHER * (language - 1) : 0),
                    language ? HEAD_OTHER : HEAD_FIRST, FREQ_BITS);
    d->lang = &d->dict->langs[language];
    d->model = &d->dict->models[language];
    d->ranked_count = language ? 0 : RANKED_FORMS;
    return 0;
}

int genom__pieces_decode(const struct genom_dict *dict, const uint8_t *in, size_t len, char *out,
                         size_t cap, size_t *ret_len)
{
    struct decoder d = {.dict = dict, .before.sentence = true, .out = out, .cap = cap};
    struct grams grams;
    struct found found;
    struct coded c;
    int err;

    genom__dec_init(&d.range, in, len);
    if ((err = get_head(&d, &grams)))
        return err;
    for (;;) {
        if ((err = get_token(&d, &c)))
            return err;
        if (c.symbol == SYM_END)
            break;
        const struct ranked *word = ranked_word(&d, c);
        if (word)
            err = put_word(&d, word);
        else if (!(err = get_piece(&d, c, &found)))
            err = put_found(&d, &found);
        if (err)
            return err;
        if (genom__dec_spent(&d.range))
            return GENOM_EDATA;
    }
    if (d.range.at < len || genom__dec_spent(&d.range))
        return GENOM_EDATA;
    *ret_len = d.len;
    return 0;
}
