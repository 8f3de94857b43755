/*
 * passage_type.c: "which port …?" wants a number, "which option …?" something like -x. Word lists
 * in English, Czech and German decide the type of the question; shapes decide the rest.
 */
#include "ai/find/passage_type.h"

#include "ai/text/option.h"
#include "core/limits.h"

/* Folded words between spaces. Earlier rows win. */
static const struct {
    enum ai_answer_type type;
    const char *words;
} type_words[] = {
    {AI_ANSWER_OPTION,
     " option options flag flags switch prepinac prepinace prepinacem volba volbou volby schalter "
     "optionen parametr parametrem "},
    {AI_ANSWER_DATE,
     " when year month day weekday date kdy den rok mesic datum wann jahr monat tag wochentag "},
    {AI_ANSWER_PERSON, " who whom kdo wer author maintainer autor "},
    {AI_ANSWER_NUMBER,
     " port ports kolik wieviel maximum minimum maximal minimal size limit number numbers value "
     "nummer timeout priority characters bytes bits bit seconds minutes hours days percent ttl "
     "temperature price cost costs amount age height weight weigh weighs length width speed "
     "distance fee rent budget deposit premium cislo pocet velikost hodnota cena ceny teplota "
     "poplatek kauce hmotnost vazi zahl anzahl wert grosse preis temperatur beitrag kostet kosten "
     "gekostet miete kaution gebuhr gewicht wiegt "},
    {AI_ANSWER_PATH,
     " file files directory folder path soubor souboru souborech adresar adresari slozka datei "
     "dateien verzeichnis ordner pfad "},
    {AI_ANSWER_PLACE, " where place room kde misto mistnost wo ort raum "},
    {AI_ANSWER_COMMAND,
     " command commands tool program utility prikaz prikazem prikazu nastroj befehl kommando "
     "werkzeug programm "},
};

static bool in_list(const char *list, struct core_str word)
{
    size_t all = strlen(list);
    /* A word of marks alone folds to nothing. */
    for (const char *at = list; word.len > 0; at++) {
        at = memmem(at, all - (size_t)(at - list), word.ptr, word.len);
        if (!at)
            return false;
        if (at[-1] == ' ' && at[word.len] == ' ')
            return true;
    }
    return false;
}

/* "how many", "wie lange": the second word makes a number of it. */
static bool is_how(struct core_str w)
{
    return in_list(" how jak wie ", w);
}
static bool is_amount(struct core_str w)
{
    return in_list(
        " many much long often quickly big large high deep far old fast heavy loud soon late early "
        "wide tall thick expensive hot cold viel viele lange oft gross grosse hoch hohe weit alt schnell "
        "schwer teuer breit dick tief laut heiss warm bald dlouho casto velky velka velke moc "
        "vysoky vysoka vysoke drahy draha drahe tezky tezka tezke stary stara stare hluboky hluboko "
        "daleko rychle brzy hlucny hlucna hlucne siroky siroka siroke teply tepla ",
        w);
}

enum ai_answer_type ai_answer_type(struct core_str question)
{
    struct ai_words words;
    struct ai_word w;
    bool how = false, what = false, after_how = false, after_what = false;
    unsigned row = sizeof type_words / sizeof *type_words;
    ai_words_init(&words, question);
    while (ai_words_next(&words, &w)) {
        if (!w.folded.len)
            continue;
        if (after_how && is_amount(w.folded))
            return AI_ANSWER_NUMBER;
        after_how = is_how(w.folded);
        how |= after_how;
        if (after_what && core_str_eq_c(w.folded, "time"))
            return AI_ANSWER_NUMBER;
        if (after_what && in_list(" is are je jsou ist sind does znamena bedeutet ", w.folded))
            what = true;
        after_what = in_list(" what co was ", w.folded);
        for (unsigned i = 0; i < row; i++)
            if (in_list(type_words[i].words, w.folded))
                row = i;
    }
    if (how && row > 0)
        return AI_ANSWER_HOW;
    if (row < sizeof type_words / sizeof *type_words)
        return type_words[row].type;
    return what ? AI_ANSWER_DEFINITION : AI_ANSWER_OTHER;
}

