/* test_guard.c: pairs that must never be taken for one another, pairs that should be, and the
 * normal form. */
#include "ai/guard/guard.h"
#include "core/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct pair {
    const char *a, *b;
};

/* Alike in nearly all words, different in meaning. */
static const struct pair different[] = {
    {"How do I enable the firewall?", "How do I disable the firewall?"},
    {"How do I start the ssh service?", "How do I stop the ssh service?"},
    {"How do I install a package?", "How do I uninstall a package?"},
    {"How do I install a package?", "How do I remove a package?"},
    {"What is the minimum password length?", "What is the maximum password length?"},
    {"What happens before the upgrade?", "What happens after the upgrade?"},
    {"Which port does ssh use?", "Which port does smtp use?"},
    {"Is root login allowed?", "Is root login not allowed?"},
    {"Is root login allowed?", "Isn't root login allowed?"},
    {"How do I list files with hidden ones?", "How do I list files without hidden ones?"},
    {"How do I upgrade from Debian 11 to Debian 12?",
     "How do I upgrade from Debian 12 to Debian 11?"},
    {"How do I upgrade to Debian 11?", "How do I upgrade to Debian 12?"},
    {"How many files can be open?", "Which files can be open?"},
    {"Who maintains apt?", "Who maintained apt?"},
    {"Who manages Alice?", "Who does Alice manage?"},
    {"Does Alice manage Bob?", "Does Bob manage Alice?"},
    {"How do I copy a file from the server to the laptop?",
     "How do I copy a file from the laptop to the server?"},
    {"What does ls -r do?", "What does ls -R do?"},
    {"What does git add -a do?", "What does git add -A do?"},
    {"What does option -l of ls mean?", "What does option -L of ls mean?"},
    {"Where is the backup server?", "Where is the server backup?"},
    {"Can I delete the log?", "Should I delete the log?"},
    {"Can I delete the log?", "Must I delete the log?"},
    {"What is C?", "What is C++?"},
    {"What is C++?", "What is C#?"},
    {"How do I log in?", "How do I log out?"},
    {"How do I turn the wifi on?", "How do I turn the wifi off?"},
    {"How long is the timeout in seconds?", "How long is the timeout in minutes?"},
    {"What changed in 2021?", "What changed in 2022?"},
    {"What changed in May 2021?", "What changed in March 2021?"},
    {"What is 3.5 MB in bytes?", "What is 35 MB in bytes?"},
    {"Is the disk larger than 10 GB?", "Is the disk smaller than 10 GB?"},
    {"Is A faster than B?", "Is B faster than A?"},
    {"Who has key A?", "Who has the key?"},
    {"When does train A leave?", "When does the train leave?"},
    {"Can one bathe in summer?", "Can one bathe just in summer?"},
    {"Must the form be signed?", "Must I sign the form?"},
    {"How much is it per day?", "How much is it per week?"},
    {"What is my name?", "What is your name?"},
    {"Who am I?", "Who are you?"},
    {"What can I do?", "What can you do?"},
    {"How do I contact you?", "How do you contact me?"},
    {"Why does apt fail?", "When does apt fail?"},
    {"Why does apt fail?", "How does apt fail?"},
    {"What is dpkg?", "Who is dpkg?"},
    {"What is the owner of the group?", "What is the group of the owner?"},
    {"How do I mount a disk read-only?", "How do I mount a disk read-write?"},
    {"Which packages are always installed?", "Which packages are never installed?"},
    {"Which users may write to all files?", "Which users may write to some files?"},
    {"Which users may write to all files?", "Which users may write to no files?"},
    {"How do I show the first line?", "How do I show the last line?"},
    {"How do I increase the limit?", "How do I decrease the limit?"},
    {"How do I lock an account?", "How do I unlock an account?"},
    {"How do I mount a USB stick?", "How do I unmount a USB stick?"},
    {"How do I encrypt a file?", "How do I decrypt a file?"},
    {"How do I compress a file?", "How do I decompress a file?"},
    {"How do I convert to PDF?", "How do I convert PDF?"},
    {"Who has root access?", "Who is root access?"},
    {"Where do logs go?", "Where do logs come from?"},
    {"How much memory does it need?", "How many cores does it need?"},
    {"How often does cron run?", "How long does cron run?"},
    {"What is stable?", "What is unstable?"},
    {"What is /etc/passwd?", "What is /etc/shadow?"},
    {"What is the plane?", "What is the plan?"},
    {"What is a seed?", "What is a see?"},
    {"What is IPv4?", "What is IPv6?"},
    {"Does the service start automatically?", "Does the service start manually?"},
    {"What is the default shell?", "What is the shell?"},
    {"Is grep included in Debian?", "Was grep included in Debian?"},
    {"What will change in version 2?", "What changed in version 2?"},
    {"What is tar used for?", "What is tar?"},
    {"Replace spaces with tabs", "Replace tabs with spaces"},
    {"Should I use vi instead of emacs?", "Should I use emacs instead of vi?"},
    {"What depends on libc?", "What does libc depend on?"},
    {"List files larger than 5 MB", "List files larger than 5 KB"},
    {"What is the opposite of AND?", "What is the opposite of OR?"},
    {"What does visudo do?", "What is visudo?"},
    {"What can root do?", "What does root do?"},
    {"What do you do?", "What do I do?"},
    {"What is in /etc/shadow?", "What is /etc/shadow?"},
    {"Who works for Alice?", "Who works with Alice?"},
    {"Who works for Alice?", "Who works under Alice?"},
    {"Is the key on the table?", "Is the key under the table?"},
    {"What is the port of the default server?", "What is the default port of the server?"},
    {"What is the default server's port?", "What is the server's default port?"},
    {"How do I remove automatically installed packages?",
     "How do I automatically remove installed packages?"},
    {"How do I erase a disk?", "How do I remove a disk?"},
    {"How do I change the directory?", "How do I modify the directory?"},
    {"disable the firewall", "What disables the firewall?"},
    {"What is a build?", "What is a building?"},
    {"Which rules apply to US citizens?", "Which rules apply to us citizens?"},
    {"What does WHO recommend?", "What does who recommend?"},
    {"Why do I not have to reboot?", "Why must I not reboot?"},
    {"Which file is read first?", "Which file is read one?"},
    {"What do you know about me?", "What do I know about you?"},
    {"Is it possible to undo this?", "Is it impossible to undo this?"},
    {"Which package contains ls?", "Which package is contained in ls?"},
    {"Do you know Linux?", "Who knows Linux?"},
    {"What is the size of the file in bytes?", "What is the size of the file in blocks?"},
    {"What is the parent of the child process?", "What is the child of the parent process?"},
    {"Who is the user of the account?", "Who is the account of the user?"},
    {"How many users are in the group?", "How many groups are in the user?"},
    {"Should I reboot?", "Did I reboot?"},
    {"Where do I put logs?", "Where are logs?"},
    {"What goes into the archive?", "What goes out of the archive?"},
    {"Is apt better than dpkg?", "Is dpkg better than apt?"},
    {"Which files were deleted?", "Which files are deleted?"},
    {"Which files will be deleted?", "Which files are deleted?"},
    {"Which files can be deleted?", "Which files are deleted?"},
    {"Which files must be deleted?", "Which files can be deleted?"},
    {"How far is it from Brno to Prague?", "How far is it from Prague to Brno?"},
    {"When does summer time begin?", "When does summer time end?"},
    {"Can a user read the file?", "Can the file read a user?"},
    {"What must I back up?", "What must I not back up?"},
    {"At least how many nodes?", "At most how many nodes?"},
    {"Is the limit more than 5?", "Is the limit less than 5?"},
    {"Does X include Y?", "Does X exclude Y?"},
    {"Is HTTP encrypted?", "Is HTTPS encrypted?"},
    {"Which library does curl use?", "What is the curl library?"},
    {"Which port does ssh use by default?", "Which ssh does the port use by default?"},
    {"Which port does ssh use by default?", "Which port does ssh not use by default?"},
    {"How can the password be changed?", "How can the password be unchanged?"},
    {"How can the password be changed?", "How could the changed password be?"},
    {"How are users managed by groups?", "How do users manage groups?"},
    {"How was the password changed?", "How do I change the password?"},
    {"How can a file be moved to a folder?", "How do I move a folder to a file?"},
    {"What is dpkg for?", "What is dpkg?"},
    {"What is dpkg used for?", "What is used for dpkg?"},
    {"Does it run daily?", "Does it run weekly?"},
    {"Which automatically installed packages are removed?",
     "Which installed packages are removed automatically?"},
    {"How do I run only one?", "How do I only run one?"},
    {"How do I run it daily at two?", "How do I daily run it at two?"},
    {"Was passiert, wenn ich lösche?", "Was passiert, wenn ich nicht lösche?"},
    {"Was wird gelöscht?", "Was ist gelöscht?"},
    {"Wer kann das lesen?", "Wer ist das lesen?"},
    {"Kdo může číst soubor?", "Kdo je číst soubor?"},
    {"Is the package installed?", "Are the packages installed?"},
    {"When was Debian 12 released?", "At what time was Debian 12 released?"},
    /* Czech */
    {"Jak povolím firewall?", "Jak zakážu firewall?"},
    {"Jak nainstaluji balíček?", "Jak odinstaluji balíček?"},
    {"Lze smazat log?", "Nelze smazat log?"},
    {"Kdo je správce?", "Kde je správce?"},
    {"Je server zapnutý?", "Není server zapnutý?"},
    {"Co se stane před aktualizací?", "Co se stane po aktualizaci?"},
    {"Jak přejdu z Debianu 11 na Debian 12?", "Jak přejdu z Debianu 12 na Debian 11?"},
    {"Jaká je minimální délka hesla?", "Jaká je maximální délka hesla?"},
    {"Kolik souborů se smaže?", "Které soubory se smaže?"},
    {"Kam se ukládají logy?", "Odkud se berou logy?"},
    /* German */
    {"Wie aktiviere ich die Firewall?", "Wie deaktiviere ich die Firewall?"},
    {"Wie installiere ich ein Paket?", "Wie deinstalliere ich ein Paket?"},
    {"Wie schalte ich das WLAN ein?", "Wie schalte ich das WLAN aus?"},
    {"Ist die Anmeldung erlaubt?", "Ist die Anmeldung nicht erlaubt?"},
    {"Was passiert vor dem Update?", "Was passiert nach dem Update?"},
    {"Gibt es ein Limit?", "Gibt es kein Limit?"},
    {"Wer verwaltet das Paket?", "Wen verwaltet das Paket?"},
    {"Wie lang ist das Passwort mindestens?", "Wie lang ist das Passwort höchstens?"},
};

