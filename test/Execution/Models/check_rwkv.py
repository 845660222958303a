"""Compiles a published RWKV model and compares its logits after the bytes `"in` with the published ones, through
forward, prefill and steps.

    check_rwkv.py SEQC SEQ_RUN MODEL_FOLDER WORK_FOLDER
"""
import argparse
import pathlib
import sys

import numpy as np

from check_model import Model, check, relative_error


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("seqc")
    arguments.add_argument("seq_run")
    arguments.add_argument("model", type=pathlib.Path)
    arguments.add_argument("work", type=pathlib.Path)
    options = arguments.parse_args()
    model, failures = Model(options), []
    expected = np.load(options.model / "expected_logits_after_quote_i_n.npy").astype(np.float64)
    ids = np.frombuffer(b'"in', np.uint8)[None].astype(np.int32)
    check("forward", np.abs(model.forward(ids)[0, -1] - expected).max(), 1e-4, failures)
    for lengths in ([3], [1, 1, 1], [2, 1], [1, 2]):
        check(f"split {lengths}", np.abs(model.split(ids, lengths)[-1, 0] - expected).max(), 1e-4, failures)
    text = np.frombuffer(b'"input": "", "output": "The statement and control of th', np.uint8)[None].astype(np.int32)
    whole = model.forward(text).astype(np.float64)
    for lengths in ([1] * text.shape[1], [7, 1, 20, text.shape[1] - 28]):
        ends = np.cumsum(lengths) - 1
        check(f"long split {lengths[:3]}", relative_error(model.split(text, lengths), whole[:, ends].swapaxes(0, 1)),
              1e-4, failures)
    sys.exit("\n".join(failures) if failures else 0)


if __name__ == "__main__":
    main()
