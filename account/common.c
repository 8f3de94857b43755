/*
 * common.c: passwords that whoever guesses tries next: variants of those that are known (known.c),
 * told by how they are made:
 *
 *     a word people choose, with digits or marks around it     Dragon2024!  p4ssw0rd  iloveyou<3
 *     a walk over the keys, the alphabet or the digits          qwerty123    1q2w3e4r  abcd4321
 *     one piece again and again                                 abcabcabc    11111111
 *     a single short word, known or not, digits around it       stargate99
 *     digits alone, up to the length of a date or a telephone   19841984
 *
 * Case, full-width letters and digits in the place of letters make no difference.
 */
#include "account/room.h"

enum { FOLDED = 64, SHORT = 12 }; /* bytes; nobody guesses longer ones first */

/* Letters only, in order of the alphabet. */
static const char *const words[] = {
    "abcabc",     "access",    "admin",      "administrator", "adobe",     "adrian",
    "alexander",  "alexandra", "alexis",     "amanda",        "america",   "american",
    "andrea",     "andrew",    "angel",      "angela",        "angels",    "animal",
    "anthony",    "apollo",    "apple",      "apples",        "arsenal",   "arthur",
    "asshole",    "august",    "austin",     "babygirl",      "bailey",    "banana",
    "baseball",   "basket",    "basketball", "batman",        "beautiful", "benjamin",
    "bigdaddy",   "bigdick",   "bigdog",     "bigtits",       "birthday",  "blink",
    "bluebird",   "bond",      "booboo",     "boomer",        "boston",    "brandon",
    "brandy",     "brazil",    "brooklyn",   "brooke",        "bubbles",   "buddy",
    "bulldog",    "bullshit",  "buster",     "butterfly",     "butthead",  "calvin",
    "camaro",     "cameron",   "canada",     "captain",       "carolina",  "caroline",
    "casper",     "cassie",    "catherine",  "challenge",     "champion",  "changeme",
    "charles",    "charlie",   "charlotte",  "cheese",        "chelsea",   "cherry",
    "chester",    "chicago",   "chicken",    "chocolate",     "chris",     "christian",
    "christin",   "christina", "christine",  "christopher",   "classic",   "cocacola",
    "coffee",     "college",   "company",    "compaq",        "computer",  "consumer",
    "cookie",     "corvette",  "courtney",   "cowboy",        "cowboys",   "crystal",
    "cumshot",    "daddy",     "dakota",     "dallas",        "daniel",    "danielle",
    "darkness",   "darkside",  "david",      "december",      "default",   "deftones",
    "dennis",     "diamond",   "diamonds",   "digital",       "dolphin",   "dolphins",
    "domino",     "donald",    "dragon",     "dragonball",    "dragons",   "dreams",
    "eagles",     "einstein",  "electric",   "elephant",      "elizabeth", "eminem",
    "engineer",   "explorer",  "falcon",     "family",        "fantasy",   "farmer",
    "february",   "ferrari",   "fireball",   "firebird",      "firefox",   "flower",
    "flowers",    "football",  "forever",    "francis",       "frankie",   "freedom",
    "friday",     "friend",    "friends",    "fuckme",        "fucking",   "fuckoff",
    "fuckyou",    "gabriel",   "garfield",   "gateway",       "george",    "giants",
    "ginger",     "godzilla",  "golden",     "goldfish",      "golfer",    "google",
    "gordon",     "grandma",   "greenday",   "guest",         "guitar",    "gunner",
    "hammer",     "handsome",  "hannah",     "happy",         "hardcore",  "harley",
    "heather",    "hello",     "hellokitty", "heythere",      "hockey",    "hotdog",
    "hunter",     "iceman",    "iloveu",     "iloveyou",      "infinity",  "internet",
    "ironman",    "isabella",  "jackass",    "jackie",        "jackson",   "january",
    "jasmine",    "jasper",    "jennifer",   "jeremy",        "jessica",   "jessie",
    "jesus",      "johnny",    "johnson",    "jonathan",      "jordan",    "joseph",
    "joshua",     "junior",    "justin",     "katherine",     "kawasaki",  "killer",
    "kimberly",   "kingdom",   "kitty",      "knight",        "kristina",  "ladies",
    "lakers",     "lauren",    "legend",     "letmein",       "liverpool", "lollipop",
    "london",     "looking",   "love",       "loveme",        "lovely",    "lover",
    "loveyou",    "maggie",    "magic",      "marine",        "marines",   "marlboro",
    "martin",     "marvin",    "master",     "matrix",        "matthew",   "maverick",
    "maxwell",    "melissa",   "mercedes",   "merlin",        "metallica", "michael",
    "michele",    "michelle",  "michigan",   "mickey",        "microsoft", "midnight",
    "miller",     "minecraft", "mistress",   "money",         "monica",    "monitor",
    "monkey",     "monster",   "montana",    "morgan",        "mother",    "mountain",
    "movie",      "muffin",    "murphy",     "mustang",       "mypass",    "mypassword",
    "nascar",     "natalie",   "natasha",    "naruto",        "newyork",   "nicholas",
    "nicole",     "nintendo",  "nothing",    "november",      "october",   "oliver",
    "orange",     "packard",   "panther",    "panties",       "paradise",  "parker",
    "pass",       "passport",  "passw",      "password",      "passwords", "patricia",
    "patrick",    "peaches",   "peanut",     "penguin",       "pepper",    "personal",
    "phantom",    "phoenix",   "picture",    "playboy",       "player",    "please",
    "pokemon",    "police",    "porsche",    "power",         "precious",  "pretty",
    "prince",     "princess",  "private",    "pumpkin",       "purple",    "qazwsx",
    "qwert",      "qwerty",    "rabbit",     "rachel",        "raiders",   "rainbow",
    "ranger",     "rangers",   "rebecca",    "redskins",      "redsox",    "redwings",
    "richard",    "robert",    "rockstar",   "root",          "ronaldo",   "rosebud",
    "runner",     "russia",    "sabrina",    "samantha",      "samsung",   "samuel",
    "sandra",     "saturn",    "scarface",   "school",        "scooby",    "scooter",
    "scorpio",    "scorpion",  "scotland",   "secret",        "security",  "september",
    "sergey",     "server",    "service",    "sexsex",        "shadow",    "shannon",
    "sherlock",   "shithead",  "sierra",     "silver",        "simpsons",  "skippy",
    "skynet",     "skywalker", "slayer",     "slipknot",      "smokey",    "snickers",
    "snoopy",     "snowball",  "soccer",     "softball",      "sophie",    "spanking",
    "sparky",     "speedy",    "spider",     "spiderman",     "spring",    "squirrel",
    "stanley",    "startrek",  "starwars",   "steelers",      "stephanie", "stephen",
    "steven",     "stupid",    "success",    "sudoku",        "summer",    "sunday",
    "sunflower",  "sunshine",  "superman",   "superstar",     "support",   "swimming",
    "swordfish",  "system",    "taylor",     "teacher",       "tennis",    "teresa",
    "test",       "testing",   "thailand",   "thomas",        "thunder",   "tiffany",
    "tiger",      "tigers",    "tigger",     "tomcat",        "topgun",    "trinity",
    "trouble",    "trustno",   "trustme",    "tucker",        "turtle",    "twitter",
    "undertaker", "unicorn",   "united",     "user",          "valentina", "vampire",
    "vanessa",    "veronica",  "victor",     "victoria",      "viking",    "vikings",
    "vincent",    "virginia",  "volleyball", "voyager",       "walker",    "warrior",
    "welcome",    "whatever",  "william",    "williams",      "willie",    "windows",
    "winner",     "winston",   "winter",     "wizard",        "wolfgang",  "xavier",
    "yamaha",     "yankees",   "yellow",     "zachary",       "zaq",       "zxcvbn",
    "zxcvbnm",
};

