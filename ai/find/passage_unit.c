/*
 * passage_unit.c: "how heavy …?" wants kilograms, "what is the phone number …?" a phone number. Words
 * in English, Czech and German say what is asked for; words and shapes tell what is there.
 */
#include "ai/find/passage_unit.h"

#include "ai/find/shape.h"
#include "core/limits_ai.h"

/* Lists of folded words; NULL: none. */
static const struct {
    const char *how;     /* "how heavy" asks for it … */
    const char *named;   /* … and so does one of these anywhere … */
    const char *pair[2]; /* … or one of each: "phone", "number" */
    const char *words;   /* one of these shows it … */
    const char *signs[3];
    bool (*shape)(struct core_str text); /* … or this, if there is one */
    bool alone, needed;
} units[] = {
    [AI_UNIT_ANY] = {.how = NULL},
    [AI_UNIT_MONEY] =
        {.how = " expensive teuer drahy draha drahe ",
         .named =
             " cost costs price prices rent fee fees deposit premium budget pay paid owe kostet "
             "kosten gekostet money geld penez penize preis preise miete kaution gebuhr stoji "
             "cena ceny najem najemne kauce poplatek zaplatit platime ",
         .words = " pounds pound pence penny gbp euro euros eur cent cents usd dollar dollars chf "
                  "nok kc czk korun ",
         .signs = {"£", "€", "$"},
         .shape = ai_shape_cents,
         .needed = true},
    [AI_UNIT_SPAN] =
        {.how = " long quickly soon lange bald schnell dlouho brzy rychle ",
         .words =
             " second seconds minute minutes min hour hours h day days week weeks month months "
             "year years sekunde sekunden minuten stunde stunden tag tage tagen woche wochen "
             "monat monate monaten jahr jahre jahren sekund minut minuty hodin hodiny hodinu "
             "den dni dnu dny tyden tydny tydnu mesic mesice mesicu rok roku roky let until "
             "till bis character characters bytes bits lines zeichen znaku mm cm m km metres "
             "meters miles feet inches meter metru "},
    [AI_UNIT_AGE] =
        {.how = " old alt stary stara stare stari ",
         .named = " age aged alter vek veku ",
         .words =
             " year years month months old age aged born older younger since built founded jahr "
             "jahre jahren monate monaten alt alter geboren geb jahrgang gebaut gegrundet rok "
             "roku roky let mesic mesice mesicu starsi mladsi narozen narozena narozeni vek "
             "veku postaven postavena zalozen zalozena ",
         .needed = true},
    [AI_UNIT_WEIGHT] = {.how = " heavy schwer tezky tezka tezke ",
                        .named = " weight weigh weighs gewicht wiegt hmotnost vazi ",
                        .words = " g kg mg t lb lbs stone grams gramm kilo kilogramm tonnen gramu "
                                 "tun "},
    [AI_UNIT_LOUDNESS] = {.how = " loud laut hlucny hlucna hlucne ",
                          .words = " db decibel decibels dezibel "},
    [AI_UNIT_HEAT] =
        {.how = " hot cold warm heiss kalt teply tepla teple studeny ",
         .named = " temperature temperatures temperatur temperaturen teplota teploty teplote ",
         .words = " c f celsius fahrenheit degree degrees grad stupnu stupne k ",
         .signs = {"°"}},
    [AI_UNIT_CLOCK] = {.how = " time ",
                       .named = " uhr ",
                       .words = " uhr hodin oclock am pm ",
                       .shape = ai_shape_clock},
    [AI_UNIT_OFTEN] =
        {.how = " often oft casto ",
         .words = " every each daily weekly monthly yearly annually hourly quarterly once twice "
                  "times always never sometimes jeden jede jedes jedem jeder alle taglich "
                  "wochentlich monatlich jahrlich stundlich einmal zweimal dreimal mal nie immer "
                  "kazdy kazda kazde kazdou kazdych denne tydne mesicne rocne jednou dvakrat "
                  "trikrat krat nikdy vzdy ",
         .alone = true},
    [AI_UNIT_PHONE] =
        {.named = " telefonnummer handynummer mobilnummer rufnummer telefonnummern ",
         .pair = {" phone telephone mobile telefon telefonu telefonni telefonniho mobil mobilu ",
                  " number numbers nummer cislo cisla cislem "},
         .shape = ai_shape_phone,
         .alone = true,
         .needed = true},
    [AI_UNIT_MAIL] = {.named = " mailadresse emailadresse mailadressen emailadressen ",
                      .pair = {" mail email mailova emailova mailovou emailovou mailu emailu ",
                               " address addresses adresse adresa adresu adresou adresy "},
                      .shape = ai_shape_mail,
                      .alone = true,
                      .needed = true},
};
enum { UNITS = sizeof units / sizeof *units };

static bool in(const char *list, struct core_str word)
{
    return list && ai_word_in(list, word);
}

bool ai_answer_how(struct core_str folded)
{
    return ai_word_in(" how jak wie ", folded);
}

enum ai_answer_unit ai_answer_unit(struct core_str question)
{
    struct ai_words words;
    struct ai_word w;
    enum ai_answer_unit named = AI_UNIT_ANY;
    bool how = false, half[UNITS][2] = {{false}};
    ai_words_init(&words, question);
    while (ai_words_next(&words, &w)) {
        if (how && ai_word_in(" many viele ", w.folded))
            return AI_UNIT_ANY;
        for (unsigned u = AI_UNIT_ANY + 1; u < UNITS; u++) {
            if (how && in(units[u].how, w.folded))
                return (enum ai_answer_unit)u;
            half[u][0] |= in(units[u].pair[0], w.folded);
            half[u][1] |= in(units[u].pair[1], w.folded);
            if (!named && (in(units[u].named, w.folded) || (half[u][0] && half[u][1])))
                named = (enum ai_answer_unit)u;
        }
        how = ai_answer_how(w.folded) || core_str_eq_c(w.folded, "what");
    }
    return named;
}

bool ai_answer_unit_word(enum ai_answer_unit unit, struct core_str folded)
{
    return units[unit].alone && (in(units[unit].named, folded) || in(units[unit].pair[0], folded) ||
                                 in(units[unit].pair[1], folded));
}

bool ai_answer_unit_alone(enum ai_answer_unit unit)
{
    return units[unit].alone;
}

bool ai_answer_unit_needed(enum ai_answer_unit unit)
{
    return units[unit].needed;
}

float ai_answer_unit_match(enum ai_answer_unit unit, struct core_str sentence)
{
    struct ai_words words;
    struct ai_word w;
    if (unit == AI_UNIT_ANY || (units[unit].shape && units[unit].shape(sentence)))
        return 1;
    for (size_t i = 0; i < sizeof units->signs / sizeof *units->signs; i++)
        if (units[unit].signs[i] && ai_shape_sign(sentence, core_str(units[unit].signs[i])))
            return 1;
    ai_words_init(&words, sentence);
    while (ai_words_next(&words, &w))
        if (in(units[unit].words, ai_shape_behind_number(w.folded)))
            return 1;
    return AI_OTHER_UNIT;
}
