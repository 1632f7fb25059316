"""Writes the files of this folder with Keras 3.15, but for losses.json and metrics.json.

Numbers are computed in float64 from inputs that float32 holds exactly.
"""

import json
import os
import warnings

os.environ.update(KERAS_BACKEND="jax", JAX_PLATFORMS="cpu", JAX_ENABLE_X64="1")
warnings.filterwarnings("ignore")
import jax
import keras
import numpy as np
from keras import losses as L, metrics as M, optimizers as O

keras.config.set_floatx("float64")
rng = np.random.default_rng(7)


def rounded(*shape, low=-2.0, high=2.0):
    return np.round(rng.uniform(low, high, shape), 3).astype("float32").astype("float64")


def tensor(a):
    a = np.asarray(a)
    kind = "float32" if a.dtype.kind == "f" else "int32"
    number = float if a.dtype.kind == "f" else int
    return {"dtype": kind, "shape": list(a.shape), "data": [number(v) for v in a.ravel()]}


def write(name, value):
    with open(name, "w") as file:
        json.dump(value, file, separators=(",", ":"))


# Optimizers: the same small network, data and weights for all.
X, Y = rounded(6, 8, 5), rounded(6, 8, 2)
START = [rounded(5, 4, low=-0.7, high=0.7), rounded(4, low=-0.2, high=0.2),
         rounded(4, 2, low=-0.7, high=0.7), rounded(2, low=-0.2, high=0.2)]
NAMES = ["d1/kernel", "d1/bias", "d2/kernel", "d2/bias"]


def trace(optimizer, exclude=None):
    model = keras.Sequential([
        keras.Input((5,)), keras.layers.Dense(4, activation="tanh", name="d1"),
        keras.layers.Dense(2, name="d2")])
    model.set_weights(START)
    if exclude:
        optimizer.exclude_from_weight_decay(var_names=exclude)
    model.compile(optimizer, "mse")
    found = [float(step(model, x, y)) for x, y in zip(X, Y)]
    config = optimizer.get_config()
    if exclude:
        config["exclude_from_weight_decay"] = exclude
    return {
        "class_name": type(optimizer).__name__, "config": config, "losses": found,
        "final": dict(zip(NAMES, map(tensor, model.get_weights())))}


def step(model, x, y):
    def loss(weights):
        return keras.ops.mean(keras.ops.square(model.stateless_call(weights, [], x)[0] - y))

    value, gradients = jax.value_and_grad(loss)([v.value for v in model.trainable_variables])
    model.optimizer.apply(gradients, model.trainable_variables)
    return value


S = O.schedules
cases = [
    O.SGD(0.1), O.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01), O.Adam(0.05, amsgrad=True),
    O.AdamW(0.05, weight_decay=0.1), O.Adamax(0.05), O.Nadam(0.05), O.RMSprop(0.05, momentum=0.9, centered=True),
    O.Adagrad(0.1), O.Adadelta(1.0), O.Ftrl(0.1, l1_regularization_strength=0.01, l2_regularization_strength=0.02,
    l2_shrinkage_regularization_strength=0.03, beta=0.1), O.Ftrl(0.1, learning_rate_power=-0.8), O.Lion(0.02),
    O.Lamb(0.05), O.Adafactor(0.5), O.Muon(0.05), O.Muon(0.05, exclude_layers=["d2"], adam_lr_ratio=0.5,
    nesterov=False, rms_rate=None),
    O.ScheduleFreeAdamW(0.05, warmup_steps=3), O.Adam(0.05, clipnorm=0.1), O.Adam(0.05, global_clipnorm=0.1),
    O.SGD(0.1, clipvalue=0.05), O.Adam(0.05, gradient_accumulation_steps=2),
    O.SGD(0.1, momentum=0.9, gradient_accumulation_steps=3, weight_decay=0.1, clipnorm=0.2),
    O.Adam(0.05, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=2),
    O.SGD(0.1, loss_scale_factor=None), O.Adam(S.CosineDecay(0.01, 4, warmup_target=0.1, warmup_steps=2)),
    O.SGD(S.PiecewiseConstantDecay([1, 3], [0.3, 0.1, 0.05]), weight_decay=0.1),
]
traces = [trace(c) for c in cases] + [trace(O.AdamW(0.05, weight_decay=0.5), ["bias"])]
keras.utils.clear_session()
defaults = {c.__name__: c().get_config() for c in (
    O.SGD, O.Adam, O.AdamW, O.Adamax, O.Nadam, O.RMSprop, O.Adagrad, O.Adadelta, O.Ftrl, O.Lion, O.Lamb,
    O.Adafactor, O.Muon, O.ScheduleFreeAdamW)}
