/*
 * guard_words.c: the word lists of the guard. A word that is on none of them counts as it stands,
 * so a missing word costs a cache hit and never a wrong answer; add with that in mind: a word goes
 * onto a list only when no question changes its meaning by it.
 */
#include "ai/guard_lex.h"

static const struct guard_wh wh_en[] = {
    {"what which", GUARD_TYPE_WHAT},  {"who", GUARD_TYPE_WHO},
    {"whom", GUARD_TYPE_WHOM},        {"whose", GUARD_TYPE_WHOSE},
    {"where", GUARD_TYPE_WHERE},      {"when", GUARD_TYPE_WHEN},
    {"why", GUARD_TYPE_WHY},          {"how", GUARD_TYPE_HOW},
    {"howmany", GUARD_TYPE_HOW_MANY}, {NULL, 0},
};
static const struct guard_phrase phrases_en[] = {
    /* Courtesy. */
    {"can you please tell me", "", GUARD_START},
    {"could you please tell me", "", GUARD_START},
    {"can you tell me", "", GUARD_START},
    {"could you tell me", "", GUARD_START},
    {"would you tell me", "", GUARD_START},
    {"would you mind telling me", "", GUARD_START},
    {"please tell me", "", GUARD_START},
    {"tell me", "", GUARD_START},
    {"please explain to me", "", GUARD_START},
    {"please explain how", "how", GUARD_START},
    {"can you explain how", "how", GUARD_START},
    {"explain how", "how", GUARD_START},
    {"i would like to know", "", GUARD_BEFORE_WH},
    {"i want to know", "", GUARD_BEFORE_WH},
    {"i need to know", "", GUARD_BEFORE_WH},
    {"i wonder", "", GUARD_BEFORE_WH},
    {"do you know", "", GUARD_BEFORE_WH},
    {"does anybody know", "", GUARD_BEFORE_WH},
    {"does anyone know", "", GUARD_BEFORE_WH},
    {"excuse me", "", GUARD_START},
    {"hello", "", GUARD_START},
    {"hi", "", GUARD_START},
    {"please", "", GUARD_START},
    {"thank you", "", GUARD_ANYWHERE},
    {"thanks", "", GUARD_ANYWHERE},
    {"please", "", GUARD_ANYWHERE},
    /* Ways to ask how. */
    {"what do i need to do to", "how", GUARD_START},
    {"what do i have to do to", "how", GUARD_START},
    {"what must i do to", "how", GUARD_START},
    {"what should i do to", "how", GUARD_START},
    {"what is the best way to", "how best", GUARD_START},
    {"what is the way to", "how", GUARD_START},
    {"what is a way to", "how", GUARD_START},
    {"what are the steps to", "how", GUARD_START},
    {"which steps are needed to", "how", GUARD_START},
    {"what is the procedure to", "how", GUARD_START},
    {"what is the procedure for", "how", GUARD_START},
    {"is there a way to", "how", GUARD_START},
    {"is there any way to", "how", GUARD_START},
    {"in what way", "how", GUARD_START},
    {"how would i go about", "how", GUARD_START},
    {"how do i go about", "how", GUARD_START},
    {"how does one go about", "how", GUARD_START},
    {"how is it possible to", "how", GUARD_START},
    /* Other kinds. */
    {"how many", "howmany", GUARD_ANYWHERE},
    {"how much", "howmany much", GUARD_ANYWHERE},
    {"what number of", "howmany", GUARD_START},
    {"what is the number of", "howmany", GUARD_START},
    {"how come", "why", GUARD_START},
    {"what is the reason for", "why", GUARD_START},
    {"for what reason", "why", GUARD_START},
    {"at what time", "when", GUARD_ANYWHERE},
    {"what time", "when", GUARD_ANYWHERE},
    {"on what date", "when", GUARD_ANYWHERE},
    {"on which date", "when", GUARD_ANYWHERE},
    {"what does it mean when", "mean", GUARD_ANYWHERE},
    /* Fixed expressions. */
    {"is it possible to", "can i", GUARD_START},
    {"am i able to", "can i", GUARD_START},
    {"in order to", "to", GUARD_ANYWHERE},
    {"have to", "must", GUARD_ANYWHERE},
    {"has to", "must", GUARD_ANYWHERE},
    {"need to", "must", GUARD_ANYWHERE},
    {"needs to", "must", GUARD_ANYWHERE},
    {"by default", "default", GUARD_ANYWHERE},
    {"with the help of", "with", GUARD_ANYWHERE},
    {"by means of", "with", GUARD_ANYWHERE},
    {"get rid of", "remove", GUARD_ANYWHERE},
    {"used to", "to", GUARD_ANYWHERE},
    {"use to", "to", GUARD_ANYWHERE},
    {"i use for", "for", GUARD_ANYWHERE},
    {NULL, NULL, GUARD_ANYWHERE},
};
static const char *const synonyms_en[] = {
    "remove delete",
    "show display",
    "start launch",
    "directory folder",
    "modify alter",
    "quit exit",
    "large big",
    "small little",
    "configuration config",
    "repository repo",
    "application app",
    "documentation docs",
    "information info",
    "maximum max",
    "minimum min",
    "run execute",
    "kind type",
    "allow permit",
    "forbid prohibit",
    "obtain get",
    "versus vs",
    "mean meaning",
    "fix repair",
    "purpose aim",
    "with using",
    "is are",
    "do does",
    "1 one",
    "2 two",
    "3 three",
    "4 four",
    "5 five",
    "6 six",
    "7 seven",
    "8 eight",
    "9 nine",
    "10 ten",
    "12 twelve",
    NULL,
};
static const struct guard_language english = {
    .article = "a an the",
    .neutral = "exactly precisely actually really just simply there kindly",
    .place = "in on at with using under for inside within",
    .system = "debian ubuntu linux unix fedora windows macos bash zsh",
    .self = "i we one",
    .anybody = "you",
    .own = "i my we our you your",
    .be = "is are am be being do does",
    .can = "can could",
    .should = "should would shall might may",
    .past = "did was were had",
    .locate = "stored located kept saved found find lie live reside",
    .adverb_end = "ly",
    .no_adverb = "only family reply apply supply daily weekly monthly hourly yearly early likely "
                 "unlikely assembly anomaly multiply july italy imply comply",
    .adverb = "",
    .standard = "default",
    .of = "of",
    .to_after = "how what where when which able possible way going command option tool program "
                "utility flag switch parameter function method setting to",
    .wh = wh_en,
    .phrases = phrases_en,
    .synonyms = synonyms_en,
};

