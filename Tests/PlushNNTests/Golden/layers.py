"""Writes layers.json: what the layers of Keras compute. Needs Keras 3.15 and TensorFlow.

    KERAS_BACKEND=tensorflow python layers.py
"""

import json
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras
import numpy as np
from keras import layers

random = np.random.default_rng(7)


def array(values):
    values = np.asarray(values)
    return {
        "dtype": {"float64": "float32"}.get(str(values.dtype), str(values.dtype)),
        "shape": list(values.shape),
        "data": [float(x) if values.dtype.kind == "f" else int(x) for x in values.flatten()],
    }


def normal(*shape):
    return random.normal(0.2, 1.5, shape).astype("float32")


def case(layer, *inputs, **arguments):
    given = list(inputs) if len(inputs) > 1 else inputs[0]
    layer(given)
    for weight in layer.weights:
        if weight.dtype == "float32":
            values = normal(*weight.shape)
            weight.assign(np.abs(values) + 0.1 if "variance" in weight.path else values)
    output = np.asarray(layer(given, **arguments))
    return {
        "class_name": type(layer).__name__,
        "config": layer.get_config(),
        "inputs": [array(x) for x in inputs],
        "weights": {w.path.split("/")[-1]: array(w.numpy()) for w in layer.weights},
        "output": array(output),
    }


def reshaping_cases(tall, volume):
    deep = normal(1, 3, 4, 4, 2)
    yield case(layers.ZeroPadding1D(), tall)
    yield case(layers.ZeroPadding1D((2, 0)), tall)
    yield case(layers.ZeroPadding1D((0, 1), data_format="channels_first"), tall)
    yield case(layers.ZeroPadding2D(), volume)
    yield case(layers.ZeroPadding2D(((0, 2), (1, 0)), data_format="channels_first"), volume)
    yield case(layers.ZeroPadding3D(((0, 1), (2, 0), (1, 1))), deep)
    yield case(layers.Cropping1D(), tall)
    yield case(layers.Cropping1D((0, 3)), tall)
    yield case(layers.Cropping2D(((0, 2), (1, 0))), volume)
    yield case(layers.Cropping2D((1, 2), data_format="channels_first"), volume)
    yield case(layers.Cropping3D(((1, 1), (0, 2), (3, 0))), deep)
    yield case(layers.UpSampling1D(3), tall)
    yield case(layers.UpSampling2D((2, 3)), volume)
    yield case(layers.UpSampling2D(2, data_format="channels_first"), volume)
    yield case(layers.UpSampling3D((1, 2, 3)), deep)
    yield case(layers.TimeDistributed(layers.Dense(3, activation="tanh")), tall)
    yield case(layers.TimeDistributed(layers.Dense(2)), volume)
    yield case(layers.TimeDistributed(layers.BatchNormalization()), tall)