write("optimizers.json", {
    "x": tensor(X), "y": tensor(Y), "start": dict(zip(NAMES, map(tensor, START))), "traces": traces,
    "defaults": defaults})

steps = [0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 15, 20, 29, 30, 31, 50, 100]
schedules = [
    S.ExponentialDecay(0.2, 5, 0.5), S.ExponentialDecay(0.2, 5, 0.5, staircase=True),
    S.PiecewiseConstantDecay([3, 10], [1.0, 0.5, 0.1]), S.PolynomialDecay(0.1, 10, power=2.0),
    S.PolynomialDecay(0.1, 10, end_learning_rate=0.01, cycle=True), S.InverseTimeDecay(0.1, 5, 0.5),
    S.InverseTimeDecay(0.1, 5, 0.5, staircase=True), S.CosineDecay(0.1, 20, alpha=0.1),
    S.CosineDecay(0.001, 12, warmup_target=0.02, warmup_steps=5), S.CosineDecayRestarts(0.1, 7),
    S.CosineDecayRestarts(0.1, 7, t_mul=1.0, m_mul=0.8, alpha=0.05), S.CosineDecayRestarts(0.1, 7, t_mul=1.5, m_mul=0.9)]
write("schedules.json", [{
    "class_name": type(s).__name__, "config": s.get_config(), "steps": steps,
    "rates": [float(s(float(i))) for i in steps]} for s in schedules])

# Losses, with gradients at the prediction.
numbers, other = rounded(4, 3), rounded(4, 3)
shares = np.round(rng.dirichlet([1, 1, 1], 4), 3).astype("float32").astype("float64")
ones = np.eye(3)[[0, 2, 1, 1]]
binary = (rng.uniform(size=(4, 3)) > 0.5).astype("float64")
part = rounded(4, 3, low=0.05, high=0.95)
classes = np.array([0, 2, 1, 1], "int32")
weights = np.array([1, 0.5, 0, 2.0])
maps, map_classes = rounded(2, 3, 4, low=0.05, high=0.95), np.array([[0, 1, 3], [2, 1, 0]], "int32")
embeddings = rounded(6, 4)
embeddings = (embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)).astype("float32").astype("float64")
groups = np.array([0, 1, 0, 2, 1, 2], "int32")


def loss(instance, truth, prediction, weight=None):
    def total(p):
        return keras.ops.sum(instance(truth, p, sample_weight=weight))

    p = jax.numpy.asarray(prediction)
    value = instance(truth, p, sample_weight=weight)
    case = {
        "class_name": type(instance).__name__, "config": {**instance._fn_kwargs, **instance.get_config()}, "truth": tensor(truth),
        "prediction": tensor(prediction), "value": tensor(value), "gradient": tensor(jax.grad(total)(p))}
    if weight is not None:
        case["weight"] = tensor(weight)
    return case


c = []
for r in ("sum_over_batch_size", "sum", "none", "mean", "mean_with_sample_weight"):
    for w in (None, weights):
        c.append(loss(L.MeanSquaredError(reduction=r), numbers, other, w))
        c.append(loss(L.SparseCategoricalCrossentropy(reduction=r, ignore_class=1), classes, shares, w))
for k in (L.MeanAbsoluteError, L.MeanAbsolutePercentageError, L.MeanSquaredLogarithmicError, L.LogCosh,
          L.CosineSimilarity, L.Hinge, L.SquaredHinge):
    c.append(loss(k(), numbers, other, weights))
