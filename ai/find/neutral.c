/* neutral.c: the point of each language, found by embedding a text about nothing, and what is left without it. */
#include "ai/find/neutral.h"

#include "ai/room.h"

#include <math.h>

/* Twelve sentences that have nothing to do with each other, the same in each language. */
static const char *const texts[AI_LANG_OTHER] = {
    [AI_LANG_CS] =
        "Počasí bylo pěkné a šli jsme na procházku podél řeky. Nová verze je dostupná a lze ji kdykoli "
        "nainstalovat. Otevřela okno, protože v místnosti bylo příliš teplo. Ceny od loňského roku "
        "vzrostly o třetinu. Nejprve je třeba nastavit hodnotu, potom znovu spustit program. Mnoho lidí "
        "žije ve městech a pracuje v kancelářích. Schůzka začíná v devět hodin a končí před obědem. "
        "Tento dokument popisuje, co se změnilo a jak postupovat. Voda se vaří při sto stupních. Pokud "
        "se něco pokazí, zeptejte se odpovědné osoby. Kniha byla napsána v devatenáctém století. "
        "Pošlete nám prosím odpověď do konce týdne.",
    [AI_LANG_DE] =
        "Das Wetter war schön und wir machten einen Spaziergang am Fluss. Die neue Version ist verfügbar "
        "und kann jederzeit installiert werden. Sie öffnete das Fenster, weil es im Zimmer zu warm war. "
        "Die Preise sind seit dem letzten Jahr um ein Drittel gestiegen. Zuerst muss man den Wert "
        "einstellen, dann das Programm neu starten. Viele Menschen leben in Städten und arbeiten in "
        "Büros. Die Besprechung beginnt um neun Uhr und endet vor dem Mittagessen. Dieses Dokument "
        "beschreibt, was sich geändert hat und wie man vorgeht. Wasser kocht bei hundert Grad. Wenn "
        "etwas schiefgeht, fragen Sie die verantwortliche Person. Das Buch wurde im neunzehnten "
        "Jahrhundert geschrieben. Bitte senden Sie uns Ihre Antwort bis zum Ende der Woche.",
    [AI_LANG_ES] =
        "Hacía buen tiempo y dimos un paseo junto al río. La nueva versión está disponible y se puede "
        "instalar en cualquier momento. Abrió la ventana porque en la habitación hacía demasiado calor. "
        "Los precios han subido un tercio desde el año pasado. Primero hay que ajustar el valor y "
        "después reiniciar el programa. Mucha gente vive en ciudades y trabaja en oficinas. La reunión "
        "empieza a las nueve y termina antes de comer. Este documento describe qué ha cambiado y cómo "
        "proceder. El agua hierve a cien grados. Si algo sale mal, pregunte a la persona responsable. "
        "El libro fue escrito en el siglo diecinueve. Envíenos su respuesta antes del fin de semana.",
};

static const float *neutral_at(struct ai *ai, unsigned worker, enum ai_lang lang)
{
    struct ai_neutral *n = &ai->neutral[worker];
    if ((unsigned)lang >= AI_LANG_OTHER || !texts[lang])
        return NULL;
    if (!n->known[lang]) {
        struct core_str text = core_str(texts[lang]);
        n->known[lang] = ai_embedder_run(ai->embedders[AI_EMBEDDER_MULTI], worker, AI_EMBED_QUERY,
                                         &text, 1, n->at[lang]) == 0;
    }
    return n->known[lang] ? n->at[lang] : NULL;
}

bool ai_neutral_take(struct ai *ai, unsigned worker, enum ai_lang lang, float *vector)
{
    const float *at = neutral_at(ai, worker, lang);
    unsigned n = ai_embedder_dimensions(ai->embedders[AI_EMBEDDER_MULTI]);
    float left[AI_LIMIT_DIMENSIONS], sum = 0;
    for (unsigned i = 0; at && i < n; i++) {
        left[i] = vector[i] - AI_NEUTRAL_SHARE * at[i];
        sum += left[i] * left[i];
    }
    if (!(sum > 0))
        return false;
    float length = sqrtf(sum);
    for (unsigned i = 0; i < n; i++)
        vector[i] = left[i] / length;
    return true;
}
