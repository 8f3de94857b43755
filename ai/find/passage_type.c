/*
 * passage_type.c: "which port …?" wants a number, "which option …?" something like -x. Word lists
 * in English, Czech and German decide the type of the question; shapes decide the rest.
 */
#include "ai/find/passage_type.h"

#include "ai/find/shape.h"
#include "ai/text/option.h"

/* Folded words between spaces. */
#define OPTION_WORDS                                                                               \
    " option options flag flags switch prepinac prepinace prepinacem volba volbou volby schalter " \
    "optionen parametr parametrem "
#define PATH_WORDS                                                                                 \
    " file files directory folder path soubor souboru souborech adresar adresari slozka datei "    \
    "dateien verzeichnis ordner pfad "
#define COMMAND_WORDS                                                                              \
    " command commands tool program utility prikaz prikazem prikazu nastroj befehl kommando "      \
    "werkzeug programm "

/* Earlier rows win. */
static const struct {
    enum ai_answer_type type;
    const char *words;
} type_words[] = {
    {AI_ANSWER_OPTION, OPTION_WORDS},
    {AI_ANSWER_DATE, " when weekday date deadline kdy datum wann wochentag "},
    {AI_ANSWER_PERSON, " who whom kdo wer author maintainer autor "},
    {AI_ANSWER_NUMBER,
     " port ports kolik wieviel maximum minimum maximal minimal size limit number numbers value "
     "nummer timeout priority characters bytes bits bit seconds minutes hours days percent ttl "
     "temperature price cost costs amount age height weight weigh weighs length width speed "
     "distance fee rent budget deposit premium cislo pocet velikost hodnota cena ceny teplota "
     "poplatek kauce hmotnost vazi zahl anzahl wert grosse preis temperatur beitrag kostet kosten "
     "gekostet miete kaution gebuhr gewicht wiegt "},
    {AI_ANSWER_PATH, PATH_WORDS},
    {AI_ANSWER_PLACE, " where place room kde misto mistnost wo ort raum "},
    {AI_ANSWER_COMMAND, COMMAND_WORDS},
};

/* Behind a "how" it makes a number of what is asked for. */
static bool is_amount(struct core_str w)
{
    return ai_word_in(
        " many much long often quickly big large high deep far old fast heavy loud soon late early "
        "wide tall thick expensive hot cold viel viele lange oft gross grosse hoch hohe weit alt schnell "
        "schwer teuer breit dick tief laut heiss warm bald dlouho casto velky velka velke moc "
        "vysoky vysoka vysoke drahy draha drahe tezky tezka tezke stary stara stare hluboky hluboko "
        "daleko rychle brzy hlucny hlucna hlucne siroky siroka siroke teply tepla ",
        w);
}

/* "Which month …?", but not "how much is it a month?" */
static bool is_calendar(struct core_str w)
{
    return ai_word_in(" year month day den dni rok roce mesic mesici jahr monat tag tage ", w);
}

enum ai_answer_type ai_answer_type(struct core_str question)
{
    struct ai_words words;
    struct ai_word w;
    bool how = false, what = false, after_how = false, after_what = false, after_which = false;
    unsigned row = sizeof type_words / sizeof *type_words;
    ai_words_init(&words, question);
    while (ai_words_next(&words, &w)) {
        if (!w.folded.len)
            continue;
        if (after_how && is_amount(w.folded))
            return AI_ANSWER_NUMBER;
        after_how = ai_answer_how(w.folded);
        how |= after_how;
        if (after_what && core_str_eq_c(w.folded, "time"))
            return AI_ANSWER_NUMBER;
        if (after_what && ai_word_in(" is are je jsou ist sind does znamena bedeutet ", w.folded))
            what = true;
        after_what = ai_word_in(" what co was ", w.folded);
        for (unsigned i = 0; i < row; i++)
            if (ai_word_in(type_words[i].words, w.folded) ||
                (after_which && type_words[i].type == AI_ANSWER_DATE && is_calendar(w.folded)))
                row = i;
        after_which = ai_word_in(
            " what which ktery ktere ktera kterem kterou jaky jakem welcher welches welchem welchen "
            "welche ",
            w.folded);
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
        [AI_ANSWER_OPTION] = OPTION_WORDS,
        [AI_ANSWER_COMMAND] = COMMAND_WORDS,
        [AI_ANSWER_PATH] = PATH_WORDS,
        [AI_ANSWER_NUMBER] =
            " number numbers value nummer temperature weight weigh weighs cislo pocet hodnota "
            "teplota hmotnost zahl anzahl wert temperatur gewicht wiegt ",
        [AI_ANSWER_DATE] =
            " year month day weekday date rok mesic den datum jahr monat tag wochentag ",
        [AI_ANSWER_PERSON] = "",
    };
    return (type == AI_ANSWER_NUMBER && is_amount(folded)) ||
           (words[type] && words[type][0] && ai_word_in(words[type], folded));
}

