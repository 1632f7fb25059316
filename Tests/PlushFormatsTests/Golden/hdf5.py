"""Writes the small HDF5 files of the tests with h5py: python hdf5.py"""

import os

import h5py
import numpy as np

folder = os.path.dirname(os.path.abspath(__file__))


def write(name, **options):
    with h5py.File(os.path.join(folder, name), "w", **options) as file:
        file.attrs["text"] = "grüße"
        file.attrs["texts"] = ["one", "two", "three"]
        file.attrs["fixed"] = np.array([b"ab", b"c"])
        file.attrs["numbers"] = np.array([1.5, -2], dtype="<f4")
        values = np.arange(60, dtype="<f4").reshape(5, 4, 3)
        file["plain"] = values
        file["big"] = np.arange(6, dtype=">i8").reshape(2, 3)
        file["half"] = np.array([0.5, -1], dtype="<f2")
        file["truth"] = np.array([True, False, True])
        file["scalar"] = np.float64(2.5)
        file["empty"] = np.zeros((0, 3), dtype="<f4")
        file.create_dataset("chunked", data=values, chunks=(2, 3, 2))
        file.create_dataset(
            "packed", data=values, chunks=(2, 4, 2), compression="gzip", shuffle=True,
            fletcher32=True)
        file.create_dataset("filled", (3, 2), dtype="<f4", chunks=(2, 2), fillvalue=7)
        file.create_dataset("single", data=values, chunks=values.shape, compression="gzip")
        many = file.create_group("many")
        for number in range(40):
            many[f"array_{number}"] = np.array([number], dtype="<i4")
        deep = many.create_group("deep")
        for number in range(20):
            deep.attrs[f"attribute_{number}"] = number


write("old.h5")
write("new.h5", libver="latest")
