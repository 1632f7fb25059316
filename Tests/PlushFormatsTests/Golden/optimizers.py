"""Writes models with the state of optimizers, and their weights after one more step, with Keras:
python optimizers.py

Keras 3.9 orders the state of Nadam in another way than later versions: it writes nadam-3.9.keras.
"""

import json
import os

import keras
import numpy as np

folder = os.path.dirname(os.path.abspath(__file__))
early = tuple(map(int, keras.__version__.split(".")[:2])) < (3, 10)
random = np.random.default_rng(1)
x = random.normal(size=(6, 3)).astype("f4")
y = random.uniform(size=(6, 2)).astype("f4")


def write(name, optimizer):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="dense")])
    model.layers[0].set_weights([np.full((3, 2), 0.5, "f4"), np.zeros(2, "f4")])
    model.compile(optimizer, "mse")
    for _ in range(3):
        model.train_on_batch(x, y)
    model.save(os.path.join(folder, f"{name}.keras"))
    model.train_on_batch(x, y)
    weights = [np.asarray(a).ravel().tolist() for a in model.get_weights()]
    with open(os.path.join(folder, f"{name}.json"), "w") as file:
        json.dump({"x": x.ravel().tolist(), "y": y.ravel().tolist(), "weights": weights}, file)


if early:
    write("nadam-3.9", keras.optimizers.Nadam(0.01))
else:
    write("nadam", keras.optimizers.Nadam(0.01))
    write("adafactor", keras.optimizers.Adafactor(0.01))
