/* scan.c: scan.h byte by byte. */
#include "genom/scan.h"

static bool is_letter(const char *text, size_t avail, size_t at)
{
    return at < GENOM__SCAN && at < avail && (text[at] | 0x20) >= 'a' && (text[at] | 0x20) <= 'z';
}

void genom__scan_bytes(const char *text, size_t avail, struct genom__short *ret)
{
    struct genom__short s = {0};
    unsigned capitals = 0, letters = 0;
    bool first = false;
    for (;; s.len++) {
        bool letter = is_letter(text, avail, s.len);
        bool tie = !letter && s.len > 0 && s.len < GENOM__SCAN && s.len < avail &&
                   text[s.len] == '\'' && is_letter(text, avail, s.len - 1) &&
                   is_letter(text, avail, s.len + 1);
        if (!letter && !tie)
            break;
        uint8_t c = (uint8_t)text[s.len], low = tie ? c : c | 0x20;
        letters += letter;
        capitals += c != low;
        first |= c != low && s.len == 0;
        *(s.len < 8 ? &s.a : &s.b) |= (uint64_t)low << (8 * (s.len % 8));
    }
    s.casing = capitals == 0 ? 0 : capitals == 1 && first ? 1 : capitals == letters ? 2 : 3;
    *ret = s;
}