c += [loss(L.Huber(delta=0.3), numbers, other), loss(L.CosineSimilarity(axis=0), numbers, other),
      loss(L.MeanSquaredLogarithmicError(), part, shares), loss(L.Hinge(), binary, other),
      loss(L.Hinge(), np.array([[0., 1.], [-1., 1.]]), other[:2, :2]),
      loss(L.SquaredHinge(), binary, other), loss(L.CategoricalHinge(), ones, other),
      loss(L.KLDivergence(), shares, part), loss(L.Poisson(), part, shares),
      loss(L.BinaryCrossentropy(label_smoothing=0.1), binary, part),
      loss(L.BinaryCrossentropy(from_logits=True), binary, other),
      loss(L.BinaryFocalCrossentropy(), binary, part),
      loss(L.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.3, gamma=1.5, label_smoothing=0.1), binary, part),
      loss(L.BinaryFocalCrossentropy(from_logits=True), binary, other),
      loss(L.CategoricalCrossentropy(label_smoothing=0.2), ones, shares),
      loss(L.CategoricalCrossentropy(from_logits=True), ones, other),
      loss(L.CategoricalFocalCrossentropy(alpha=0.4, gamma=1.5, label_smoothing=0.1), ones, shares),
      loss(L.CategoricalFocalCrossentropy(from_logits=True), ones, other),
      loss(L.SparseCategoricalCrossentropy(), map_classes, maps),
      loss(L.SparseCategoricalCrossentropy(ignore_class=1), map_classes, maps),
      loss(L.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0), map_classes, maps),
      loss(L.CategoricalGeneralizedCrossEntropy(q=0.7), classes, part),
      loss(L.Dice(), binary, part), loss(L.Dice(axis=-1), binary, part), loss(L.Dice(axis=[0]), binary, part),
      loss(L.Tversky(alpha=0.3, beta=0.7), binary, part), loss(L.Tversky(axis=-1), binary, part),
      loss(L.Circle(), groups, embeddings), loss(L.Circle(gamma=10.0, margin=0.3), groups, embeddings, np.array([1, 2, 0.5, 1, 1, 3.0])),
      loss(L.Circle(gamma=20.0, remove_diagonal=False), groups, embeddings),
      loss(L.CTC(), np.array([[1, 2, 0], [2, 2, 1], [3, 0, 0]], "int32"), rounded(3, 7, 4))]
write("keras_losses.json", c)

# Metrics, over two batches of different size, with and without weights.
def batches(truth, prediction, *sizes):
    place, found = 0, []
    for size in sizes:
        found.append((truth[place:place + size], prediction[place:place + size]))
        place += size
    return found


DATA = []


def known(data):
    """The number of these batches in the file, which has each of them once."""
    found = [[tensor(t), tensor(p)] for t, p in data]
    if found not in DATA:
        DATA.append(found)
    return DATA.index(found)


def metric(instance, data, weights=None):
    place = 0
    for truth, prediction in data:
        weight = None if weights is None else weights[place:place + len(truth)]
        place += len(truth)
        instance.update_state(truth, prediction, sample_weight=weight)
    config = {k: (np.asarray(v).tolist() if hasattr(v, "shape") else v) for k, v in instance.get_config().items()}
    case = {
        "class_name": type(instance).__name__, "config": config,
        "data": known(data), "value": float(instance.result())}
    if weights is not None:
        case["weights"] = [float(w) for w in weights]
    return case


