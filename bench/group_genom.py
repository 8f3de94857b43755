"""group_genom.py: GENOM beside compressors and tokenizers, and over HTTP.

Messages of 20 to 200 bytes that nothing was learnt from: the last tenth of the conversations of chitchat-dataset, chatterbot-corpus,
the cookies of fortunes and fortunes-min, those of fortunes-cs; no message twice, none that stands in the other nine tenths, on which
the dictionary of zstd is trained. A ratio is coded bytes by bytes of one message; beside the best peer all bytes of a corpus count.

Tokenizing: English fortunes and English manual pages, each repeated to TEXT_BYTES; the others have the vocabulary cl100k_base and
get blocks of 1 MiB (one core, processor time). Some keep what they have met in a cache, which a repeated text fills; so the fastest
is measured on each text once, too, when both have tokenized the other. Modes are those that the library accepts.

POST /v1/encode answers with the tokens beside the coded text. Its peer is GET /v1/tokens with as many tokens as make the answer as
long: it checks a token and writes JSON, too, but reads no body, finds no words and codes nothing. Beside it the page, a shorter file
from memory, for which the server does next to nothing.
"""
import functools
import gzip
import json
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import tempfile

from group_http import load_h1, rate
from measure import DEPS, REPEATS, ROOT, Group, first_line, in_turn, on_core, pin, support

PROGRAM = ROOT / "build" / "genom" / "bench-genom"
DICT = DEPS / "genom" / "genom.dict"
PYTHON = DEPS / "bench-genom" / "bin" / "python"
PEERS = ROOT / "bench" / "genom_peers.py"
TEXT_BYTES = 30_000_000
LARGE_BYTES = 4_000_000
RANDOM_TEXTS = 20_000
MESSAGE_BYTES = 60
CORPORA = {
    "chat": ("chat", "0.34", "0.24"),
    "chatterbot": ("chatterbot", "0.38", "0.31"),
    "fortunes": ("English fortunes", "0.44", "0.36"),
    "fortunes-cs": ("Czech fortunes", "0.58", "0.48"),
}
SPEEDS = {"fast": (">= 50", ">= 100"), "dense": (">= 1", ">= 1")}
TOKENIZERS = ["tiktoken", "tokenizers", "gigatoken", "splintr-rs", "quicktok-v1"]


def ours(what, *arguments, data=None):
    command = on_core(1, [str(part) for part in (PROGRAM, what, DICT, *arguments)])
    return json.loads(subprocess.run(command, input=data, capture_output=True, check=True).stdout)


def framed(texts):
    return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def unframed(data):
    at, found = 0, []
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at:at + 4], "little")
        found.append(data[at + 4:end])
        at = end
    return found


# --- How small --------------------------------------------------------------------------------------------------------
def small(group, folder, modes):
    growth = {mode: [] for mode in modes}
    for file, (name, *goals) in CORPORA.items():
        data = (folder / f"{file}.bin").read_bytes()
        lengths = [len(message) for message in unframed(data)]
        sizes = json.loads(subprocess.run([PYTHON, PEERS, "sizes", folder, file], capture_output=True, check=True).stdout)
        best = min(sizes, key=lambda peer: sum(sizes[peer]))
        for mode, goal in zip(("fast", "dense"), goals):
            if mode in modes:
                sizes[mode] = ours("sizes", mode, data=data)
                growth[mode].append(max(size - length for size, length in zip(sizes[mode], lengths)))
                compare(group, f"{mode}, {len(lengths)} messages of {name}", lengths, sizes[mode], sizes[best], best, f"<= {goal}")
        group.samples[f"messages of {name}"] = {
            "messages": len(lengths), "bytes": sum(lengths),
            "coded": {method: about(found, lengths) for method, found in sizes.items()}}
    noise = random_texts()
    for mode in modes:
        found = ours("sizes", mode, data=framed(noise))
        growth[mode].append(max(size - len(text) for size, text in zip(found, noise)))
        group.value(f"{mode}, what a text grows by at most: all messages, {len(noise)} random texts", [max(growth[mode])], "B", "<= 2")


def mean_ratio(sizes, lengths):
    return statistics.mean(size / length for size, length in zip(sizes, lengths))


def about(sizes, lengths):
    ratios = [size / length for size, length in zip(sizes, lengths)]
    return {"bytes": sum(sizes), "mean ratio": mean_ratio(sizes, lengths), "deciles": statistics.quantiles(ratios, n=10)}


