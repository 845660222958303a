"""Compiles SmolLM2-135M-Instruct from its GGUF and compares it with transformers' results in f64: greedy ids, logits
after three prompts, the likelihood of a long text, and the tokenizer on hostile text.

    check_smollm2.py SEQC SEQ_RUN GGUF DATA_FOLDER WORK_FOLDER
"""
import argparse
import json
import pathlib
import sys

import numpy as np

from check_model import Model


def check_greedy(model, cases, failures):
    for number, case in enumerate(cases):
        got = model.greedy_until_end(case["ids"], len(case["greedy_ids"]))
        if got != case["greedy_ids"][:len(got)] or len(got) < len(case["greedy_ids"]) - 1:
            failures.append(f"greedy {number}: {got}\nexpected: {case['greedy_ids']}")


def check_logits(model, cases, expected, failures):
    for number in range(3):
        ids = np.array([cases[number]["ids"]])
        error = np.abs(model.forward(ids)[0, -1] - expected[f"logits_{number}"]).max()
        print(f"logits {number}: {error:.2e}")
        if not error <= 2e-4:
            failures.append(f"logits {number}: {error:.2e} is above 2e-4")


def check_likelihood(model, expected, failures):
    ids = expected["long_ids"].reshape(-1)
    logits = model.forward(ids[None])[0].astype(np.float64)
    top = logits.max(-1)
    nll = top + np.log(np.exp(logits - top[:, None]).sum(-1))
    nll = nll[:-1] - logits[np.arange(len(ids) - 1), ids[1:]]
    error = np.abs(nll - expected["long_nll"]).max()
    print(f"long_nll: {error:.2e}")
    if not error <= 5e-4:
        failures.append(f"long_nll: {error:.2e} is above 5e-4")
    sure = expected["long_margin"] > 1e-3
    if (logits.argmax(-1) != expected["long_argmax"])[sure].any():
        failures.append("long_argmax differs")


def check_tokenizer(model, data, failures):
    got = json.loads(model.run(model.options.seq_run, model.module, f"--tokenize={data / 'tokenizer_text.txt'}"))
    if got != np.load(data / "tokenizer_ids.npy").tolist():
        failures.append("the tokenizer gives other ids")


class SmolLM2(Model):
    def greedy_until_end(self, ids, count):
        text = self.run(self.options.seq_run, self.module, "--prompt-ids=" + ",".join(map(str, ids)),
                        f"--max-tokens={count}", "--json")
        return json.loads(text)["ids"]


def main():
    arguments = argparse.ArgumentParser()
    for name in ("seqc", "seq_run"):
        arguments.add_argument(name)
    for name in ("model", "data", "work"):
        arguments.add_argument(name, type=pathlib.Path)
    options = arguments.parse_args()
    model, failures = SmolLM2(options), []
    cases, expected = json.loads((options.data / "greedy.json").read_text()), np.load(options.data / "logits.npz")
    check_tokenizer(model, options.data, failures)
    check_logits(model, cases, expected, failures)
    check_greedy(model, cases, failures)
    check_likelihood(model, expected, failures)
    sys.exit("\n".join(failures) if failures else 0)


if __name__ == "__main__":
    main()