n = 11
w = np.round(rng.uniform(0.1, 2, n), 2)
wi = rng.integers(1, 4, n).astype("float64")
real, guess = rounded(n, 3), rounded(n, 3)
flags, chance = (rng.uniform(size=(n, 3)) > 0.5).astype("float64"), rounded(n, 3, low=0.0, high=1.0)
chance[0, 0], chance[1, 1], chance[2, 2] = 0.0, 1.0, 0.5
labels = rng.integers(0, 3, n).astype("int32")
hot = np.eye(3)[labels]
dist = np.round(rng.dirichlet([1, 1, 1], n), 3).astype("float32").astype("float64")
one_flag, one_chance = (rng.uniform(size=(n, 1)) > 0.5).astype("float64"), rounded(n, 1, low=0.0, high=1.0)
numbersb, flagsb = batches(real, guess, 7, 4), batches(flags, chance, 7, 4)
# In float32 the crossentropy of 1 is another than in float64.
inside = batches(flags, np.clip(chance, 0.125, 0.875), 7, 4)
sparseb, hotb, oneb = batches(labels, dist, 7, 4), batches(hot, dist, 7, 4), batches(one_flag, one_chance, 7, 4)
m = []
for weight in (None, w):
    for k in (M.MeanSquaredError, M.MeanAbsoluteError, M.MeanAbsolutePercentageError, M.MeanSquaredLogarithmicError,
              M.RootMeanSquaredError, M.CosineSimilarity, M.LogCoshError, M.R2Score, M.Hinge, M.SquaredHinge,
              M.PearsonCorrelation, M.ConcordanceCorrelation):
        m.append(metric(k(), numbersb, weight))
    m.append(metric(M.R2Score(class_aggregation="variance_weighted_average"), numbersb, weight))
    m.append(metric(M.R2Score(num_regressors=2), numbersb, weight))
    for k in (M.BinaryAccuracy, M.BinaryCrossentropy, M.Precision, M.Recall, M.AUC, M.TruePositives, M.TrueNegatives,
              M.FalsePositives, M.FalseNegatives):
        m.append(metric(k(), flagsb, weight))
    m += [metric(M.BinaryAccuracy(threshold=0.3), flagsb, weight), metric(M.BinaryCrossentropy(label_smoothing=0.1), inside, weight),
          metric(M.Precision(thresholds=0.3), flagsb, weight), metric(M.Recall(thresholds=0.7), flagsb, weight),
          metric(M.Precision(top_k=2), flagsb, weight), metric(M.Recall(top_k=1), flagsb, weight),
          metric(M.Precision(class_id=1), flagsb, weight), metric(M.Recall(class_id=2, top_k=2), flagsb, weight),
          metric(M.AUC(curve="PR"), flagsb, weight), metric(M.AUC(curve="PRGAIN"), flagsb, weight),
          metric(M.AUC(num_thresholds=20, summation_method="minoring"), flagsb, weight),
          metric(M.AUC(num_thresholds=20, curve="PR", summation_method="majoring"), flagsb, weight),
          metric(M.AUC(thresholds=[0.2005, 0.5505, 0.7005]), flagsb, weight),
          metric(M.AUC(num_thresholds=20, from_logits=True), batches(flags, guess, 7, 4), weight),
          metric(M.PrecisionAtRecall(0.6), flagsb, weight), metric(M.RecallAtPrecision(0.6), flagsb, weight),
          metric(M.SensitivityAtSpecificity(0.6), flagsb, weight), metric(M.SpecificityAtSensitivity(0.6), flagsb, weight),
          metric(M.SpecificityAtSensitivity(0.6, num_thresholds=1), flagsb, weight),
          metric(M.PrecisionAtRecall(0.4, class_id=1), flagsb, weight),
          metric(M.F1Score(average="macro"), hotb, weight), metric(M.F1Score(average="micro"), hotb, weight),
          metric(M.F1Score(average="weighted"), hotb, weight), metric(M.F1Score(average="macro", threshold=0.4), flagsb, weight),
          metric(M.FBetaScore(average="weighted", beta=2.0), hotb, weight),
          metric(M.CategoricalAccuracy(), hotb, weight), metric(M.SparseCategoricalAccuracy(), sparseb, weight),
          metric(M.TopKCategoricalAccuracy(k=2), hotb, weight), metric(M.SparseTopKCategoricalAccuracy(k=2), sparseb, weight),
          metric(M.CategoricalCrossentropy(), hotb, weight), metric(M.CategoricalCrossentropy(label_smoothing=0.1), hotb, weight),
          metric(M.SparseCategoricalCrossentropy(), sparseb, weight), metric(M.CategoricalHinge(), hotb, weight),
          metric(M.KLDivergence(), hotb, weight), metric(M.Poisson(), hotb, weight),
          metric(M.BinaryAccuracy(), oneb, weight), metric(M.AUC(), oneb, weight), metric(M.Precision(), oneb, weight),
          metric(M.Accuracy(), batches(labels.reshape(-1, 1).astype("float64"), rng.integers(0, 3, (n, 1)).astype("float64"), 7, 4), weight)]