static const char *const walks[] = {
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qazwsxedcrfvtgbyhnujmikolp",
    "zaq1xsw2cde3vfr4bgt5",
    "qwertzuiop",
    "azertyuiop",
    "qawsedrftgyhujikolp",
    "asdfzxcv",
    "qweasdzxc",
    "a1b2c3d4e5f6g7h8i9j0",
    "1a2b3c4d5e6f7g8h9i0j",
};

/* --- Folding ---------------------------------------------------------------------------------- */

/* ASCII in lower case; 0: too long, or letters of other scripts. */
static size_t fold(struct core_str password, char out[static FOLDED])
{
    size_t len = 0;
    uint32_t code;
    for (size_t at = 0; at < password.len;) {
        at += core_utf8_next(password, at, &code);
        if (code >= 0xff01 && code <= 0xff5e) {
            code -= 0xff01 - '!'; /* full width */
        }
        code = core_utf8_lower(code);
        if (code >= 0x7f || len == FOLDED) {
            return 0;
        }
        out[len++] = (char)code;
    }
    return len;
}

/* The letter that a digit or mark stands for; `one` is that of 1. */
static char letter_of(char c, char one)
{
    static const char from[] = "034578@$!|", to[] = "oeastbasil";
    const char *at = memchr(from, c, sizeof from - 1);
    return c == '1' ? one : at ? to[at - from] : c;
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static struct core_str letters_within(struct core_str s)
{
    while (s.len > 0 && !is_letter(s.ptr[0])) {
        s = core_strn(s.ptr + 1, s.len - 1);
    }
    while (s.len > 0 && !is_letter(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

/* --- How it is made --------------------------------------------------------------------------- */

/* So many bytes again and again; 0: no shorter piece. */
static size_t piece_of(struct core_str s)
{
    for (size_t piece = 1; piece <= s.len / 2; piece++) {
        size_t i = piece;
        while (i < s.len && s.ptr[i] == s.ptr[i - piece]) {
            i++;
        }
        if (i == s.len) {
            return piece;
        }
    }
    return 0;
}

static bool is_word(struct core_str s)
{
    size_t piece = piece_of(s);
    if (piece > 0 && s.len % piece == 0) {
        s.len = piece;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (core_str_eq_c(s, words[i])) {
            return true;
        }
    }
    return false;
}

static bool is_dressed_word(struct core_str s)
{
    bool found = is_word(letters_within(s));
    for (unsigned way = 0; way < 4 && !found; way++) {
        char plain[FOLDED];
        /* Digits at the ends may be around the word, or be of it. */
        struct core_str of = way < 2 ? s : letters_within(s);
        for (size_t i = 0; i < of.len; i++) {
            plain[i] = letter_of(of.ptr[i], way % 2 ? 'l' : 'i');
        }
        found = is_word(letters_within(core_strn(plain, of.len)));
        core_wipe(plain, sizeof plain);
    }
    return found;
}

/* Bytes at the start of s that follow a walk, forwards or backwards. */
static size_t steps(struct core_str s, const char *walk)
{
    size_t most = 0, len = strlen(walk);
    for (size_t from = 0; from < len; from++) {
        size_t on = 0, back = 0;
        while (on < s.len && from + on < len && s.ptr[on] == walk[from + on]) {
            on++;
        }
        while (back < s.len && back <= from && s.ptr[back] == walk[from - back]) {
            back++;
        }
        most = on > most ? on : most;
        most = back > most ? back : most;
    }
    return most;
}

static bool is_walk(struct core_str s)
{
    while (s.len > 0) {
        size_t most = 0;
        for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
            size_t n = steps(s, walks[i]);
            most = n > most ? n : most;
        }
        if (most < 3) {
            return false;
        }
        s = core_strn(s.ptr + most, s.len - most);
    }
    return true;
}

/* With one more byte before or behind it, too. */
static bool is_near_walk(struct core_str s)
{
    return s.len > 0 && (is_walk(s) || is_walk(core_strn(s.ptr + 1, s.len - 1)) ||
                         is_walk(core_strn(s.ptr, s.len - 1)));
}

static bool is_digits(struct core_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return false;
        }
    }
    return s.len < SHORT;
}

/* No longer than dictionaries are searched through in a moment. */
static bool is_short_word(struct core_str s)
{
    struct core_str word = letters_within(s);
    for (size_t i = 0; i < word.len; i++) {
        if (!is_letter(word.ptr[i])) {
            return false;
        }
    }
    return s.len < SHORT && word.len > 2;
}

bool account__password_common(struct core_str password)
{
    char folded[FOLDED];
    struct core_str s = core_strn(folded, fold(password, folded));
    size_t piece = piece_of(s);
    bool common = s.len > 0 && ((piece > 0 && piece <= 4) || is_digits(s) || is_short_word(s) ||
                                is_near_walk(s) || is_dressed_word(s));
    core_wipe(folded, sizeof folded);
    return common;
}

/* --- The product's own ------------------------------------------------------------------------ */

static char plain_at(struct core_str s, size_t at)
{
    char c = at < s.len ? s.ptr[at] : ' ';
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool stands_at(struct core_str s, size_t at, const char *word)
{
    for (size_t i = 0; word[i]; i++) {
        if (letter_of(plain_at(s, at + i), 'i') != word[i]) {
            return false;
        }
    }
    return true;
}

bool account__password_ours(struct core_str password)
{
    static const char inner[] = "genom"; /* of other words too, such as genome and angenommen */
    bool letter_before = false;
    for (size_t at = 0; at < password.len; at++) {
        if (stands_at(password, at, "skynet") ||
            (!letter_before && stands_at(password, at, inner) &&
             !is_letter(plain_at(password, at + sizeof inner - 1)))) {
            return true;
        }
        letter_before = is_letter(plain_at(password, at));
    }
    return false;
}
