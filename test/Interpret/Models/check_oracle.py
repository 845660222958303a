"""Imports a model, runs it on the oracle, and compares it with the results that its own library computed in f64.

    check_oracle.py SEQC SEQ_OPT MODEL_FOLDER WORK_FOLDER [LOGITS]

Compared are the logits of forward, and those of the derived prefill and step over pieces of the sequence with the
states threaded from call to call. Errors are relative to the largest logit. The reference models' values were computed
in f64 and stored in f32 (LOGITS names them where a model has several forms); those of the RWKV folders were published in
f32, for the last of three tokens.
"""
import json
import pathlib
import subprocess
import sys

import numpy as np

TYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64}


def read_safetensors(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    tensors = {}
    for name, info in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = (8 + size + offset for offset in info["data_offsets"])
            tensors[name] = np.frombuffer(data[begin:end], TYPES[info["dtype"]]).reshape(info["shape"])
    return tensors


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


class Oracle:
    def __init__(self, seqc, seq_opt, model, work):
        self.seq_opt, self.work = seq_opt, work
        work.mkdir(parents=True, exist_ok=True)
        self.module = work / "model.mlir"
        run(seqc, model, "--until=import", "-o", work / "import.mlir")
        run(seq_opt, work / "import.mlir", "--seq-derive-steps", "-o", self.module)

    def call(self, function, ids, states=""):
        np.save(self.work / "ids.npy", ids)
        options = f"function={function} inputs={self.work / 'ids.npy'} outputs={self.work / 'out.npy'} {states}"
        run(self.seq_opt, self.module, f"--seq-interpret={options}", "-o", "/dev/null")
        return np.load(self.work / "out.npy")

    def pieces(self, ids, lengths):
        """The logits after each piece, by prefill (by step where a piece is one token)."""
        results, begin = [], 0
        prefix = self.work / "state."
        for length in lengths:
            load = f"load-states={prefix} " if begin else ""
            function = "step" if length == 1 else "prefill"
            results.append(self.call(function, ids[:, begin:begin + length], f"{load}save-states={prefix}"))
            begin += length
        return np.stack(results, 1)


class Expected:
    """Ids [B,T], the logits known of their last positions [B,n,V], and what the errors may be."""

    def __init__(self, model, logits):
        if (model / "expected.safetensors").exists():
            tensors = read_safetensors(model / "expected.safetensors")
            self.ids, self.logits, self.tolerance = tensors["input_ids"], tensors[logits], 1e-6
        else:
            self.ids = np.array([list(b'"in')])
            self.logits = np.load(model / "expected_logits_after_quote_i_n.npy").reshape(1, 1, -1)
            self.tolerance = 1e-5

    def compare(self, what, actual, positions):
        """Whether logits [B,n,V] at these positions agree with those known; at least one is."""
        first = self.ids.shape[1] - self.logits.shape[1]
        known = [n for n, position in enumerate(positions) if position >= first]
        want = self.logits[:, [positions[n] - first for n in known]]
        error = np.abs(actual[:, known] - want).max() / max(1.0, np.abs(self.logits).max())
        print(f"{what}: {error:.2e}")
        return error <= self.tolerance


def main():
    seqc, seq_opt, model, work = map(pathlib.Path, sys.argv[1:5])
    expected = Expected(model, sys.argv[5] if len(sys.argv) > 5 else "logits")
    ids, time = expected.ids, expected.ids.shape[1]
    oracle = Oracle(seqc, seq_opt, model, work)
    held = [expected.compare("forward", oracle.call("forward", ids), range(time))]
    for lengths in ([time], [1] * time if time < 5 else [5, 1, 1, time - 7], [2, time - 2]):
        ends = np.cumsum(lengths) - 1
        held.append(expected.compare(f"pieces {lengths}", oracle.pieces(ids, lengths), ends))
    sys.exit(not all(held))


if __name__ == "__main__":
    main()
