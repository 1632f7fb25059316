#!/usr/bin/env python3
"""Times PyTorch on the workloads in bfloat16, for scripts/compare.

usage: PLUSH_PEERS=scripts/bfloat16 scripts/compare --peers torch,torchc mlpbf16 gemmbf16

  mlpbf16   784-512-256-10, batch 128, Adam, one training step under autocast: weights in float32
  gemmbf16  2048^3 product of bfloat16 matrices
"""
import json
import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "2")
import torch
import torch.nn as nn
import torch.nn.functional as F


def timed(work, budget=8.0):
    """Median and minimum of a step in milliseconds, three warm-ups excluded."""
    for _ in range(3):
        work()
    times, start = [], time.perf_counter()
    while len(times) < 5 or (time.perf_counter() - start < budget and len(times) < 2000):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    times.sort()
    return times[len(times) // 2] * 1e3, times[0] * 1e3


def mlp(compiled):
    model = nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    x, y = torch.rand(128, 784), torch.randint(0, 10, (128,))
    optimizer = torch.optim.Adam(model.parameters())
    forward = torch.compile(model) if compiled else model

    def step():
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = forward(x)
        loss = F.cross_entropy(logits.float(), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def gemm(compiled):
    a, b = (torch.rand(2048, 2048).bfloat16() for _ in range(2))
    return lambda: a @ b


def main():
    peer, workloads = sys.argv[1], sys.argv[2:] or ["mlpbf16", "gemmbf16"]
    torch.set_num_threads(2)
    torch.manual_seed(0)
    for workload in workloads:
        make = {"mlpbf16": mlp, "gemmbf16": gemm}[workload]
        median, low = timed(make(peer == "torchc"))
        line = {"peer": peer, "workload": workload, "ms": round(median, 4), "min": round(low, 4)}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
