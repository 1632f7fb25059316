"""Writes attention.json: what models with attention compute. Needs Keras 3.15 and TensorFlow.

    KERAS_BACKEND=tensorflow python attention.py
"""

import json
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras
import numpy as np
from keras import layers

random = np.random.default_rng(11)


def array(values):
    values = np.asarray(values)
    whole = values.dtype.kind != "f"
    return {
        "dtype": "int32" if whole else "float32",
        "shape": list(values.shape),
        "data": [int(x) if whole else float(f"{x:.9g}") for x in values.flatten()],
    }


def normal(*shape):
    return random.normal(0.1, 0.8, shape).astype("float32")


def case(name, outputs, *inputs):
    """Inputs are pairs of a Keras input and its value."""
    model = keras.Model([x for x, _ in inputs], outputs)
    for weight in model.weights:
        weight.assign(normal(*weight.shape))
    found = model([value for _, value in inputs])
    return {
        "name": name,
        "config": json.loads(model.to_json())["config"],
        "inputs": [array(value) for _, value in inputs],
        "weights": {w.path: array(w) for w in model.weights},
        "outputs": [array(x) for x in (found if isinstance(found, (list, tuple)) else [found])],
    }


def sequence(*shape):
    return keras.Input(shape[1:]), normal(*shape)


def tokens(mask_zero):
    x = keras.Input((4,), dtype="int32")
    value = np.array([[1, 2, 0, 0], [3, 0, 4, 0], [2, 2, 1, 4]], dtype="int32")
    return (x, value), layers.Embedding(5, 6, mask_zero=mask_zero)(x)


def headed(make, values):
    q, v, k = sequence(2, 3, 6), sequence(2, 5, values), sequence(2, 5, 3)
    yield "two inputs", make()(q[0], v[0]), q, v
    yield "key", make()(q[0], v[0], key=k[0]), q, v, k
    mask = keras.Input((3, 5), dtype="bool"), random.random((2, 3, 5)) < 0.7
    yield "attention mask", make()(q[0], v[0], attention_mask=mask[0]), q, v, mask
    yield "scores", make(use_bias=False)(
        q[0], v[0], return_attention_scores=True, use_causal_mask=True), q, v
    yield "window and gate", make(sliding_window=2, use_gate=True)(q[0], v[0]), q, v
    given, embedded = tokens(True)
    yield "masked", make()(embedded, embedded, use_causal_mask=True), given
    given, embedded = tokens(True)
    other = sequence(3, 2, 6)
    yield "masked values", make()(query=other[0], value=embedded), given, other
    given, embedded = tokens(False)
    hidden = make(name="first")(embedded, embedded)
    shared = make(name="second", dropout=0.3)
    yield "called twice", layers.Add()([shared(hidden, embedded), shared(embedded, hidden)]), given


def many_heads(**options):
    return layers.MultiHeadAttention(2, 3, **options)


def grouped(**options):
    return layers.GroupQueryAttention(3, 4, 2, **options)


def multi_head_cases():
    q, v = sequence(2, 3, 6), sequence(2, 5, 4)
    yield "sizes", layers.MultiHeadAttention(3, 2, value_dim=5, output_shape=(2, 4))(
        q[0], v[0]), q, v
    q, v = sequence(2, 3, 4, 6), sequence(2, 3, 5, 6)
    attention = layers.MultiHeadAttention(2, 3, attention_axes=2)
    yield "one axis of two", attention(q[0], v[0], return_attention_scores=True), q, v
    v = sequence(2, 2, 5, 6)
    yield "two axes", many_heads()(q[0], v[0], return_attention_scores=True), q, v
    attention = layers.MultiHeadAttention(2, 3, attention_axes=1)
    v = sequence(2, 5, 4, 6)
    yield "first axis of two", attention(q[0], v[0]), q, v


def plain(make, name):
    q, v, k = sequence(2, 3, 6), sequence(2, 5, 4), sequence(2, 5, 6)
    given, embedded = tokens(True)
    yield name + " keys", make()([q[0], v[0], k[0]]), q, v, k
    yield name + " causal", make()(
        [q[0], v[0], k[0]], return_attention_scores=True, use_causal_mask=True), q, v, k
    yield name + " masked", make(dropout=0.2)([embedded, embedded]), given


cases = [case(*x) for x in multi_head_cases()]
cases += [case("MultiHeadAttention " + name, *rest) for name, *rest in headed(many_heads, 4)]
cases += [case("GroupQueryAttention " + name, *rest) for name, *rest in headed(grouped, 6)]
for layer, name in (
    (layers.Attention, "Attention"),
    (lambda **x: layers.Attention(use_scale=True, **x), "scaled Attention"),
    (lambda **x: layers.Attention(use_scale=True, score_mode="concat", **x), "concat"),
    (layers.AdditiveAttention, "AdditiveAttention"),
    (lambda **x: layers.AdditiveAttention(use_scale=False, **x), "plain AdditiveAttention"),
):
    cases += [case(*x) for x in plain(layer, name)]

folder = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(folder, "attention.json"), "w") as file:
    json.dump(cases, file, separators=(",", ":"))
