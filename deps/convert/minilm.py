#!/usr/bin/env python3
"""minilm.py MODEL_DIR OUT.gguf: all-MiniLM-L6-v2 (safetensors) to GGUF, matrices in f16.

A BERT encoder with mean pooling. llama.cpp's "bert" vocabulary wants WordPiece turned round: a piece that begins a word
carries U+2581 and a continuation carries nothing, where the original marks continuations with "##".
"""
import json
import pathlib
import sys

import gguf
import numpy as np
from safetensors import safe_open

SPECIAL = {"unk": "[UNK]", "sep": "[SEP]", "pad": "[PAD]", "mask": "[MASK]", "bos": "[CLS]", "eos": "[SEP]"}
WORD_START = "\u2581"


def write_parameters(out, config):
    out.add_name("all-MiniLM-L6-v2")
    out.add_license("apache-2.0")
    out.add_block_count(config["num_hidden_layers"])
    out.add_context_length(config["max_position_embeddings"])
    out.add_embedding_length(config["hidden_size"])
    out.add_feed_forward_length(config["intermediate_size"])
    out.add_head_count(config["num_attention_heads"])
    out.add_layer_norm_eps(config["layer_norm_eps"])
    out.add_causal_attention(False)
    out.add_pooling_type(gguf.PoolingType.MEAN)
    out.add_file_type(gguf.LlamaFileType.MOSTLY_F16)


def write_vocabulary(out, config, ids):
    if len(ids) != config["vocab_size"]:
        raise SystemExit(f"minilm.py: tokenizer.json has {len(ids)} tokens, config.json says {config['vocab_size']}")
    pieces, types = [], []
    for token in sorted(ids, key=ids.get):
        special = token in SPECIAL.values()
        types.append(gguf.TokenType.CONTROL if special else gguf.TokenType.NORMAL)
        if special:
            pieces.append(token)
        elif token.startswith("##"):
            pieces.append(token[2:])
        else:
            pieces.append(WORD_START + token)
    out.add_token_type_count(config["type_vocab_size"])
    out.add_tokenizer_model("bert")
    out.add_tokenizer_pre("default")
    out.add_token_list(pieces)
    out.add_token_types(types)
    for role, token in SPECIAL.items():
        getattr(out, f"add_{role}_token_id")(ids[token])


def write_tensors(out, config, path):
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, config["num_hidden_layers"])
    with safe_open(path, "np") as tensors:
        for key in tensors.keys():
            # Mean pooling does not use the pooler; the positions are only 0, 1, 2, …
            if key.startswith("pooler") or key.endswith("position_ids"):
                continue
            name = names.get_name(key, (".weight", ".bias"))
            if name is None:
                raise SystemExit(f"minilm.py: no GGUF name for tensor {key}")
            value = tensors.get_tensor(key).astype(np.float32)
            halved = value.ndim == 2 and ("attn" in name or "ffn" in name or name.startswith("token_embd."))
            out.add_tensor(name, value.astype(np.float16) if halved else value)


def main():
    model, target = pathlib.Path(sys.argv[1]), sys.argv[2]
    config = json.loads((model / "config.json").read_text("utf-8"))
    ids = json.loads((model / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    out = gguf.GGUFWriter(target, "bert")
    write_parameters(out, config)
    write_vocabulary(out, config, ids)
    write_tensors(out, config, model / "model.safetensors")
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


if __name__ == "__main__":
    main()
