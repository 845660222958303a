"""SmolLM2-135M beside llama.cpp: a prompt of 512 tokens, then 128 generated ones, on the same GGUF with the same
threads, in turn in one run. Prints medians in tokens a second, their ratio, and the memory bandwidth that a step in
the middle of the generated text reaches, beside the machine's (seq-bench measures both). llama.cpp comes from the
package llama-cpp-python (build it with CMAKE_ARGS=-DGGML_NATIVE=ON).

    python3 bench/smollm2.py [--python PYTHON_WITH_LLAMA_CPP] [--rounds 7] [--threads 2]
"""
import argparse
import json
import pathlib
import random
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROMPT, GENERATED, VOCABULARY = 512, 128, 49152

# Runs beside this script under the interpreter that has llama_cpp: one JSON line a round.
LLAMA = """
import json, sys, time
from llama_cpp import Llama
model, threads, count, ids = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4])
llama = Llama(model, n_ctx=2048, n_batch=512, n_ubatch=512, n_threads=threads, n_threads_batch=threads, flash_attn=True, verbose=False)
llama.eval(ids)
for line in sys.stdin:
    llama.reset()
    start = time.perf_counter()
    llama.eval(ids)
    middle = time.perf_counter()
    for i in range(count):
        llama.eval([ids[i]])
    end = time.perf_counter()
    print(json.dumps({"prompt_seconds": middle - start, "generate_seconds": end - middle}), flush=True)
"""


def run_seqc(module, ids, threads):
    command = [ROOT / "build/release/bin/seq-run", module, "--prompt-ids=" + ",".join(map(str, ids)),
               f"--max-tokens={GENERATED + 1}", "--ignore-eos", f"--threads={threads}", "--json"]
    return json.loads(subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout)


def run_step(module, threads):
    """GB/s of a step, and of the machine."""
    command = [ROOT / "build/release/bin/seq-bench", module, f"--depth={PROMPT + GENERATED // 2}", f"--threads={threads}"]
    text = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    found = re.search(r"([0-9.]+) GB/s .* read bandwidth \(([0-9.]+)\)", text)
    return float(found[1]), float(found[2])


def rates(results, generated):
    prompt = [PROMPT / r["prompt_seconds"] for r in results]
    generate = [generated / r["generate_seconds"] for r in results]
    return statistics.median(prompt), statistics.median(generate)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--python", help="an interpreter that has llama_cpp; without it only seqc is timed")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--threads", type=int, default=2)
    options = arguments.parse_args()
    model = ROOT / ".cache/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
    module = model.with_name("SmolLM2-135M-Instruct.seqm")
    if not module.exists():
        sys.exit("run examples/smollm2 first: it builds seqc, fetches the model and compiles it")
    ids = [random.Random(0).randrange(17, VOCABULARY) for _ in range(PROMPT)]
    peer = None
    if options.python:
        peer = subprocess.Popen([options.python, "-c", LLAMA, model, str(options.threads), str(GENERATED), json.dumps(ids)],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ours, theirs, steps = [], [], []
    for _ in range(options.rounds):
        ours.append(run_seqc(module, ids, options.threads))
        if peer:
            peer.stdin.write("\n")
            peer.stdin.flush()
            theirs.append(json.loads(peer.stdout.readline()))
        steps.append(run_step(module, options.threads))
    prompt, generate = rates(ours, ours[0]["generated_tokens"] - 1)
    reached, peak = (statistics.median(values) for values in zip(*steps))
    print(f"seqc       prompt {prompt:7.1f} tokens/s   generation {generate:7.1f} tokens/s   "
          f"(a step reads {reached:.1f} GB/s, the machine {peak:.1f})")
    print(f"seqc       load {1e3 * statistics.median(r['load_seconds'] for r in ours):.1f} ms   "
          f"peak {max(r['peak_rss_bytes'] for r in ours) / 1e6:.0f} MB")
    if peer:
        peer.stdin.close()
        peer_prompt, peer_generate = rates(theirs, GENERATED)
        print(f"llama.cpp  prompt {peer_prompt:7.1f} tokens/s   generation {peer_generate:7.1f} tokens/s")
        print(f"ratio      prompt {prompt / peer_prompt:7.2f}            generation {generate / peer_generate:7.2f}")


if __name__ == "__main__":
    main()
