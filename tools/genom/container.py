"""container.py - the file genom.dict: sections, checksums, the hash table of forms (docs/genom.md, "The dictionary file").

Plain Python without numpy, so that it can be tested and the file be checked anywhere.
"""
import hashlib
import struct

MAGIC, VERSION, HEADER, ENTRY, ALIGN = b"GENOMDIC", 1, 64, 24, 64
HASH_BITS, EMPTY = 21, 0xFFFFFFFF
K0, K1, MASK = 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, (1 << 64) - 1


def mix(x, y):
    product = x * y
    return (product ^ product >> 64) & MASK


def form_hash(form):
    """h(s) of a form's bytes."""
    value = K0 ^ len(form)
    padded = form + bytes(-len(form) % 16)
    for at in range(0, len(padded), 16):
        a, b = struct.unpack_from("<QQ", padded, at)
        value = mix(a ^ value, b ^ K1)
    return value


def hash_table(forms):
    """Slots of the forms by id; the empty ones (controls) have none."""
    size = 1 << HASH_BITS
    table = [EMPTY] * size
    for number, form in enumerate(forms):
        if form:
            value = form_hash(form)
            at = value % size
            while table[at] != EMPTY:
                at = (at + 1) % size
            table[at] = value >> 52 << 20 | number
    return table


def lookup(table, form, form_of):
    """The id of a form, or None. form_of(id) gives the form of an id."""
    value = form_hash(form)
    at = value % len(table)
    while table[at] != EMPTY:
        if table[at] >> 20 == value >> 52 and form_of(table[at] & 0xFFFFF) == form:
            return table[at] & 0xFFFFF
        at = (at + 1) % len(table)
    return None


def crc_tables():
    first = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        first.append(value)
    tables = [first]
    for _ in range(7):
        tables.append([value >> 8 ^ first[value & 255] for value in tables[-1]])
    return tables


CRC = crc_tables()


def crc32c(data):
    """CRC-32C (Castagnoli), eight bytes a step."""
    t0, t1, t2, t3, t4, t5, t6, t7 = reversed(CRC)
    value, whole = 0xFFFFFFFF, len(data) & ~7
    for low, high in struct.iter_unpack("<II", memoryview(data)[:whole]):
        low ^= value
        value = (t0[low & 255] ^ t1[low >> 8 & 255] ^ t2[low >> 16 & 255] ^ t3[low >> 24]
                 ^ t4[high & 255] ^ t5[high >> 8 & 255] ^ t6[high >> 16 & 255] ^ t7[high >> 24])
    for byte in memoryview(data)[whole:]:
        value = value >> 8 ^ CRC[0][(value ^ byte) & 255]
    return value ^ 0xFFFFFFFF


def assemble(sections, tokens):
    """The bytes of the file. sections: {tag: bytes} in order."""
    at = HEADER + ENTRY * len(sections)
    table, body = b"", bytearray()
    for tag, content in sections.items():
        gap = -(at + len(body)) % ALIGN
        body += bytes(gap)
        table += struct.pack("<4sIQQ", tag.encode(), crc32c(content), at + len(body), len(content))
        body += content
    size = at + len(body)

    def head(crc, digest):
        return struct.pack("<8sIIQII", MAGIC, VERSION, len(sections), size, tokens, crc) + digest

    bare = head(0, bytes(32))
    digest = hashlib.sha256(bare + table + body).digest()
    return head(crc32c(bare + table), digest) + table + bytes(body)


def read(data):
    """{tag: memoryview}; ValueError names what is wrong."""
    magic, version, count, size, _, crc = struct.unpack_from("<8sIIQII", data)
    if (magic, version, size) != (MAGIC, VERSION, len(data)):
        raise ValueError("header")
    bare = bytearray(data[:HEADER + ENTRY * count])
    bare[28:64] = bytes(36)
    if crc32c(bytes(bare)) != crc:
        raise ValueError("checksum of header and table")
    if hashlib.sha256(bytes(bare) + data[len(bare):]).digest() != data[32:64]:
        raise ValueError("SHA-256")
    found = {}
    for i in range(count):
        tag, crc, at, length = struct.unpack_from("<4sIQQ", data, HEADER + ENTRY * i)
        section = memoryview(data)[at:at + length]
        if at % ALIGN or len(section) != length or crc32c(section) != crc:
            raise ValueError(f"section {tag.decode()}")
        found[tag.decode()] = section
    return found