def compare(group, name, lengths, coded, peer, peer_name, goal):
    mean = mean_ratio(coded, lengths)
    group.add(f"{name}, mean ratio", [mean], "", goal, {
        "name": peer_name, "value": round(mean_ratio(peer, lengths), 4), "ours": round(mean, 4), "unit": "of the message"})
    group.add(f"{name}, all bytes beside the best peer", [sum(coded) / sum(peer)], "x", "<= 0.6", {
        "name": peer_name, "value": round(statistics.mean(peer), 2), "ours": round(statistics.mean(coded), 2), "unit": "B/message"})


def random_texts():
    """Bytes that mean nothing, mostly short, the same in every run."""
    dice = random.Random(5)
    return [dice.randbytes(dice.randint(1, 300)) for _ in range(RANDOM_TEXTS)] + [dice.randbytes(1 << 20)]


# --- How fast ---------------------------------------------------------------------------------------------------------
class Tokenizer:
    """A tokenizer in a process of its own; says MB a processor second of it."""

    def __init__(self, *arguments):
        command = on_core(1, [str(part) for part in (PYTHON, PEERS, "tokenize", *arguments)])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.name, _, self.ids = self.line().rpartition(" ")

    def line(self):
        found = self.process.stdout.readline().strip()
        if not found:
            raise SystemExit(f"genom: a tokenizer ended with status {self.process.wait()}")
        return found

    def rate(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.line())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def manual_pages():
    """English manual pages as people read them."""
    found = []
    for path in sorted((DEPS / "docs").resolve().glob("*/man[1-8]/*.gz")):
        if path.parts[-3] not in ("manpages-cs", "manpages-de"):
            page = subprocess.run(["mandoc", "-T", "utf8"], input=gzip.decompress(path.read_bytes()), capture_output=True, check=False).stdout
            found.append(re.sub(".\b", "", page.decode()).encode())
    return b"".join(found)