static const struct pair same[] = {
    {"Where do I put broken bulbs?", "Where should I put broken bulbs?"},
    {"How many days of leave do I get per year?", "How many days of leave per year do I get?"},
    {"How long does the warranty on the dishwasher last?",
     "How long does the dishwasher warranty last?"},
    {"Where can I find the template for an offer?", "Where can I find the offer template?"},
    {"How do I install a package?", "how can I install packages"},
    {"How do I install a package?", "What is the way to install a package?"},
    {"How do I install a package?", "Can you tell me how to install a package?"},
    {"How do I install a package?", "Is there a way to install a package?"},
    {"How do I install a package in Debian?", "In Debian, how do I install a package?"},
    {"How do I delete a user?", "How can I remove a user?"},
    {"How should I delete a user?", "How do we remove users?"},
    {"How do I list files using ls?", "How do I list files with ls?"},
    {"What is the procedure for installing a package?", "How do I install a package?"},
    {"How do I install a package on Debian?", "How do I install a package in Debian?"},
    {"Which port does ssh use by default?", "What is the default port of ssh?"},
    {"Which port does ssh use by default?", "default ssh port"},
    {"How can a user's password be changed?", "How do I change a user's password?"},
    {"How are packages installed in Debian?", "How do I install packages in Debian?"},
    {"How can packages be installed?", "How do I install packages?"},
    {"How do I remove a package completely?", "How do I completely remove a package?"},
    {"What is dpkg used for?", "What is the purpose of dpkg?"},
    {"What is dpkg used for?", "What is dpkg for?"},
    {"How do I remove packages automatically?", "How do I automatically remove packages?"},
    {"WHAT IS THE DEFAULT PORT OF SSH", "What is the default port of ssh?"},
    {"What is the default port of ssh?", "default ssh port?"},
    {"What is the default port of ssh?", "What's the default SSH port?"},
    {"What is the default port of the ssh server?", "What is the ssh server's default port?"},
    {"Where is the configuration file of nginx stored?", "Where can I find the nginx config file?"},
    {"Where are the log files located?", "Where are the log files?"},
    {"Where are log files kept?", "where do I find the log files"},
    {"What is the purpose of dpkg?", "Tell me the purpose of dpkg, please."},
    {"How do I show hidden files?", "How do I display hidden files?"},
    {"Which command lists open ports?", "What command lists open ports?"},
    {"Which command is used to list open ports?", "What command do I use to list open ports?"},
    {"How many packages does Debian have?", "What is the number of packages Debian have?"},
    {"What is the difference between apt and dpkg?", "What's the difference between dpkg and apt?"},
    {"How do I change my password?", "How do I change the password?"},
    {"How can I make a file executable?", "How do you make files executable?"},
    {"Who maintains the kernel package?", "Do you know who maintains the kernel package?"},
    {"Why does apt fail?", "For what reason does apt fail?"},
    {"How do I run a command automatically at boot?",
     "How can I automatically run a command at boot?"},
    {"How do I create a directory?", "How do I create a folder?"},
    {"What is the maximum file size?", "What is the max file size?"},
    {"Do I need to reboot?", "Do I have to reboot?"},
    {"Is it possible to rename a user?", "Can I rename a user?"},
    {"Can't I rename a user?", "Cannot I rename a user?"},
    {"How do I search for a file?", "How to search for files?"},
    {"Please tell me how to restart the network", "How do I restart the network?"},
    {"How do I start the service?", "How do I launch the service?"},
    {"What is a runlevel?", "what is the runlevel"},
    {"What does the option -x of tar do?", "what does tar's option -x do"},
    /* Czech */
    {"Jak nainstaluji balíček?", "Můžete mi říct, jak nainstaluji balíček?"},
    {"Kde je uložen konfigurační soubor?", "Kde najdu konfigurační soubor?"},
    {"Jak mohu smazat uživatele?", "Jak odstranit uživatele?"},
    {"Jaký je výchozí port?", "který je výchozí port"},
    {"Prosím, jak změním heslo?", "Jak změním heslo?"},
    /* German */
    {"Wie kann ich ein Paket installieren?",
     "Kannst du mir sagen, wie ich ein Paket installieren kann?"},
    {"Wo liegt die Konfigurationsdatei?", "Wo finde ich die Konfigurationsdatei?"},
    {"Was ist der Standardport?", "Welcher ist der Standardport?"},
    {"Wie viele Dateien gibt es?", "Wieviele Dateien gibt es?"},
    {"Warum startet der Dienst nicht?", "Wieso startet der Dienst nicht?"},
};

