"""Checks what seq-run prints for SmolLM2 against published greedy texts.

    check_generation.py SEQ_RUN MODULE DATA_FOLDER WORK_FOLDER
"""
import json
import pathlib
import re
import subprocess
import sys

KEYS = {"ids", "text", "prompt_tokens", "prompt_seconds", "generated_tokens", "generate_seconds", "load_seconds",
        "peak_rss_bytes"}
CHAT = re.compile(r"<\|im_start\|>user\n(.*)<\|im_end\|>\n<\|im_start\|>assistant\n$", re.S)


class SeqRun:
    def __init__(self, program, module):
        self.command = [program, module]

    def run(self, *arguments):
        done = subprocess.run([*self.command, *arguments], capture_output=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{arguments}: {done.stderr.decode()}")
        return done.stdout.decode(), done.stderr.decode()

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json")[0])


def check_published(seq_run, cases):
    for case in cases:
        got = seq_run.json(f"--prompt={case['prompt']}", "--max-tokens=64")
        assert set(got) == KEYS, got
        assert got["ids"] == case["greedy_ids"], (case["prompt"], got["ids"])
        assert got["text"] == case["greedy_text"], got["text"]
        assert got["prompt_tokens"] == len(case["ids"])
        ids = ",".join(map(str, case["ids"]))
        assert seq_run.json(f"--prompt-ids={ids}", "--max-tokens=64")["ids"] == case["greedy_ids"]
        # The same prompt in small pieces, the last of one token.
        assert seq_run.json(f"--prompt-ids={ids}", "--max-tokens=8", "--prefill-chunk=4")["ids"] == case["greedy_ids"][:8]


def check_text(seq_run, cases):
    """Standard output has the text without the tokens that end it, standard error the speed."""
    chats = 0
    for case in cases:
        want = case["greedy_text"].removesuffix("<|im_end|>") + "\n"
        out, err = seq_run.run(f"--prompt={case['prompt']}", "--max-tokens=64")
        assert out == want, out
        assert re.match(r"load [\d.]+ ms; prompt \d+ tokens in [\d.]+ ms \([\d.]+ tokens/s\); generated ", err), err
        question = CHAT.search(case["prompt"])
        if question:
            assert seq_run.run("--chat", f"--prompt={question[1]}", "--max-tokens=64")[0] == want
            chats += 1
    assert chats >= 2


def check_states(seq_run, cases, work):
    case, state = cases[0], f"--save-state={work / 'state'}"
    seq_run.run("--prompt-ids=" + ",".join(map(str, case["ids"][:-1])), "--max-tokens=0", state)
    rest = seq_run.json(f"--prompt-ids={case['ids'][-1]}", f"--load-state={work / 'state'}", "--max-tokens=64")
    assert rest["ids"] == case["greedy_ids"], rest["ids"]


def check_sampling(seq_run):
    def draw(seed, *more):
        return seq_run.json("--prompt=Once upon a time", "--max-tokens=24", f"--seed={seed}", "--temperature=1", *more)["ids"]
    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    greedy = seq_run.json("--prompt=Once upon a time", "--max-tokens=24")["ids"]
    assert draw(1, "--top-k=1") == greedy
    assert draw(1, "--top-p=1e-9") == greedy
    assert draw(3, "--top-k=40", "--top-p=0.9") != greedy


def check_memory(seq_run, module):
    """The mapped file, the states (f32 keys and values of 3 heads of 64 in 30 layers) and 64 MB."""
    tokens = 2000
    ids = ",".join(str(17 + 7 * i) for i in range(tokens))
    peak = seq_run.json(f"--prompt-ids={ids}", "--max-tokens=2")["peak_rss_bytes"]
    limit = module.stat().st_size + tokens * 30 * 2 * 3 * 64 * 4 + 64e6
    assert peak <= limit, f"{peak / 1e6:.0f} MB, allowed are {limit / 1e6:.0f}"


def check_context(seq_run):
    done = subprocess.run([*seq_run.command, "--prompt=a", "--max-tokens=9000"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("seq-run: error: the context holds 8192 tokens; the prompt (1) and"), done.stderr
    assert done.stderr.count("\n") == 1


def main():
    program, module, data, work = (pathlib.Path(argument) for argument in sys.argv[1:5])
    seq_run, cases = SeqRun(program, module), json.loads((data / "greedy.json").read_text())
    check_published(seq_run, cases)
    check_text(seq_run, cases)
    check_states(seq_run, cases, work)
    check_sampling(seq_run)
    check_memory(seq_run, module)
    check_context(seq_run)


if __name__ == "__main__":
    main()