bool ai_answer_type_word(enum ai_answer_type type, struct core_str folded)
{
    static const char *const words[] = {
        [AI_ANSWER_OPTION] =
            " option options flag flags switch prepinac prepinace prepinacem volba volbou "
            "volby schalter optionen parametr parametrem ",
        [AI_ANSWER_COMMAND] =
            " command commands tool program utility prikaz prikazem prikazu nastroj "
            "befehl kommando werkzeug programm ",
        [AI_ANSWER_PATH] =
            " file files directory folder path soubor souboru souborech adresar adresari "
            "slozka datei dateien verzeichnis ordner pfad ",
        [AI_ANSWER_NUMBER] =
            " number numbers value nummer temperature weight weigh weighs cislo pocet hodnota "
            "teplota hmotnost zahl anzahl wert temperatur gewicht wiegt ",
        [AI_ANSWER_DATE] =
            " year month day weekday date rok mesic den datum jahr monat tag wochentag ",
        [AI_ANSWER_PERSON] = "",
    };
    return (type == AI_ANSWER_NUMBER && is_amount(folded)) ||
           (words[type] && words[type][0] && in_list(words[type], folded));
}

bool ai_answer_common_word(struct core_str folded)
{
    return in_list(
        /* English */
        " need needs needed use used uses get gets take takes make makes put want go goes come comes "
        "happen happens work works keep keeps find found give gives tell show shows know say "
        "says called call name mean means start set new want wants cost costs pay pays paid owe buy "
        "bought got given let allowed look looks "
        /* German */
        "braucht brauche brauchen geht gehen macht gemacht kommt gibt gab muss heisst findet finde "
        "finden bekomme bekommst bekommt bekommen bekam durfen zahlt zahle zahlen bezahlen gilt "
        "gelten kostet kosten gekostet mochte mochten lasse steht stehen liegt nutzen benutze "
        "verwende bedeutet weiss wissen sagt sagen dauert nehme nimmt nehmen "
        /* Czech */
        "potrebuje potrebuji potrebuju potrebujeme jde bude budou znamena jmenuje stoji plati "
        "platim platime platit zaplatit zaplatil dostal dostala dostali dostanu dostane musime chci "
        "chceme dela delat udelat najdu najit smim smi lze trva vim koupil koupila koupili ",
        folded);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- Units ---------------------------------------------------------------------------------- */

static const struct {
    const char *how;              /* "how heavy" asks for it … */
    const char *named;            /* … and so does one of these anywhere */
    const char *words, *signs[4]; /* of what shows it */
} units[] = {
    [AI_UNIT_MONEY] =
        {" expensive teuer drahy draha drahe ",
         " cost costs price prices rent fee fees deposit premium budget pay paid owe kostet kosten "
         "gekostet preis preise miete kaution gebuhr stoji cena ceny najem najemne kauce poplatek "
         "zaplatit platime ",
         " pounds pound pence penny gbp euro euros eur cent cents usd dollar dollars chf nok kc czk "
         "korun ",
         {"£", "€", "$"}},
    [AI_UNIT_SPAN] =
        {" long quickly soon old lange bald alt schnell dlouho brzy rychle stary stara stare ",
         " ",
         " second seconds minute minutes min hour hours h day days week weeks month months year years "
         "sekunde sekunden minuten stunde stunden tag tage tagen woche wochen monat monate monaten "
         "jahr jahre jahren sekund minut minuty hodin hodiny hodinu den dni dnu dny tyden tydny tydnu "
         "mesic mesice mesicu rok roku roky let until till bis character characters bytes bits lines "
         "zeichen znaku mm cm m km metres meters miles feet inches meter metru ",
         {NULL}},
    [AI_UNIT_WEIGHT] = {" heavy schwer tezky tezka tezke ",
                        " weight weigh weighs gewicht wiegt hmotnost vazi ",
                        " g kg mg t lb lbs stone grams gramm kilo kilogramm tonnen gramu tun ",
                        {NULL}},
    [AI_UNIT_LOUDNESS] = {" loud laut hlucny hlucna hlucne ",
                          " ",
                          " db decibel decibels dezibel ",
                          {NULL}},
    [AI_UNIT_HEAT] = {" hot cold warm heiss kalt teply tepla teple studeny ",
                      " temperature temperatures temperatur temperaturen teplota teploty teplote ",
                      " c f celsius fahrenheit degree degrees grad stupnu stupne k ",
                      {"°"}},
    [AI_UNIT_CLOCK] = {" time ", " uhr ", " uhr hodin oclock am pm ", {NULL}},
    [AI_UNIT_OFTEN] =
        {" often oft casto ",
         " ",
         " every each daily weekly monthly yearly annually hourly quarterly once twice times always "
         "never sometimes jeden jede jedes jedem jeder alle taglich wochentlich monatlich "
         "jahrlich stundlich einmal zweimal dreimal mal nie immer kazdy kazda kazde kazdou kazdych "
         "denne tydne mesicne rocne jednou dvakrat trikrat krat nikdy vzdy ",
         {NULL}},
};
#define UNITS (sizeof units / sizeof *units)

enum ai_answer_unit ai_answer_unit(struct core_str question)
{
    struct ai_words words;
    struct ai_word w;
    enum ai_answer_unit named = AI_UNIT_ANY;
    bool how = false;
    ai_words_init(&words, question);
    while (ai_words_next(&words, &w)) {
        if (how && in_list(" many viele ", w.folded))
            return AI_UNIT_ANY;
        for (unsigned u = AI_UNIT_ANY + 1; u < UNITS; u++) {
            if (how && in_list(units[u].how, w.folded))
                return (enum ai_answer_unit)u;
            if (!named && in_list(units[u].named, w.folded))
                named = (enum ai_answer_unit)u;
        }
        how = is_how(w.folded) || core_str_eq_c(w.folded, "what");
    }
    return named;
}

/* "4:30" */
static bool has_clock(struct core_str text)
{
    for (size_t i = 1; i + 2 < text.len; i++)
        if (text.ptr[i] == ':' && is_digit(text.ptr[i - 1]) && text.ptr[i + 1] >= '0' &&
            text.ptr[i + 1] <= '5' && is_digit(text.ptr[i + 2]))
            return true;
    return false;
}

/* "612.40" */
static bool has_cents(const struct ai_word *w)
{
    size_t n = w->folded.len;
    return w->flags & AI_WORD_NUMBER && n > 3 && strchr(".,", w->folded.ptr[n - 3]);
}

/* "kg" of "73kg" */
static struct core_str behind_number(struct core_str word)
{
    while (word.len && strchr("0123456789.,:", *word.ptr))
        word = core_strn(word.ptr + 1, word.len - 1);
    return word;
}

/* "$9", "9 €", but no "$ sky" and no "$HOME". */
static bool has_sign(struct core_str text, struct core_str sign)
{
    for (ssize_t at; (at = core_str_find(text, sign)) >= 0;) {
        size_t before = (size_t)at, behind = before + sign.len;
        before -= before > 0 && text.ptr[before - 1] == ' ';
        if ((before > 0 && strchr("0123456789", text.ptr[before - 1])) ||
            (behind < text.len && strchr("0123456789", text.ptr[behind])))
            return true;
        text = core_strn(text.ptr + behind, text.len - behind);
    }
    return false;
}

float ai_answer_unit_match(enum ai_answer_unit unit, struct core_str sentence)
{
    struct ai_words words;
    struct ai_word w;
    if (unit == AI_UNIT_ANY)
        return 1;
    for (const char *const *sign = units[unit].signs; *sign; sign++)
        if (has_sign(sentence, core_str(*sign)))
            return 1;
    if (unit == AI_UNIT_CLOCK && has_clock(sentence))
        return 1;
    ai_words_init(&words, sentence);
    while (ai_words_next(&words, &w))
        if (in_list(units[unit].words, behind_number(w.folded)) ||
            (unit == AI_UNIT_MONEY && has_cents(&w)))
            return 1;
    return AI_OTHER_UNIT;
}

/* --- Shapes --------------------------------------------------------------------------------- */

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static bool opens(struct core_str s, size_t i)
{
    return !i || strchr(" \n\t([|,\"'`", s.ptr[i - 1]);
}

static bool has_option(struct core_str s)
{
    struct core_str option;
    return ai_options_find(s, &option, 1) > 0;
}

static bool has_path(struct core_str s)
{
    for (size_t i = 0; i + 1 < s.len; i++) {
        if (s.ptr[i] == '/' && is_alpha(s.ptr[i + 1]) && (opens(s, i) || s.ptr[i - 1] == '~'))
            return true;
        if (s.ptr[i] == '.' && i && is_alpha(s.ptr[i - 1]) && is_alpha(s.ptr[i + 1]))
            return true;
    }
    return false;
}

/* "name(1)": the form in which manual pages name programs. */
static bool has_page(struct core_str s)
{
    for (size_t i = 1; i + 2 < s.len; i++)
        if (s.ptr[i] == '(' && is_digit(s.ptr[i + 1]) && is_alpha(s.ptr[i - 1]))
            return true;
    return false;
}

/* "28th", "17h" */
static bool is_time(struct core_str word)
{
    static const char *const behind[] = {"st", "nd", "rd", "th", "am", "pm", "h"};
    struct core_str rest = behind_number(word);
    size_t digits = word.len - rest.len;
    for (size_t i = 0; digits > 0 && digits <= 2 && i < sizeof behind / sizeof *behind; i++)
        if (core_str_eq_c(rest, behind[i]))
            return true;
    return false;
}

struct words_seen {
    bool number, year, date, names, is, place;
};

static struct words_seen look(struct core_str s)
{
    struct ai_words words;
    struct ai_word w;
    struct words_seen seen = {false, false, false, false, false, false};
    bool capital = false, first = true, titled = false;
    seen.date = has_clock(s);
    ai_words_init(&words, s);
    while (ai_words_next(&words, &w)) {
        struct core_str f = w.folded;
        if (!f.len)
            continue;
        seen.number |=
            (w.flags & AI_WORD_DIGIT) ||
            in_list(" one two three four five six seven eight nine ten zero jeden dva tri ctyri "
                    "pet sest sedm osm devet deset eins zwei drei vier funf sechs sieben acht neun "
                    "zehn week day hour minute once twice ",
                    f);
        seen.year |= f.len == 4 && (w.flags & AI_WORD_NUMBER) &&
                     (!memcmp(f.ptr, "19", 2) || !memcmp(f.ptr, "20", 2));
        seen.date |=
            is_time(f) ||
            in_list(
                " uhr hodin oclock january february march april may june july august september october "
                "november december leden unor brezen duben kveten cerven cervenec srpen "
                "zari rijen listopad prosinec ledna unora brezna dubna kvetna cervna cervence "
                "srpna rijna listopadu prosince januar februar marz mai juni juli oktober "
                "dezember monday tuesday wednesday thursday friday saturday sunday mondays "
                "tuesdays wednesdays thursdays fridays saturdays sundays pondeli utery streda "
                "ctvrtek patek sobota nedele montag dienstag mittwoch donnerstag freitag "
                "samstag sonntag samstags sonntags today tomorrow dnes zitra heute morgen ",
                f);
        bool now = (w.flags & AI_WORD_CAPITAL) && !(w.flags & AI_WORD_UPPER) && f.len > 2;
        seen.names |= now && (capital || titled);
        titled = in_list(" mr mrs ms miss dr prof herr herrn frau pan pani pana panem ", f);
        capital = now && !first;
        seen.is |= in_list(" is are means refers je jsou znamena ist sind bedeutet ", f);
        seen.place |= (now && !first) ||
                      in_list(" in at on under near room street v ve na u pod im am auf bei unter ",
                              f);
        first = false;
    }
    return seen;
}

float ai_answer_match(enum ai_answer_type type, struct core_str s, enum ai_sentence_kind kind)
{
    struct words_seen seen = look(s);
    switch (type) {
    case AI_ANSWER_OPTION:
        return has_option(s);
    case AI_ANSWER_NUMBER:
        return seen.number;
    case AI_ANSWER_PATH:
        return has_path(s);
    case AI_ANSWER_PLACE:
        return has_path(s) ? 1 : seen.place ? .7f : .3f;
    case AI_ANSWER_DATE:
        return seen.year ? 1 : seen.date ? .7f : 0;
    case AI_ANSWER_PERSON:
        return seen.names;
    case AI_ANSWER_COMMAND:
        return kind == AI_SENTENCE_CODE || has_page(s) ? 1 : has_option(s) ? .5f : 0;
    case AI_ANSWER_HOW:
        return kind == AI_SENTENCE_CODE || has_option(s) ? 1 : has_path(s) || has_page(s) ? .6f : 0;
    case AI_ANSWER_DEFINITION:
        return kind == AI_SENTENCE_DEFINITION || seen.is;
    default:
        return .5f;
    }
}