static const struct guard_wh wh_cs[] = {
    {"co čo jaký jaká jaké jakou jakého jakém jakým jací jakých který která které kterou kterého "
     "kterém kterým kteří kterých",
     GUARD_TYPE_WHAT},
    {"kdo", GUARD_TYPE_WHO},
    {"koho komu kým kom", GUARD_TYPE_WHOM},
    {"čí", GUARD_TYPE_WHOSE},
    {"kde", GUARD_TYPE_WHERE},
    {"kam", GUARD_TYPE_WHERE_TO},
    {"odkud", GUARD_TYPE_WHERE_FROM},
    {"kdy", GUARD_TYPE_WHEN},
    {"proč", GUARD_TYPE_WHY},
    {"jak", GUARD_TYPE_HOW},
    {"kolik", GUARD_TYPE_HOW_MANY},
    {NULL, 0},
};
static const struct guard_phrase phrases_cs[] = {
    {"můžete mi prosím říct", "", GUARD_START},
    {"můžeš mi prosím říct", "", GUARD_START},
    {"můžete mi říct", "", GUARD_START},
    {"můžeš mi říct", "", GUARD_START},
    {"mohl bys mi říct", "", GUARD_START},
    {"mohl byste mi říct", "", GUARD_START},
    {"řekni mi prosím", "", GUARD_START},
    {"řekni mi", "", GUARD_START},
    {"řekněte mi", "", GUARD_START},
    {"chtěl bych vědět", "", GUARD_START},
    {"chci vědět", "", GUARD_START},
    {"potřebuji vědět", "", GUARD_START},
    {"víš", "", GUARD_BEFORE_WH},
    {"víte", "", GUARD_BEFORE_WH},
    {"nevíš", "", GUARD_BEFORE_WH},
    {"nevíte", "", GUARD_BEFORE_WH},
    {"prosím vás", "", GUARD_START},
    {"prosím tě", "", GUARD_START},
    {"dobrý den", "", GUARD_START},
    {"ahoj", "", GUARD_START},
    {"děkuji", "", GUARD_ANYWHERE},
    {"díky", "", GUARD_ANYWHERE},
    {"prosím", "", GUARD_ANYWHERE},
    {"jakým způsobem", "jak", GUARD_ANYWHERE},
    {"z jakého důvodu", "proč", GUARD_START},
    {"je možné", "lze", GUARD_START},
    {NULL, NULL, GUARD_ANYWHERE},
};
static const char *const synonyms_cs[] = {
    "smazat vymazat",  "smažu vymažu",    "zobrazit ukázat",
    "zobrazím ukážu",  "spustit pustit",  "adresář složka",
    "adresáře složky", "adresáři složce", NULL,
};
static const struct guard_language czech = {
    .article = "",
    .neutral = "vlastně přesně tedy",
    .place = "v ve na u pro při",
    .system = "debianu debian ubuntu linuxu linux unixu windows",
    .self = "já my",
    .anybody = "",
    .own = "",
    .be = "je jsou jsem jsi jste",
    .can = "lze jde mohu můžu můžeme dá dají",
    .should = "mám máme",
    .past = "",
    .locate = "uložen uložena uloženo uloženy uložené najdu najdeme leží umístěn umístěna umístěny",
    .adverb_end = "",
    .no_adverb = "",
    .adverb = "automaticky ručně trvale dočasně rekurzivně bezpečně rychle obvykle standardně",
    .standard = "",
    .of = "",
    .to_after = "",
    .wh = wh_cs,
    .phrases = phrases_cs,
    .synonyms = synonyms_cs,
};