whole = rng.integers(0, 3, n).astype("int32")
for weight in (None, wi):
    m += [metric(M.MeanIoU(3), batches(labels, whole, 7, 4), weight), metric(M.IoU(3, [0, 2]), batches(labels, whole, 7, 4), weight),
          metric(M.MeanIoU(3, ignore_class=1), batches(labels, whole, 7, 4), weight),
          metric(M.MeanIoU(3, sparse_y_pred=False), sparseb, weight),
          metric(M.OneHotIoU(3, [0, 1]), hotb, weight), metric(M.OneHotMeanIoU(3), hotb, weight),
          metric(M.BinaryIoU(), oneb, weight), metric(M.BinaryIoU([1], threshold=0.3), oneb, weight)]
m.append(metric(M.AUC(multi_label=True, num_thresholds=20), flagsb))
m.append(metric(M.AUC(multi_label=True, num_labels=3, label_weights=[0.2, 0.5, 0.3], curve="PR"), flagsb))
m.append(metric(M.AUC(label_weights=[0.2, 0.5, 0.3], num_thresholds=20), flagsb))
m.append(metric(M.TopKCategoricalAccuracy(k=2), batches(np.eye(4)[rng.integers(0, 4, (6, 3))], rounded(6, 3, 4), 4, 2)))
write("keras_metrics.json", {"data": DATA, "cases": m})

# Training of two outputs with weights of losses and samples, and of one with weights of classes.
inputs = [keras.Input((4,), name="a"), keras.Input((3,), name="b")]
hidden = keras.layers.Dense(5, activation="tanh", name="h")(keras.layers.Concatenate(name="c")(inputs))
both = keras.Model(inputs, [keras.layers.Dense(3, activation="softmax", name="p")(hidden),
                            keras.layers.Dense(2, name="q")(hidden)])
data = {"a": rounded(10, 4), "b": rounded(10, 3), "p": rng.integers(0, 3, 10).astype("int32"), "q": rounded(10, 2),
        "pw": rounded(10, low=0.0, high=2.0), "qw": rounded(10, low=0.0, high=2.0)}
weight_names = [w.path for w in both.weights]
start = [rounded(*w.shape, low=-0.7, high=0.7) for w in both.weights]


def fit(model, x, y, **options):
    model.set_weights(start[:len(model.weights)])
    history = model.fit(x, y, epochs=3, batch_size=4, shuffle=False, verbose=0, **options).history
    return {"history": history, "final": dict(zip([w.path for w in model.weights], map(tensor, model.get_weights())))}


both.compile(O.SGD(0.1), [L.SparseCategoricalCrossentropy(), L.MeanSquaredError()], loss_weights=[0.7, 2.0],
             metrics=[[M.SparseCategoricalAccuracy(name="right")], [M.MeanAbsoluteError(name="mae")]],
             weighted_metrics=[[M.SparseCategoricalAccuracy(name="weighted_right")], [M.MeanAbsoluteError(name="weighted_mae")]])
x, y = [data["a"], data["b"]], [data["p"], data["q"]]
weighted = fit(both, x, y, sample_weight=[data["pw"], data["qw"]])
plain = fit(both, x, y)
one = keras.Model(inputs, both.outputs[0])
one.compile(O.SGD(0.1), L.SparseCategoricalCrossentropy())
classes_weighted = fit(one, x, data["p"], class_weight={0: 0.5, 2: 3.0})
write("training.json", {
    "data": {k: tensor(v) for k, v in data.items()}, "start": dict(zip(weight_names, map(tensor, start))),
    "weighted": weighted, "plain": plain, "classes": classes_weighted})