bool ai_answer_common_word(struct core_str folded)
{
    return ai_word_in(
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

/* --- Sentences ------------------------------------------------------------------------------- */

static bool has_option(struct core_str s)
{
    struct core_str option;
    return ai_options_find(s, &option, 1) > 0;
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
    seen.date = ai_shape_clock(s) | ai_shape_date(s, &seen.year);
    ai_words_init(&words, s);
    while (ai_words_next(&words, &w)) {
        struct core_str f = w.folded;
        if (!f.len)
            continue;
        bool year = f.len == 4 && (w.flags & AI_WORD_NUMBER) &&
                    (!memcmp(f.ptr, "19", 2) || !memcmp(f.ptr, "20", 2));
        seen.number |=
            ((w.flags & AI_WORD_DIGIT) && !year) ||
            ai_word_in(
                " one two three four five six seven eight nine ten zero jeden dva tri ctyri "
                "pet sest sedm osm devet deset eins zwei drei vier funf sechs sieben acht neun "
                "zehn week day hour minute once twice ",
                f);
        seen.year |= year;
        seen.date |=
            ai_shape_time(f) ||
            ai_word_in(
                " uhr hodin oclock january february april june july august september october "
                "november december leden unor brezen duben kveten cerven cervenec srpen "
                "zari rijen listopad prosinec ledna unora brezna dubna kvetna cervna cervence "
                "srpna rijna listopadu prosince januar februar marz mai juni juli oktober "
                "dezember monday tuesday wednesday thursday friday saturday sunday mondays "
                "tuesdays wednesdays thursdays fridays saturdays sundays pondeli utery streda "
                "ctvrtek patek sobota nedele montag dienstag mittwoch donnerstag freitag "
                "samstag sonntag samstags sonntags today tomorrow dnes zitra heute morgen ",
                f);
        /* Small, or at the beginning, they are something else. */
        seen.date |= !first && w.flags & AI_WORD_CAPITAL && ai_word_in(" may march ", f);
        bool now = (w.flags & AI_WORD_CAPITAL) && !(w.flags & AI_WORD_UPPER) && f.len > 2;
        seen.names |= now && (capital || titled);
        titled = ai_word_in(" mr mrs ms miss dr prof herr herrn frau pan pani pana panem ", f);
        capital = now && !first;
        seen.is |= ai_word_in(" is are means refers je jsou znamena ist sind bedeutet ", f);
        seen.place |= (now && !first) ||
                      ai_word_in(
                          " in at on under near room street v ve na u pod im am auf bei unter ", f);
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
        return seen.number ? 1 : seen.year ? .5f : 0; /* 1921 is seldom how many */
    case AI_ANSWER_PATH:
        return ai_shape_path(s);
    case AI_ANSWER_PLACE:
        return ai_shape_path(s) ? 1 : seen.place ? .7f : .3f;
    case AI_ANSWER_DATE:
        return seen.year ? 1 : seen.date ? .7f : 0;
    case AI_ANSWER_PERSON:
        return seen.names;
    case AI_ANSWER_COMMAND:
        return kind == AI_SENTENCE_CODE || ai_shape_page(s) ? 1 : has_option(s) ? .5f : 0;
    case AI_ANSWER_HOW:
        return kind == AI_SENTENCE_CODE || has_option(s) ? 1
               : ai_shape_path(s) || ai_shape_page(s)    ? .6f
                                                         : 0;
    case AI_ANSWER_DEFINITION:
        return kind == AI_SENTENCE_DEFINITION || seen.is;
    default:
        return .5f;
    }
}