def repeated(text):
    return text * (TEXT_BYTES // len(text) + 1)


def first_met(peer, path, other):
    """The rate of a tokenizer that has seen another text only."""
    tokenizer = Tokenizer(peer, path, other)
    try:
        return tokenizer.rate()
    finally:
        tokenizer.close()


def tokenizing(group, folder):
    corpora = {"English fortunes": (folder / "fortunes.txt").read_bytes(), "manual pages": manual_pages()}
    paths = [folder / "fortunes.txt", folder / "pages.txt"]
    paths[1].write_bytes(corpora["manual pages"])
    for (name, once), met, other in zip(corpora.items(), paths, reversed(paths)):
        text, path = repeated(once), folder / "text"
        path.write_bytes(text)
        what = f"tokenizing {name}, {len(once) / 1e6:.1f} MB repeated to {len(text) // 1_000_000}, one core"
        samples, ids = {}, set()
        for peer in TOKENIZERS:
            tokenizer = Tokenizer(peer, path)
            try:
                samples[tokenizer.name] = in_turn(lambda: ours("pieces", data=text)["rate"], tokenizer.rate)
                ids.add(tokenizer.ids)
            finally:
                tokenizer.close()
        assert len(ids) == 1, f"the tokenizers do not agree on {name}"
        fastest = max(samples, key=lambda peer: statistics.median(samples[peer][1]))
        group.value(what, [rate for mine, _ in samples.values() for rate in mine], "MB/CPU s", ">= 300")
        for peer, (mine, others) in samples.items():
            goal = ">= 1" if peer == fastest else ">= 50" if peer.startswith("tiktoken ") else None
            group.ratio(f"tokenizing {name} beside {peer}{', the fastest' if peer == fastest else ''}", mine, others, peer, "MB/CPU s", goal)
        program = fastest.partition(" ")[0]
        mine, others = in_turn(lambda: ours("pieces", other, data=once)["rate"], lambda: first_met(program, met, other))
        group.ratio(f"tokenizing {name} once beside {fastest}", mine, others, f"{fastest}, both warm with the other text", "MB/CPU s", ">= 1")


def coding(group, folder, modes):
    """Encoding and decoding, a large text and messages one after the other."""
    messages = (folder / "chat.bin").read_bytes()
    text = repeated((folder / "fortunes.txt").read_bytes())[:LARGE_BYTES]
    sets = {f"a text of {LARGE_BYTES // 1_000_000} MB": framed([text]), f"{len(unframed(messages))} messages of chat": messages}
    for mode in modes:
        for name, data in sets.items():
            found = [ours("speed", mode, data=data) for _ in range(REPEATS)]
            for way, goal in zip(("encode", "decode"), SPEEDS[mode]):
                group.value(f"{mode}, {way} {name}", [sample[way] for sample in found], "MB/CPU s", goal)
    group.value("opening the dictionary", ours("open"), "ms", "<= 5")


# --- Over HTTP --------------------------------------------------------------------------------------------------------
SCRIPT = """
local bodies, requests, at = {%s}, {}, 0
init = function()
    for i, body in ipairs(bodies) do requests[i] = wrk.format("POST", nil, {["Content-Type"] = "application/json"%s}, body) end
end
request = function()
    at = at %% #requests + 1
    return requests[at]
end
"""


def script(bodies, headers):
    """A script for wrk that posts one body after the other."""
    head = "".join(f', ["{name}"] = "{value}"' for name, value in headers.items())
    return SCRIPT % (", ".join(f"[==[{body}]==]" for body in bodies), head)


def raw(server, method, path, body=None):
    """An answer as it comes."""
    connection = server.connection()
    headers = {"Authorization": f"Bearer {server.token}", **({"Content-Type": "application/json"} if body else {})}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    found = answer.read()
    connection.close()
    assert answer.status == 200, found
    return found


def tokens_as_long(server, length):
    """GET /v1/tokens whose answer is as long, as nearly as whole tokens allow: (path, length)."""
    found = {path: len(raw(server, "GET", path)) for path in (f"/v1/tokens?limit={count}" for count in range(1, 100))}
    return min(found.items(), key=lambda item: abs(item[1] - length))


def over_http(group, folder):
    messages = [text.decode() for text in unframed((folder / "chat.bin").read_bytes()) if len(text) == MESSAGE_BYTES]
    bodies = [json.dumps({"text": message, "mode": "fast"}) for message in messages]
    server = support.Server()
    try:
        bearer = {"Authorization": f"Bearer {server.token}"}
        mean = statistics.mean(len(raw(server, "POST", "/v1/encode", body)) for body in bodies)
        peers = [(*tokens_as_long(server, mean), ">= 0.8"), ("/", len(raw(server, "GET", "/")), None)]
        posting = folder / "post.lua"
        posting.write_text(script(bodies, bearer))
        post = functools.partial(load_h1, script=posting)
        pin(server.process.pid, 0)
        for path, length, goal in peers:
            mine, other = in_turn(lambda: rate(post, server.process.pid, server.http + "/v1/encode", {}),
                                  lambda: rate(load_h1, server.process.pid, server.http + path, bearer))
            group.ratio(f"POST /v1/encode, fast, {len(bodies)} messages of {MESSAGE_BYTES} B, answers of {mean:.0f} B, beside {path}",
                        mine, other, f"GET {path}, {length} B", "requests/CPU s", goal)
    finally:
        server.close()


def meaning(group):
    """Spearman's rho between what people say of two words and what the dictionary does; the layout was chosen on WordSim-353."""
    told = subprocess.run([PYTHON, ROOT / "tools/genom/evaluate.py", DICT, DEPS / "genom-gold"], capture_output=True, text=True, check=True)
    report = json.loads(told.stdout)
    group.samples["meaning"] = report
    for name, of, goals in (("WordSim-353", "wordsim353", (">= 0.55", ">= 0.2")), ("SimLex-999", "simlex999", (None, None))):
        for by, what, goal in (("vector", "vectors", goals[0]), ("theta", "angles", goals[1])):
            group.add(f"{name}, rho by {what}", [report[of][by]], "", goal)


def measure():
    group = Group("genom", "make bench-genom")
    group.versions |= {"wrk": first_line("wrk", "-v"), "dictionary": DICT.parent.resolve().name}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-bench-"))
    try:
        subprocess.run([PYTHON, PEERS, "texts", folder], check=True)
        modes = ours("modes")
        small(group, folder, modes)
        coding(group, folder, modes)
        over_http(group, folder)
        tokenizing(group, folder)
        meaning(group)
    finally:
        shutil.rmtree(folder)
    group.write()