static void test_different(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof different / sizeof *different; i++) {
        struct core_str a = core_str(different[i].a), b = core_str(different[i].b);
        if (!ai_guard_agree(a, b) && !ai_guard_agree(b, a))
            continue;
        print_error("taken for the same: %s | %s\n", different[i].a, different[i].b);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void test_same(void **state)
{
    (void)state;
    unsigned hits = 0, all = sizeof same / sizeof *same;
    for (unsigned i = 0; i < all; i++) {
        bool hit = ai_guard_agree(core_str(same[i].a), core_str(same[i].b));
        assert_int_equal(hit, ai_guard_agree(core_str(same[i].b), core_str(same[i].a)));
        hits += hit;
        if (!hit)
            print_message("missed: %s | %s\n", same[i].a, same[i].b);
    }
    assert_true(hits * 10 >= all * 9);
}

/* The pairs of tests/eval: no near one is taken for the same, in either direction, and of the same
 * ones the share that was reached stays. */
static unsigned agreeing(const char *name, bool report, unsigned *ret_all)
{
    char path[4096], line[4096];
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/tests/eval/%s", getenv("SKY_SOURCE"), name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    for (*ret_all = 0; fgets(line, sizeof line, f);) {
        if (line[0] == '#')
            continue;
        struct core_str rest = core_str(line), field[5];
        rest.len = strcspn(line, "\n");
        for (int i = 0; i < 5; i++)
            assert_true(core_str_split(&rest, '\t', &field[i]));
        bool hit = ai_guard_agree(field[3], field[4]);
        assert_int_equal(hit, ai_guard_agree(field[4], field[3]));
        if (hit && report)
            print_error("taken for the same: %.*s | %.*s\n", CORE_STR_ARG(field[3]),
                        CORE_STR_ARG(field[4]));
        count += hit;
        ++*ret_all;
    }
    fclose(f);
    return count;
}