static const struct guard_wh wh_de[] = {
    {"was welche welcher welches welchen welchem", GUARD_TYPE_WHAT},
    {"wer", GUARD_TYPE_WHO},
    {"wen wem", GUARD_TYPE_WHOM},
    {"wessen", GUARD_TYPE_WHOSE},
    {"wo", GUARD_TYPE_WHERE},
    {"wohin", GUARD_TYPE_WHERE_TO},
    {"woher", GUARD_TYPE_WHERE_FROM},
    {"wann", GUARD_TYPE_WHEN},
    {"warum wieso weshalb", GUARD_TYPE_WHY},
    {"wie", GUARD_TYPE_HOW},
    {"wieviel wieviele", GUARD_TYPE_HOW_MANY},
    {NULL, 0},
};
static const struct guard_phrase phrases_de[] = {
    {"können sie mir bitte sagen", "", GUARD_START},
    {"kannst du mir bitte sagen", "", GUARD_START},
    {"können sie mir sagen", "", GUARD_START},
    {"kannst du mir sagen", "", GUARD_START},
    {"könntest du mir sagen", "", GUARD_START},
    {"könnten sie mir sagen", "", GUARD_START},
    {"sag mir bitte", "", GUARD_START},
    {"sag mir", "", GUARD_START},
    {"sagen sie mir", "", GUARD_START},
    {"ich möchte wissen", "", GUARD_START},
    {"ich will wissen", "", GUARD_START},
    {"ich wüsste gern", "", GUARD_START},
    {"weißt du", "", GUARD_BEFORE_WH},
    {"wissen sie", "", GUARD_BEFORE_WH},
    {"guten tag", "", GUARD_START},
    {"hallo", "", GUARD_START},
    {"danke", "", GUARD_ANYWHERE},
    {"bitte", "", GUARD_ANYWHERE},
    {"wie viele", "wieviel", GUARD_ANYWHERE},
    {"wie viel", "wieviel", GUARD_ANYWHERE},
    {"auf welche weise", "wie", GUARD_START},
    {"aus welchem grund", "warum", GUARD_START},
    {"ist es möglich", "kann ich", GUARD_START},
    {NULL, NULL, GUARD_ANYWHERE},
};
static const char *const synonyms_de[] = {
    "löschen entfernen", "lösche entferne",  "anzeigen zeigen",    "verzeichnis ordner",
    "ändern verändern",  "ändere verändere", "programm anwendung", NULL,
};
static const struct guard_language german = {
    .article = "der die das den dem des ein eine einen einem einer eines",
    .neutral = "genau eigentlich denn überhaupt",
    .place = "in im unter für mit bei",
    .system = "debian ubuntu linux unix windows",
    .self = "ich wir man",
    .anybody = "",
    .own = "ich mein ich meine ich meinen ich meinem ich meiner",
    .be = "ist sind bin",
    .can = "kann können könnte könnten lässt wird werden",
    .should = "soll sollte sollen",
    .past = "war waren wurde wurden hatte hatten",
    .locate = "gespeichert abgelegt liegt liegen befindet befinden finde findet",
    .adverb_end = "",
    .no_adverb = "",
    .adverb = "automatisch manuell dauerhaft vorübergehend rekursiv sicher schnell normalerweise",
    .standard = "standardmäßig",
    .of = "",
    .to_after = "",
    .wh = wh_de,
    .phrases = phrases_de,
    .synonyms = synonyms_de,
};

const struct guard_language *guard_language(enum ai_lang lang)
{
    switch (lang) {
    case AI_LANG_EN:
        return &english;
    case AI_LANG_CS:
        return &czech;
    case AI_LANG_DE:
        return &german;
    default:
        return NULL;
    }
}

bool guard_listed(const char *list, const char *word)
{
    size_t len = strlen(word);
    if (!list || !len)
        return false;
    for (const char *at = list; (at = strstr(at, word)); at += len) {
        bool begins = at == list || at[-1] == ' ';
        if (begins && (at[len] == ' ' || at[len] == '\0'))
            return true;
    }
    return false;
}