# Not sparsemax: that of Keras 3.15 sums partial sums, and its results do not add up to 1.
def layer_cases():
    x, pair = normal(3, 5), (normal(3, 5), normal(3, 5))
    volume, tall = normal(2, 3, 4, 6), normal(2, 4, 6)
    yield case(layers.ReLU(max_value=1.5), x)
    yield case(layers.ReLU(negative_slope=0.1, threshold=0.4), x)
    yield case(layers.ReLU(max_value=1, negative_slope=0.3, threshold=0.2), x)
    yield case(layers.LeakyReLU(), x)
    yield case(layers.LeakyReLU(negative_slope=0.05), x)
    yield case(layers.PReLU(), x)
    yield case(layers.PReLU(shared_axes=[1, 2]), volume)
    yield case(layers.ELU(alpha=0.6), x)
    yield case(layers.Softmax(), x)
    yield case(layers.Softmax(axis=[1, 2]), tall)
    mask = np.array([[True, True, False, True, False]] * 2 + [[False] * 5])
    yield {**case(layers.Softmax(), x, mask=mask), "mask": array(mask.astype("int32"))}
    for name in (
        "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu "
        "linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax "
        "softplus softsign sparse_plus sparse_sigmoid squareplus tanh tanh_shrink"
    ).split():
        yield case(layers.Activation(name), normal(3, 6) * 3)
    for merge in (layers.Add, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum):
        yield case(merge(), *pair, normal(3, 1))
        yield case(merge(), normal(2, 6), tall)
    yield case(layers.Subtract(), *pair)
    yield case(layers.Concatenate(axis=1), normal(2, 3, 4), normal(2, 1, 4))
    yield case(layers.Dot(axes=1), *pair)
    yield case(layers.Dot(axes=1, normalize=True), *pair)
    yield case(layers.Dot(axes=(1, 2)), normal(2, 3, 5), normal(2, 7, 3))
    yield case(layers.Dot(axes=-1, normalize=True), normal(2, 3, 5), normal(2, 7, 5))
    yield case(layers.Dot(axes=(2, 1)), normal(2, 3, 5), normal(2, 5))
    yield case(layers.Dense(4, activation="tanh"), tall)
    yield case(layers.BatchNormalization(), x)
    yield from reshaping_cases(tall, volume)
    yield case(layers.BatchNormalization(axis=1, scale=False), tall)
    yield case(layers.LayerNormalization(), tall)
    yield case(layers.LayerNormalization(axis=[1, 2], epsilon=0.01), tall)
    yield case(layers.GroupNormalization(groups=3), volume)
    yield case(layers.GroupNormalization(groups=-1), tall)
    yield case(layers.GroupNormalization(groups=2, axis=2), volume)
    yield case(layers.UnitNormalization(), tall)
    yield case(layers.UnitNormalization(axis=[1, 2]), tall)
    yield case(layers.RMSNormalization(), tall)
    yield case(layers.RMSNormalization(axis=[1, 2]), tall)
    yield case(layers.SpectralNormalization(layers.Dense(3)), x)
    yield case(layers.Masking(mask_value=0), np.where(tall > 0, tall, 0).astype("float32"))
    yield case(layers.Permute((3, 1, 2)), volume)
    yield case(layers.RepeatVector(3), x)
    yield case(layers.Rescaling(0.5, offset=1), x)
    yield case(layers.Rescaling([1.0, 2.0, 3.0, 4.0, 5.0], offset=[0.0, 1.0, 0.0, 1.0, 0.0]), x)
    yield case(layers.Normalization(mean=[1.0, 2, 3, 4, 5], variance=[1.0, 2, 3, 4, 5]), x)
    yield case(layers.Normalization(mean=1.0, variance=4.0, axis=None, invert=True), x)
    for mode in ("int", "one_hot", "multi_hot", "count"):
        yield case(layers.Discretization([-1.0, 0.0, 0.5], output_mode=mode), x)
        lookup = layers.IntegerLookup(
            vocabulary=[12, 5, 900000], output_mode=mode, num_oov_indices=2, mask_token=0
        )
        yield case(lookup, np.array([[5, 0, 12, 3], [900000, 8, 7, 5]]))
    for mode in ("one_hot", "multi_hot", "count"):
        yield case(layers.CategoryEncoding(4, output_mode=mode), np.array([[3, 1, 1], [0, 0, 2]]))
    yield case(layers.CategoryEncoding(4, output_mode="one_hot"), np.array([[3], [1]]))
    yield case(layers.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d"), tall)
    yield case(layers.EinsumDense("...x,xy->...y", 5, bias_axes="y", activation="relu"), volume)
    yield case(layers.EinsumDense("abc,cde->abde", (None, 2, 5), bias_axes="de"), tall)
    yield case(layers.EinsumDense("abc,bd->adc", (7, None), bias_axes="d"), tall)
    yield case(layers.EinsumDense("ab...,bc->ac...", 5, bias_axes="c"), tall)
    yield case(layers.Embedding(5, 3), np.array([[0, 4], [2, 2]], dtype="int32"))


def constraint_cases():
    weight = normal(4, 3)
    for constraint in (
        keras.constraints.MaxNorm(1.2),
        keras.constraints.MaxNorm(1.2, axis=[0, 1]),
        keras.constraints.MinMaxNorm(0.9, 1.1, rate=0.7, axis=1),
        keras.constraints.NonNeg(),
        keras.constraints.UnitNorm(),
    ):
        yield {
            "config": keras.constraints.serialize(constraint),
            "weight": array(weight),
            "output": array(constraint(weight)),
        }


def regularizer_cases():
    weight = normal(4, 3)
    for regularizer in (
        keras.regularizers.L1(0.3),
        keras.regularizers.L2(0.2),
        keras.regularizers.L1L2(0.1, 0.2),
        keras.regularizers.OrthogonalRegularizer(0.4),
        keras.regularizers.OrthogonalRegularizer(0.4, mode="columns"),
    ):
        yield {
            "config": keras.regularizers.serialize(regularizer),
            "weight": array(weight),
            "output": float(regularizer(keras.ops.convert_to_tensor(weight))),
        }


def hash_cases():
    texts = ["", "a", "Swift", "twelve bytes", "a text of 20 letters", "x" * 33, "y" * 64]
    texts += ["z" * 65, "from many words a long text " * 7, "ä ö ü", "-12"]
    for options in ({}, {"mask_value": "a"}, {"salt": [133, 137]}):
        layer = layers.Hashing(1000, **options)
        yield {
            "config": layer.get_config(),
            "strings": texts,
            "output": array(np.asarray(layer(np.array(texts)))),
        }


def lookup_cases():
    words = ["b", "a", "c", "b", "c", "b", "d", "", "[UNK]", "e"]
    asked = ["a", "", "x", "b", "[UNK]", "yy"]
    for options in (
        {},
        {"mask_token": ""},
        {"num_oov_indices": 3, "mask_token": ""},
        {"max_tokens": 4},
        {"output_mode": "multi_hot", "mask_token": ""},
        {"output_mode": "one_hot", "max_tokens": 9, "pad_to_max_tokens": True},
    ):
        layer = layers.StringLookup(**options)
        layer.adapt(np.array(words))
        yield {
            "config": {**layer.get_config(), "vocabulary": None},
            "adapt": words,
            "strings": asked,
            "vocabulary": list(layer.get_vocabulary()),
            "output": array(np.asarray(layer(np.array(asked)))),
        }
    documents = [["a", "b", "b"], ["a", "c", "d"]]
    layer = layers.StringLookup(output_mode="tf_idf")
    layer.adapt(np.array(documents))
    yield {
        "config": {**layer.get_config(), "vocabulary": None},
        "documents": documents,
        "strings": ["b", "b", "q"],
        "vocabulary": list(layer.get_vocabulary()),
        "output": array(np.asarray(layer(np.array(["b", "b", "q"])))),
    }


def adapt_cases():
    data = normal(57, 3)
    for bins, epsilon in ((4, 0.01), (7, 0.1), (3, 0.3)):
        layer = layers.Discretization(num_bins=bins, epsilon=epsilon)
        layer.adapt(data)
        yield {
            "class_name": "Discretization",
            "config": {**layer.get_config(), "bin_boundaries": None},
            "data": array(data),
            "output": array(np.asarray(layer(data))),
            "boundaries": [float(x) for x in layer.bin_boundaries],
        }
    for axis in (-1, None):
        layer = layers.Normalization(axis=axis)
        layer.adapt(data)
        yield {
            "class_name": "Normalization",
            "config": layer.get_config(),
            "data": array(data),
            "output": array(np.asarray(layer(data))),
        }


def masked_case(outputs, inputs, truth, tokens, weights, **arguments):
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.SGD(0.5), **arguments)
    for weight in model.weights:
        values = normal(*weight.shape)
        weight.assign(np.abs(values) + 0.1 if "variance" in weight.path else values)
    before = [array(w.numpy()) for w in model.weights]
    logs = model.evaluate(tokens, truth, verbose=0, return_dict=True)
    weighted = model.evaluate(tokens, truth, sample_weight=weights, verbose=0, return_dict=True)
    step = model.train_on_batch(tokens, truth, return_dict=True)
    return {
        "config": json.loads(model.to_json())["config"],
        "loss": arguments["loss"],
        "tokens": array(tokens),
        "truth": array(truth),
        "weights": array(weights),
        "before": before,
        "evaluation": logs,
        "weighted": weighted,
        "step": float(step["loss"]),
        "after": [array(w.numpy()) for w in model.weights],
    }