static void test_pairs(void **state)
{
    (void)state;
    unsigned all;
    assert_int_equal(agreeing("cache_near.tsv", true, &all), 0);
    assert_true(all >= 1200);
    assert_true(agreeing("cache_same.tsv", false, &all) * 100 >= all * 40);
}

static void test_bytes(void **state)
{
    (void)state;
    char junk[4096];
    uint32_t seed = 7;
    for (unsigned round = 0; round < 2000; round++) {
        size_t len = round * 2 % sizeof junk;
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525u + 1013904223u;
            junk[i] = round % 2 ? (char)(seed >> 24) : " aisof the'?\"-"[(seed >> 24) % 14];
        }
        struct core_str s = core_strn(junk, len);
        ai_guard_agree(s, s);
        ai_guard_agree(s, CORE_STR("How do I install a package?"));
        struct core_buf b;
        core_buf_init(&b, 3 * sizeof junk);
        assert_int_equal(ai_guard_normalise(s, &b), 0);
        core_buf_done(&b);
    }
    assert_false(ai_guard_agree(core_strn("", 0), core_strn("", 0)));
}

static void check_normal(const char *in, const char *out)
{
    struct core_buf b;
    core_buf_init(&b, 1024);
    assert_int_equal(ai_guard_normalise(core_str(in), &b), 0);
    assert_string_equal(b.ptr ? b.ptr : "", out);
    core_buf_done(&b);
}

static void test_normalise(void **state)
{
    (void)state;
    check_normal("  What is\n the SSH   port?? ", "what is the ssh port");
    check_normal("What does ls -R do?", "what does ls -R do");
    check_normal("Was ist Ärger?", "was ist ärger");
    check_normal("Příliš ŽLUŤOUČKÝ", "příliš žluťoučký");
    check_normal("what is C", "what is C");
    check_normal("Edit README.md.", "edit README.md");
    check_normal("?", "?");
    check_normal("what is .", "what is .");
    check_normal("", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_different), cmocka_unit_test(test_same),
        cmocka_unit_test(test_pairs),     cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_normalise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
