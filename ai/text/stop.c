/*
 * stop.c: the words that say nothing by themselves, folded, with the languages they belong to.
 *
 * One table sorted by bytes (the test checks the order), searched by halves. A word shared by
 * several languages carries all their bits, so that the language guess can weigh it less. OTHER
 * stands for neighbours that must not be taken for one of ours: French, Italian, Portuguese,
 * Polish, Slovak, Dutch, Swedish.
 */
#include "ai/text/lang.h"
#include "ai/text/text.h"

enum {
    E = AI_STOP_LANG(AI_LANG_EN),
    C = AI_STOP_LANG(AI_LANG_CS),
    D = AI_STOP_LANG(AI_LANG_DE),
    S = AI_STOP_LANG(AI_LANG_ES),
    O = AI_STOP_LANG(AI_LANG_OTHER)
};

#define STOP_WORD_MAX 10

static const struct stop_word {
    char word[STOP_WORD_MAX + 1];
    unsigned char langs;
} stop_words[] = {
    {"a", E | C | S},   {"aan", O},        {"ab", D},         {"aber", D},       {"about", E},
    {"above", E},       {"aby", C},        {"ach", C},        {"after", E},      {"again", E},
    {"against", E},     {"aj", C},         {"ako", O},        {"al", S},         {"albo", O},
    {"ale", C | O},     {"alebo", O},      {"algo", S},       {"algunas", S},    {"algunos", S},
    {"all", E},         {"alle", D},       {"allem", D},      {"allen", D},      {"aller", D},
    {"alles", D},       {"als", D | O},    {"also", E | D},   {"although", E},   {"am", E | D},
    {"among", E},       {"an", E | D},     {"and", E},        {"ander", D},      {"andere", D},
    {"anderem", D},     {"anderen", D},    {"anderer", D},    {"anderes", D},    {"ani", C | O},
    {"ano", C},         {"ante", S},       {"antes", S},      {"any", E},        {"anybody", E},
    {"anyone", E},      {"anything", E},   {"ao", O},         {"aos", O},        {"are", E},
    {"aren't", E},      {"as", E},         {"asi", C},        {"at", E},         {"att", O},
    {"au", O},          {"auch", D},       {"auf", D},        {"aus", D},        {"aux", O},
    {"av", O},          {"avec", O},       {"az", C},         {"bardzo", O},     {"be", E},
    {"because", E},     {"been", E},       {"before", E},     {"bei", D},        {"beim", D},
    {"being", E},       {"below", E},      {"between", E},    {"bez", C},        {"bij", O},
    {"bin", D},         {"bis", D},        {"bist", D},       {"bitte", D},      {"bol", O},
    {"bola", O},        {"boli", O},       {"bolo", O},       {"both", E},       {"bude", C},
    {"budem", C},       {"budeme", C},     {"budes", C},      {"budete", C},     {"budou", C},
    {"but", E},         {"by", E | C},     {"byc", O},        {"bych", C},       {"bychom", C},
    {"byl", C | O},     {"byla", C},       {"byli", C},       {"bylo", C},       {"byly", C},
    {"byste", C},       {"byt", C},        {"can", E},        {"can't", E},      {"cannot", E},
    {"ce", O},          {"ceho", C},       {"cem", C},        {"cemu", C},       {"ces", O},
    {"cette", O},       {"che", O},        {"ci", C},         {"cim", C},        {"clovek", C},
    {"co", C},          {"com", C | O},    {"comme", O},      {"como", S},       {"con", S | O},
    {"contra", S},      {"could", E},      {"couldn't", E},   {"coz", C},        {"cual", S},
    {"cuales", S},      {"cuando", S},     {"cuanta", S},     {"cuantas", S},    {"cuanto", S},
    {"cuantos", S},     {"czy", O},        {"da", D | O},     {"dadurch", D},    {"daher", D},
    {"damit", D},       {"dann", D},       {"dans", O},       {"daran", D},      {"darauf", D},
    {"darf", D},        {"das", D | O},    {"dass", D},       {"dat", O},        {"de", S | O},
    {"degli", O},       {"dein", D},       {"deine", D},      {"del", S},        {"della", O},
    {"delle", O},       {"dem", D},        {"den", D | O},    {"denn", D},       {"der", D},
    {"deren", D},       {"des", D | O},    {"desde", S},      {"dessen", D},     {"det", O},
    {"deze", O},        {"di", O},         {"dich", D},       {"did", E},        {"didn't", E},
    {"die", D | O},     {"dies", D},       {"diese", D},      {"diesem", D},     {"diesen", D},
    {"dieser", D},      {"dieses", D},     {"dir", D},        {"dit", O},        {"dla", O},
    {"dnes", C},        {"do", E | C | O}, {"doch", D},       {"does", E},       {"doesn't", E},
    {"doing", E},       {"don't", E},      {"donde", S},      {"dort", D},       {"dos", O},
    {"down", E},        {"du", D | O},     {"durante", S},    {"durch", D},      {"durfen", D},
    {"during", E},      {"e", S},          {"each", E},       {"een", O},        {"ein", D},
    {"eine", D},        {"einem", D},      {"einen", D},      {"einer", D},      {"eines", D},
    {"einige", D},      {"either", E},     {"el", S},         {"ela", O},        {"ele", O},
    {"ella", S},        {"ellas", S},      {"elle", O},       {"ellos", S},      {"em", O},
    {"en", S | O},      {"entre", S},      {"er", D | O},     {"era", S},        {"eran", S},
    {"es", D | S},      {"esa", S},        {"esas", S},       {"ese", S},        {"eso", S},
    {"esos", S},        {"est", O},        {"esta", S},       {"estaba", S},     {"estan", S},
    {"estas", S},       {"este", S},       {"esto", S},       {"estos", S},      {"et", O},
    {"etc", E},         {"ett", O},        {"etwas", D},      {"euch", D},       {"euer", D},
    {"ever", E},        {"everybody", E},  {"everything", E}, {"few", E},        {"foi", O},
    {"for", E | O},     {"fran", O},       {"from", E},       {"fue", S},        {"fur", D},
    {"further", E},     {"gegen", D},      {"gibt", D},       {"gli", O},        {"ha", S},
    {"habe", D},        {"haben", D},      {"hace", S},       {"hacer", S},      {"had", E},
    {"hadn't", E},      {"har", O},        {"has", E},        {"hasn't", E},     {"hasta", S},
    {"hat", D},         {"hatte", D},      {"hatten", D},     {"have", E},       {"haven't", E},
    {"having", E},      {"hay", S},        {"he", E},         {"he's", E},       {"her", E},
    {"here", E},        {"hers", E},       {"herself", E},    {"het", O},        {"hier", D},
    {"hij", O},         {"him", E},        {"himself", E},    {"hinter", D},     {"his", E},
    {"ho", C | O},      {"how", E},        {"how's", E},      {"however", E},    {"i", E | C},
    {"i'd", E},         {"i'll", E},       {"i'm", E},        {"i've", E},       {"ich", D | O},
    {"if", E},          {"ihm", D},        {"ihn", D},        {"ihnen", D},      {"ihr", D},
    {"ihre", D},        {"ihrem", D},      {"ihren", D},      {"ihrer", D},      {"ik", O},
    {"il", O},          {"ils", O},        {"im", D},         {"in", E | D},     {"indem", D},
    {"ins", D},         {"inte", O},       {"into", E},       {"is", E},         {"isn't", E},
    {"isso", O},        {"ist", D},        {"it", E},         {"it's", E},       {"its", E},
    {"itself", E},      {"ja", C | D},     {"jag", O},        {"jak", C | O},    {"jaka", C},
    {"jake", C},        {"jakem", C},      {"jako", C | O},   {"jakou", C},      {"jaky", C},
    {"jakych", C},      {"jakym", C},      {"je", C | O},     {"jede", D},       {"jedem", D},
    {"jeden", D},       {"jeder", D},      {"jedes", D},      {"jego", O},       {"jeho", C},
    {"jej", C},         {"jeji", C},       {"jejich", C},     {"jemand", D},     {"jen", C},
    {"jener", D},       {"jenom", C},      {"jenz", C},       {"jest", O},       {"jeste", C},
    {"jestli", C},      {"jestlize", C},   {"jetzt", D},      {"ji", C},         {"jich", C},
    {"jim", C},         {"jimi", C},       {"jine", C},       {"jiz", C},        {"jsem", C},
    {"jses", C},        {"jsi", C},        {"jsme", C},       {"jsou", C},       {"jste", C},
    {"just", E},        {"juz", O},        {"k", C},          {"kam", C},        {"kan", O},
    {"kann", D},        {"kannst", D},     {"kazda", C},      {"kazde", C},      {"kazdy", C},
    {"kde", C},         {"kdo", C},        {"kdy", C},        {"kdyby", C},      {"kdyz", C},
    {"ke", C},          {"kein", D},       {"keine", D},      {"keinem", D},     {"keinen", D},
    {"keiner", D},      {"koho", C},       {"kolik", C},      {"kolika", C},     {"kolikrat", C},
    {"komu", C},        {"konnen", D},     {"konnte", D},     {"ktera", C},      {"ktere", C},
    {"kterem", C},      {"kteri", C},      {"kterou", C},     {"ktery", C},      {"kterych", C},
    {"kterym", C},      {"ktora", O},      {"ktore", O},      {"ktory", O},      {"ku", C},
    {"kudy", C},        {"kym", C},        {"la", S | O},     {"las", S},        {"lasst", D},
    {"le", S | O},      {"len", O},        {"les", S | O},    {"let's", E},      {"leur", O},
    {"lo", S | O},      {"los", S},        {"lub", O},        {"ma", C | O},     {"maar", O},
    {"mache", D},       {"machen", D},     {"mais", O},       {"maji", C},       {"mal", D},
    {"mam", C},         {"mame", C},       {"man", D},        {"mas", S | O},    {"mate", C},
    {"may", E},         {"me", E | C | S}, {"med", O},        {"mehr", D},       {"mein", D},
    {"meine", D},       {"meinem", D},     {"meinen", D},     {"meiner", D},     {"mesmo", O},
    {"met", O},         {"mezi", C},       {"mi", C | S},     {"mich", D},       {"might", E},
    {"mine", E},        {"mir", D},        {"mis", S},        {"mit", C | D},    {"mne", C},
    {"mnou", C},        {"mohl", C},       {"mohou", C},      {"mohu", C},       {"moje", C},
    {"moji", C},        {"more", E},       {"most", E},       {"mou", C},        {"moze", O},
    {"muj", C},         {"muset", C},      {"musi", C},       {"musim", C},      {"musime", C},
    {"muss", D},        {"mussen", D},     {"musste", D},     {"must", E},       {"mustn't", E},
    {"muy", S},         {"muze", C},       {"muzeme", C},     {"muzete", C},     {"muzu", C},
    {"my", E},          {"myself", E},     {"na", C | O},     {"naar", O},       {"nach", D},
    {"nachdem", D},     {"nad", C},        {"nada", S},       {"nam", C},        {"nami", C},
    {"nao", O},         {"nas", C},        {"nase", C},       {"nasem", C},      {"nasi", C},
    {"nasich", C},      {"ne", C},         {"neben", D},      {"nebo", C},       {"nebyl", C},
    {"necht", C},       {"neco", C},       {"nein", D},       {"neither", E},    {"nejsou", C},
    {"nekdo", C},       {"nel", O},        {"nella", O},      {"neni", C},       {"nez", C},
    {"ni", C | S},      {"nic", C},        {"nich", C},       {"nicht", D},      {"nichts", D},
    {"nie", O},         {"niemand", D},    {"niet", O},       {"nikdo", C},      {"nim", C},
    {"no", E | C | S},  {"noch", D},       {"nog", O},        {"non", O},        {"nor", E},
    {"nos", S | O},     {"nosotros", S},   {"not", E},        {"nous", O},       {"now", E},
    {"nun", D},         {"nur", D},        {"o", C | S},      {"ob", D},         {"och", O},
    {"od", C},          {"ode", C},        {"oder", D},       {"odkud", C},      {"of", E | O},
    {"off", E},         {"ohne", D},       {"om", O},         {"on", E | C | O}, {"ona", C},
    {"once", E},        {"onder", O},      {"oni", C},        {"only", E},       {"ono", C},
    {"onto", E},        {"ook", O},        {"op", O},         {"or", E},         {"oraz", O},
    {"os", S | O},      {"other", E},      {"otra", S},       {"otro", S},       {"ou", O},
    {"our", E},         {"ours", E},       {"ourselves", E},  {"out", E},        {"over", E | O},
    {"own", E},         {"pa", O},         {"pak", C},        {"par", O},        {"para", S},
    {"pas", O},         {"pela", O},       {"pelo", O},       {"per", E | O},    {"pero", S},
    {"piu", O},         {"please", E},     {"plus", O},       {"po", C},         {"poco", S},
    {"pod", C | O},     {"podle", C},      {"pokud", C},      {"por", S | O},    {"porque", S},
    {"pour", O},        {"pouze", C},      {"prave", C},      {"pre", O},        {"pred", C},
    {"pres", C},        {"pri", C | O},    {"pro", C},        {"proc", C},       {"proto", C},
    {"protoze", C},     {"prvni", C},      {"przez", O},      {"przy", O},       {"puede", S},
    {"puedo", S},       {"quando", O},     {"que", S | O},    {"qui", O},        {"quien", S},
    {"quienes", S},     {"s", C},          {"sa", O},         {"same", E},       {"sans", O},
    {"schon", D},       {"se", C | S},     {"sea", S},        {"segun", S},      {"sehr", D},
    {"sein", D},        {"seine", D},      {"seinem", D},     {"seinen", D},     {"seiner", D},
    {"seit", D},        {"ser", S},        {"ses", O},        {"seu", O},        {"shall", E},
    {"shan't", E},      {"she", E},        {"should", E},     {"shouldn't", E},  {"si", C | S},
    {"sice", C},        {"sich", D},       {"sie", D | O},    {"sin", S},        {"since", E},
    {"sind", D},        {"skrz", C},       {"so", E | D},     {"sobre", S},      {"solche", D},
    {"soll", D},        {"sollen", D},     {"sollte", D},     {"solo", S},       {"som", O},
    {"some", E},        {"somebody", E},   {"someone", E},    {"something", E},  {"son", S | O},
    {"sondern", D},     {"sono", O},       {"sonst", D},      {"sont", O},       {"su", S | O},
    {"sua", O},         {"such", E},       {"sur", O},        {"sus", S},        {"sva", C},
    {"sve", C},         {"svoj", O},       {"svou", C},       {"svuj", C},       {"svych", C},
    {"svym", C},        {"ta", C},         {"tady", C},       {"tak", C},        {"take", C},
    {"takze", C},       {"tam", C},        {"tambien", S},    {"tanto", S},      {"tato", C},
    {"te", C | S | O},  {"tedy", C},       {"tego", O},       {"ten", C | O},    {"tento", C},
    {"teto", C},        {"than", E},       {"that", E},       {"that's", E},     {"the", E},
    {"their", E},       {"theirs", E},     {"them", E},       {"themselves", E}, {"then", E},
    {"there", E},       {"there's", E},    {"these", E},      {"they", E},       {"they're", E},
    {"this", E},        {"those", E},      {"though", E},     {"through", E},    {"thus", E},
    {"ti", C},          {"tiene", S},      {"tienen", S},     {"till", O},       {"tim", C},
    {"timto", C},       {"tipy", C},       {"to", E | C | O}, {"tobe", C},       {"todo", S},
    {"todos", S},       {"tohle", C},      {"toho", C},       {"tohoto", C},     {"tom", C},
    {"tomto", C},       {"tomu", C},       {"too", E},        {"tot", O},        {"toto", C},
    {"tu", S},          {"tus", S},        {"tuto", C},       {"ty", C},         {"tylko", O},
    {"tyto", C},        {"u", C},          {"uber", D},       {"uit", O},        {"um", D},
    {"uma", O},         {"umas", O},       {"un", S | O},     {"una", S | O},    {"und", D},
    {"under", E},       {"une", O},        {"uno", S | O},    {"unos", S},       {"uns", D},
    {"unser", D},       {"unsere", D},     {"unserem", D},    {"unseren", D},    {"unserer", D},
    {"unter", D},       {"until", E},      {"up", E},         {"upon", E},       {"us", E},
    {"usted", S},       {"uz", C | O},     {"v", C},          {"vam", C},        {"vami", C},
    {"van", O},         {"var", O},        {"vas", C},        {"vase", C},       {"ve", C},
    {"very", E},        {"via", E},        {"viel", D},       {"voce", O},       {"vom", D},
    {"von", D},         {"voor", O},       {"vor", D},        {"vous", O},       {"vsak", C},
    {"vse", C},         {"vsech", C},      {"vsechny", C},    {"vsetky", O},     {"w", O},
    {"wahrend", D},     {"wann", D},       {"war", D},        {"waren", D},      {"warum", D},
    {"was", E | D | O}, {"wasn't", E},     {"wat", O},        {"we", E | O},     {"we're", E},
    {"weil", D},        {"wel", O},        {"welche", D},     {"welchem", D},    {"welchen", D},
    {"welcher", D},     {"welches", D},    {"wem", D},        {"wen", D},        {"wenn", D},
    {"wer", D},         {"werde", D},      {"werden", D},     {"were", E},       {"weren't", E},
    {"weshalb", D},     {"wessen", D},     {"what", E},       {"what's", E},     {"when", E},
    {"where", E},       {"where's", E},    {"whether", E},    {"which", E},      {"while", E},
    {"who", E},         {"who's", E},      {"whom", E},       {"whose", E},      {"why", E},
    {"wie", D},         {"wieder", D},     {"wieso", D},      {"wieviel", D},    {"wij", O},
    {"will", E | D},    {"wir", D},        {"wird", D},       {"with", E},       {"within", E},
    {"without", E},     {"wo", D},         {"wobei", D},      {"wodurch", D},    {"wofur", D},
    {"woher", D},       {"wohin", D},      {"wollen", D},     {"womit", D},      {"won't", E},
    {"woran", D},       {"worauf", D},     {"woraus", D},     {"wordt", O},      {"would", E},
    {"wouldn't", E},    {"wovon", D},      {"wozu", D},       {"wszystkie", O},  {"wurde", D},
    {"wurden", D},      {"y", S},          {"ya", S},         {"yes", E},        {"yet", E},
    {"yo", S},          {"you", E},        {"you'd", E},      {"you'll", E},     {"you're", E},
    {"you've", E},      {"your", E},       {"yours", E},      {"yourself", E},   {"z", C | O},
    {"za", C | O},      {"zda", C},        {"zde", C},        {"ze", C | O},     {"zijn", O},
    {"zu", D},          {"zum", D},        {"zur", D},        {"zwar", D},       {"zwischen", D},
};

unsigned ai_stop_langs(struct core_str folded)
{
    if (folded.len == 0 || folded.len > STOP_WORD_MAX)
        return 0;
    size_t low = 0;
    size_t high = sizeof stop_words / sizeof *stop_words;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const char *word = stop_words[mid].word;
        size_t len = strlen(word);
        int order = memcmp(folded.ptr, word, folded.len < len ? folded.len : len);
        if (order == 0)
            order = folded.len < len ? -1 : folded.len > len;
        if (order == 0)
            return stop_words[mid].langs;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return 0;
}

const char *ai__stop_word(size_t i)
{
    return i < sizeof stop_words / sizeof *stop_words ? stop_words[i].word : NULL;
}

bool ai_stop(struct core_str folded, unsigned lang)
{
    unsigned langs = ai_stop_langs(folded);
    return lang == AI_LANG_OTHER ? langs != 0 : (langs & AI_STOP_LANG(lang)) != 0;
}