def masked_cases():
    """Loss, metrics and gradients of models whose steps partly do not count."""
    tokens = np.array([[1, 2, 0, 0], [3, 0, 4, 0], [2, 2, 1, 4]], dtype="int32")
    weights = np.array([[0.5] * 4, [2] * 4, [1, 1, 0, 3]], dtype="float32")
    inputs = keras.Input((4,), dtype="int32")
    embedded = layers.Embedding(5, 3, mask_zero=True)(inputs)
    x = layers.BatchNormalization(momentum=0.5)(embedded)
    x = layers.Add()([x, layers.Dense(3, activation="tanh")(x)])
    outputs = layers.Dense(2)(layers.Dropout(0.0)(x))
    metrics = ["mae", "mse", keras.metrics.CosineSimilarity()]
    yield masked_case(
        outputs, inputs, normal(3, 4, 2), tokens, weights, loss="mse", metrics=metrics,
        weighted_metrics=["mae"])
    x = layers.TimeDistributed(layers.BatchNormalization(momentum=0.5))(embedded)
    outputs = layers.TimeDistributed(layers.Dense(4, activation="softmax"))(x)
    yield masked_case(
        outputs, inputs, random.integers(0, 4, (3, 4)), tokens, weights,
        loss="sparse_categorical_crossentropy", metrics=["accuracy"],
        weighted_metrics=["accuracy"])


cases = {
    "layers": list(layer_cases()),
    "constraints": list(constraint_cases()),
    "regularizers": list(regularizer_cases()),
    "hashes": list(hash_cases()),
    "lookups": list(lookup_cases()),
    "adapted": list(adapt_cases()),
    "masked": list(masked_cases()),
}


def plain(value):
    return value.item() if hasattr(value, "item") else str(value)


folder = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(folder, "layers.json"), "w") as file:
    json.dump(cases, file, default=plain)
